package sluice

import (
	"context"
	"errors"
	"math"
	"slices"
	"testing"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	sluicev1 "github.com/sluicedb/sluice/clients/go/gen/sluice/v1"
)

// inserted is the request that an insert sends.
func inserted(t *testing.T, rows any, options ...WriteOption) (*sluicev1.InsertRowsRequest, error) {
	t.Helper()
	var request *sluicev1.InsertRowsRequest
	fake := &fakeServer{insertRows: func(r *sluicev1.InsertRowsRequest) (*sluicev1.InsertRowsResponse, error) {
		request = r
		return &sluicev1.InsertRowsResponse{InsertedCount: 1, Keys: []string{"1"}, CommitToken: "c"}, nil
	}}
	result, err := serve(t, fake).Database("d").Insert(context.Background(), "t", rows, options...)
	if err == nil && (result.Inserted != 1 || !slices.Equal(result.Keys, []string{"1"}) || result.CommitToken != "c") {
		t.Errorf("got %+v", result)
	}
	return request, err
}

func TestRowsOfEveryFormBecomeTheSameRequest(t *testing.T) {
	type unit struct {
		Code int
		Name string
	}
	want := &sluicev1.InsertRowsRequest{Database: "d", Table: "t", Columns: []string{"code", "name"},
		Rows: []*sluicev1.Row{protoRow(t, 1, "smoot")}}
	for _, rows := range []any{
		Batch{Columns: []string{"code", "name"}, Rows: [][]any{{1, "smoot"}}},
		[]map[string]any{{"name": "smoot", "code": 1}}, map[string]any{"name": "smoot", "code": 1},
		[]unit{{1, "smoot"}}, []*unit{{1, "smoot"}}, unit{1, "smoot"}, &unit{1, "smoot"}, []any{unit{1, "smoot"}},
	} {
		got, err := inserted(t, rows)
		if err != nil || !proto.Equal(got, want) {
			t.Errorf("%#v became %v, %v", rows, got, err)
		}
	}
}

func TestRowsWithDifferentColumnsGoAsObjects(t *testing.T) {
	got, err := inserted(t, []map[string]any{
		{"i": int64(math.MaxInt64), "r": 2.0, "n": nil},
		{"t": "Infinity", "b": []byte{0xDE, 0xAD}, "w": RawText("\xff"), "p": math.Inf(1), "m": math.Inf(-1)},
	})
	if err != nil || len(got.GetRows()) != 0 || len(got.GetColumns()) != 0 || len(got.GetObjects()) != 2 {
		t.Fatalf("got %v, %v", got, err)
	}
	for i, want := range []string{
		`{"objects":[{"i":{"$integer":"9223372036854775807"},"r":{"$real":2},"n":null}]}`,
		`{"objects":[{"t":{"$text":"Infinity"},"b":{"$base64":true,"encoded":"3q0="},"w":{"$raw_text":"/w=="},"p":"Infinity","m":"-Infinity"}]}`,
	} {
		expected := &sluicev1.InsertRowsRequest{}
		if err := protojson.Unmarshal([]byte(want), expected); err != nil {
			t.Fatal(err)
		}
		if !proto.Equal(got.GetObjects()[i], expected.GetObjects()[0]) {
			t.Errorf("row %d is %v, want %v", i, got.GetObjects()[i], expected.GetObjects()[0])
		}
	}
	if _, err := inserted(t, []map[string]any{{"a": make(chan int)}, {}}); err == nil {
		t.Error("a channel was put into JSON")
	}
}

func TestWhatIsNotRowsIsRefusedBeforeItIsSent(t *testing.T) {
	for _, rows := range []any{nil, 1, "x", []int{1}, (*struct{})(nil), []any{nil}, []any{struct{ A int }{}, struct{ B int }{}},
		map[string]any{"a": struct{}{}}, Batch{Columns: []string{"a"}, Rows: [][]any{{make(chan int)}}}} {
		if request, err := inserted(t, rows); err == nil || request != nil {
			t.Errorf("%#v was sent as %v", rows, request)
		}
	}
}

func TestNoRowsAreTheServersToAnswer(t *testing.T) {
	for _, rows := range []any{[]map[string]any{}, Batch{}, []struct{ A int }{}} {
		if got, err := inserted(t, rows); err != nil || len(got.GetRows()) != 0 {
			t.Errorf("%#v became %v, %v", rows, got, err)
		}
	}
}

func TestRowsOfDefaultsGiveNoColumns(t *testing.T) {
	got, err := inserted(t, []map[string]any{{}, {}})
	if err != nil || len(got.GetColumns()) != 0 || len(got.GetRows()) != 2 {
		t.Errorf("got %v, %v", got, err)
	}
}

func TestInsertAsksForWhatItsOptionsSay(t *testing.T) {
	none, _ := inserted(t, Batch{}, ReturnNone())
	rows, _ := inserted(t, Batch{}, ReturnRows())
	if none.GetReturn() != sluicev1.Return_RETURN_NONE || rows.GetReturn() != sluicev1.Return_RETURN_ROWS {
		t.Errorf("got %v and %v", none, rows)
	}
}

func TestARowOfABatchHasAValueForEachColumn(t *testing.T) {
	for _, row := range [][]any{{1}, {1, 2, 3}} {
		batch := Batch{Columns: []string{"id", "b"}, Rows: [][]any{row}}
		db := serve(t, &fakeServer{}).Database("d")
		var refused *Error
		if _, err := db.Update(context.Background(), "t", batch); err == nil || errors.As(err, &refused) {
			t.Errorf("the update of %v gave %v", row, err)
		}
		table := &sluicev1.CreateTableRequest{Table: "t"}
		if _, err := db.CreateTable(context.Background(), table, batch); err == nil || errors.As(err, &refused) {
			t.Errorf("the table of %v gave %v", row, err)
		}
	}
}
