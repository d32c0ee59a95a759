package sluice

import (
	"fmt"
	"iter"
	"reflect"
)

// scanner is sql.Scanner, which sql.Null and many types implement.
type scanner interface{ Scan(source any) error }

// Scan copies the values into what dest points to, one for each column. Each must hold the value exactly: *int64 and
// the other integers take an INTEGER in their range, *float64 a REAL or an INTEGER that is exact (*float32 rounds), *string a text,
// *[]byte a blob, *RawText any text, *bool the integers 0 and 1, *any everything; **T takes NULL as nil, and a type
// with a Scan method such as sql.Null decides for itself.
func (r Row) Scan(dest ...any) error {
	if len(dest) != len(r.values) {
		return fmt.Errorf("sluice: Scan into %d places for %d columns", len(dest), len(r.values))
	}
	for i, place := range dest {
		pointer := reflect.ValueOf(place)
		if pointer.Kind() != reflect.Pointer || pointer.IsNil() {
			return fmt.Errorf("sluice: Scan needs pointers, place %d is a %T", i, place)
		}
		if err := r.scanColumn(i, pointer.Elem()); err != nil {
			return err
		}
	}
	return nil
}

// Struct makes a T of a row: each column goes, by the rules of [Row.Scan], into the field that has its name as
// `sluice:"name"` tag or in snake case (AuthName for auth_name). A column without a field is an error, a field without
// a column stays zero.
func Struct[T any](row Row) (T, error) {
	var result T
	value := reflect.ValueOf(&result).Elem()
	if value.Kind() != reflect.Struct {
		return result, fmt.Errorf("sluice: %s is not a struct", value.Type())
	}
	fields := fieldsOf(value.Type())
	for i, column := range row.Columns() {
		field, ok := fields.find(column.Name)
		if !ok {
			return result, fmt.Errorf("sluice: %s has no field for column %q", value.Type(), column.Name)
		}
		if err := row.scanColumn(i, value.FieldByIndex(field.index)); err != nil {
			return result, err
		}
	}
	return result, nil
}

// Structs makes a []T of all rows, with [Struct].
func Structs[T any](rows iter.Seq2[Row, error]) ([]T, error) {
	var result []T
	for row, err := range rows {
		if err != nil {
			return nil, err
		}
		item, err := Struct[T](row)
		if err != nil {
			return nil, err
		}
		result = append(result, item)
	}
	return result, nil
}

func (r Row) scanColumn(i int, place reflect.Value) error {
	if err := assign(place, r.values[i]); err != nil {
		return fmt.Errorf("sluice: column %q: %w", r.header.columns[i].Name, err)
	}
	return nil
}

// assign stores a value of SQLite in a place of any type, or says why it does not fit.
func assign(place reflect.Value, value any) error {
	if place.CanAddr() {
		if own, ok := place.Addr().Interface().(scanner); ok {
			return own.Scan(value)
		}
	}
	switch {
	case place.Kind() == reflect.Interface && place.NumMethod() == 0:
		place.Set(reflect.Zero(place.Type()))
		if value != nil {
			place.Set(reflect.ValueOf(value))
		}
		return nil
	case place.Kind() == reflect.Pointer:
		return assignPointer(place, value)
	}
	fits := false
	switch v := value.(type) {
	case int64:
		fits = assignInteger(place, v)
	case float64:
		fits = place.CanFloat() && !place.OverflowFloat(v)
		if fits {
			place.SetFloat(v)
		}
	case string:
		fits = assignText(place, v)
	case []byte:
		fits = isBytes(place) && place.Type() != reflect.TypeFor[RawText]()
		if fits {
			place.SetBytes(v)
		}
	case RawText:
		fits = place.Type() == reflect.TypeFor[RawText]()
		if fits {
			place.SetBytes(v)
		}
	}
	if !fits {
		return fmt.Errorf("%s does not fit a %s", describe(value), place.Type())
	}
	return nil
}

func assignPointer(place reflect.Value, value any) error {
	if value == nil {
		place.SetZero()
		return nil
	}
	target := reflect.New(place.Type().Elem())
	if err := assign(target.Elem(), value); err != nil {
		return err
	}
	place.Set(target)
	return nil
}

func assignInteger(place reflect.Value, v int64) bool {
	switch {
	case place.CanInt() && !place.OverflowInt(v):
		place.SetInt(v)
	case place.CanUint() && v >= 0 && !place.OverflowUint(uint64(v)):
		place.SetUint(uint64(v))
	case place.Kind() == reflect.Float64 && isExact(v):
		place.SetFloat(float64(v))
	case place.Kind() == reflect.Bool && (v == 0 || v == 1):
		place.SetBool(v == 1)
	default:
		return false
	}
	return true
}

func isExact(v int64) bool {
	const limit = 1 << 53
	return -limit <= v && v <= limit
}

func assignText(place reflect.Value, v string) bool {
	switch {
	case place.Kind() == reflect.String:
		place.SetString(v)
	case place.Type() == reflect.TypeFor[RawText]():
		place.SetBytes([]byte(v))
	default:
		return false
	}
	return true
}

func isBytes(place reflect.Value) bool {
	return place.Kind() == reflect.Slice && place.Type().Elem().Kind() == reflect.Uint8
}

// describe names a value's storage class; the value itself stays out of messages.
func describe(value any) string {
	switch value.(type) {
	case nil:
		return "NULL"
	case int64:
		return "this INTEGER"
	case float64:
		return "a REAL"
	case string:
		return "a TEXT"
	case RawText:
		return "a TEXT that is not UTF-8"
	}
	return "a BLOB"
}
