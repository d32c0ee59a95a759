package sluice

import (
	"database/sql"
	"math"
	"reflect"
	"strings"
	"testing"

	sluicev1 "github.com/sluicedb/sluice/clients/go/gen/sluice/v1"
)

func TestValuesComeBackWithTheirStorageClass(t *testing.T) {
	for _, v := range []any{
		nil, int64(math.MaxInt64), int64(math.MinInt64), 1.5, math.Inf(-1), "", "a\x00b", "😀",
		[]byte{}, []byte{0, 255}, RawText("\xff\xfe"),
	} {
		got, err := fromProto(value(t, v))
		if err != nil || !reflect.DeepEqual(got, v) {
			t.Errorf("%#v came back as %#v, %v", v, got, err)
		}
	}
	negativeZero, _ := fromProto(value(t, math.Copysign(0, -1)))
	if !math.Signbit(negativeZero.(float64)) {
		t.Error("-0.0 lost its sign")
	}
}

func TestGoTypesBecomeTheValuesTheyStandFor(t *testing.T) {
	type code string
	seven := 7
	tests := []struct{ in, want any }{
		{int8(-8), int64(-8)}, {uint32(32), int64(32)}, {true, int64(1)}, {false, int64(0)}, {float32(0.5), 0.5},
		{code("EPSG"), "EPSG"}, {&seven, int64(7)}, {(*int)(nil), nil}, {[]byte(nil), nil}, {"\xff", RawText("\xff")},
		{sql.Null[string]{V: "x", Valid: true}, "x"}, {sql.Null[string]{}, nil}, {sql.NullInt32{Int32: 3, Valid: true}, int64(3)},
	}
	for _, test := range tests {
		got, err := fromProto(value(t, test.in))
		if err != nil || !reflect.DeepEqual(got, test.want) {
			t.Errorf("%#v became %#v, %v; want %#v", test.in, got, err, test.want)
		}
	}
}

func TestAValueWithoutAKindIsAnError(t *testing.T) {
	if got, err := fromProto(&sluicev1.Value{}); err == nil {
		t.Errorf("got %#v", got)
	}
}

func testRow(t *testing.T, columns string, values ...any) Row {
	t.Helper()
	row, err := newHeader(protoColumns(strings.Fields(columns)...)).row(protoRow(t, values...))
	if err != nil {
		t.Fatal(err)
	}
	return row
}

func TestScanFillsPlacesThatHoldTheValuesExactly(t *testing.T) {
	var (
		i8    int8
		u     uint
		f     float64
		s     string
		blob  []byte
		raw   RawText
		yes   bool
		any_  any
		null  *string
		there *string
		maybe sql.Null[int64]
	)
	row := testRow(t, "a b c d e f g h i j k", -8, 9, 10, "text", []byte("blob"), RawText("\xff"), 1, 2.5, nil, "x", nil)
	if err := row.Scan(&i8, &u, &f, &s, &blob, &raw, &yes, &any_, &null, &there, &maybe); err != nil {
		t.Fatal(err)
	}
	if i8 != -8 || u != 9 || f != 10 || s != "text" || string(blob) != "blob" || string(raw) != "\xff" || !yes ||
		any_ != 2.5 || null != nil || *there != "x" || maybe.Valid {
		t.Error(i8, u, f, s, blob, raw, yes, any_, null, *there, maybe)
	}
}

func TestScanRefusesWhatDoesNotFit(t *testing.T) {
	tests := []struct{ value, place any }{
		{300, new(int8)}, {-1, new(uint)}, {int64(1)<<53 + 1, new(float64)}, {2, new(bool)}, {1.5, new(int)},
		{nil, new(string)}, {nil, new(int)}, {"x", new([]byte)}, {[]byte("x"), new(string)}, {[]byte("x"), new(RawText)},
		{RawText("\xff"), new(string)}, {"1", new(int)}, {1, new(string)}, {1, "not a pointer"}, {1, (*int)(nil)},
	}
	for _, test := range tests {
		if err := testRow(t, "c", test.value).Scan(test.place); err == nil {
			t.Errorf("%#v was taken by a %T", test.value, test.place)
		}
	}
	if err := testRow(t, "a b", 1, 2).Scan(new(int)); err == nil {
		t.Error("two columns were taken by one place")
	}
}

func TestStructTakesColumnsByTagAndSnakeCase(t *testing.T) {
	type Names struct{ AuthName string }
	type unit struct {
		Names
		Number int64 `sluice:"code"`
		Factor *float64
		Other  string
		Skip   string `sluice:"-"`
	}
	got, err := Struct[unit](testRow(t, "auth_name Code factor", "MINE", 1, nil))
	if err != nil || got != (unit{Names: Names{"MINE"}, Number: 1}) {
		t.Errorf("got %+v, %v", got, err)
	}
	for _, column := range []string{"unknown", "skip", "number"} {
		if _, err := Struct[unit](testRow(t, column, 1)); err == nil {
			t.Errorf("column %s found a field", column)
		}
	}
	if _, err := Struct[int](testRow(t, "a", 1)); err == nil {
		t.Error("an int was taken for a struct")
	}
}

func TestSnakeCaseKeepsAbbreviationsTogether(t *testing.T) {
	for name, want := range map[string]string{
		"AuthName": "auth_name", "ID": "id", "HTTPCode": "http_code", "CodeID": "code_id", "A1B": "a1_b", "Conv_Factor": "conv_factor",
	} {
		if got := snakeCase(name); got != want {
			t.Errorf("snakeCase(%q) = %q, want %q", name, got, want)
		}
	}
}
