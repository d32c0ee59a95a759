package sluice

import (
	"database/sql/driver"
	"errors"
	"fmt"
	"math"
	"reflect"
	"unicode/utf8"

	"google.golang.org/protobuf/types/known/structpb"

	sluicev1 "github.com/sluicedb/sluice/clients/go/gen/sluice/v1"
)

// RawText is TEXT that is not valid UTF-8, byte for byte. Results hold it only for such texts; in a request it may
// hold any text.
type RawText []byte

// toProto makes a Value of a Go value: nil, any integer, float, string, []byte, RawText or bool (1 and 0), a pointer to
// one (nil is NULL), a type of such a kind, or a driver.Valuer such as sql.Null. A nil []byte is NULL, as in
// database/sql, and a string that is not valid UTF-8 goes as RawText.
func toProto(value any) (*sluicev1.Value, error) {
	switch v := value.(type) {
	case nil:
		return &sluicev1.Value{Kind: &sluicev1.Value_Null{}}, nil
	case int64:
		return integerValue(v), nil
	case int:
		return integerValue(int64(v)), nil
	case float64:
		return &sluicev1.Value{Kind: &sluicev1.Value_Real{Real: v}}, nil
	case string:
		return textValue(v), nil
	case []byte:
		if v == nil {
			return toProto(nil)
		}
		return &sluicev1.Value{Kind: &sluicev1.Value_Blob{Blob: v}}, nil
	case RawText:
		return &sluicev1.Value{Kind: &sluicev1.Value_RawText{RawText: v}}, nil
	case driver.Valuer:
		return fromValuer(v)
	}
	return fromKind(reflect.ValueOf(value))
}

func integerValue(v int64) *sluicev1.Value {
	return &sluicev1.Value{Kind: &sluicev1.Value_Integer{Integer: v}}
}

func textValue(v string) *sluicev1.Value {
	if !utf8.ValidString(v) {
		return &sluicev1.Value{Kind: &sluicev1.Value_RawText{RawText: []byte(v)}}
	}
	return &sluicev1.Value{Kind: &sluicev1.Value_Text{Text: v}}
}

func fromValuer(v driver.Valuer) (*sluicev1.Value, error) {
	if r := reflect.ValueOf(v); r.Kind() == reflect.Pointer && r.IsNil() {
		return toProto(nil)
	}
	inner, err := v.Value()
	if err != nil {
		return nil, err
	}
	if _, ok := inner.(driver.Valuer); ok {
		return nil, fmt.Errorf("sluice: %T gives another driver.Valuer as its value", v)
	}
	return toProto(inner)
}

func fromKind(v reflect.Value) (*sluicev1.Value, error) {
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() {
			return toProto(nil)
		}
		return toProto(v.Elem().Interface())
	case reflect.Bool:
		if v.Bool() {
			return integerValue(1), nil
		}
		return integerValue(0), nil
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return integerValue(v.Int()), nil
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		if v.Uint() > math.MaxInt64 {
			return nil, fmt.Errorf("sluice: %d is beyond SQLite's integers", v.Uint())
		}
		return integerValue(int64(v.Uint())), nil
	case reflect.Float32, reflect.Float64:
		return toProto(v.Float())
	case reflect.String:
		return toProto(v.String())
	case reflect.Slice:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			return toProto(v.Bytes())
		}
	}
	return nil, fmt.Errorf("sluice: SQLite has no value for a %s", v.Type())
}

func fromProto(value *sluicev1.Value) (any, error) {
	switch kind := value.GetKind().(type) {
	case *sluicev1.Value_Null:
		return nil, nil
	case *sluicev1.Value_Integer:
		return kind.Integer, nil
	case *sluicev1.Value_Real:
		return kind.Real, nil
	case *sluicev1.Value_Text:
		return kind.Text, nil
	case *sluicev1.Value_Blob:
		if kind.Blob == nil { // An empty blob is not NULL.
			return []byte{}, nil
		}
		return kind.Blob, nil
	case *sluicev1.Value_RawText:
		return RawText(kind.RawText), nil
	}
	return nil, errors.New("sluice: the server sent a value of a kind that this client does not know")
}

// toNatural makes a value in natural JSON, tagged wherever a plain JSON value would mean something else.
func toNatural(value *sluicev1.Value) *structpb.Value {
	switch kind := value.GetKind().(type) {
	case *sluicev1.Value_Null:
		return structpb.NewNullValue()
	case *sluicev1.Value_Integer:
		return tagged("$integer", structpb.NewStringValue(fmt.Sprint(kind.Integer)))
	case *sluicev1.Value_Real:
		if math.IsInf(kind.Real, 0) {
			return structpb.NewStringValue(map[bool]string{true: "Infinity", false: "-Infinity"}[kind.Real > 0])
		}
		return tagged("$real", structpb.NewNumberValue(kind.Real))
	case *sluicev1.Value_Text:
		return tagged("$text", structpb.NewStringValue(kind.Text))
	case *sluicev1.Value_Blob:
		return structpb.NewStructValue(&structpb.Struct{Fields: map[string]*structpb.Value{
			"$base64": structpb.NewBoolValue(true),
			"encoded": structpb.NewStringValue(base64Text(kind.Blob)),
		}})
	}
	return tagged("$raw_text", structpb.NewStringValue(base64Text(value.GetRawText())))
}

func tagged(tag string, value *structpb.Value) *structpb.Value {
	return structpb.NewStructValue(&structpb.Struct{Fields: map[string]*structpb.Value{tag: value}})
}
