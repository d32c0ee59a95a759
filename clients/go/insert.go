package sluice

import (
	"encoding/base64"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"

	"google.golang.org/protobuf/types/known/structpb"

	sluicev1 "github.com/sluicedb/sluice/clients/go/gen/sluice/v1"
)

// Batch is rows to insert, by columns.
type Batch struct {
	Columns []string
	Rows    [][]any
}

// given is the rows of a request: typed with their columns, or objects that each name their own.
type given struct {
	columns []string
	rows    []*sluicev1.Row
	objects []*structpb.Struct
}

func setRows(request *given, rows any) error {
	switch rows := rows.(type) {
	case Batch:
		return setBatch(request, rows)
	case nil:
		return errors.New("sluice: no rows to insert")
	case map[string]any:
		return setMaps(request, []map[string]any{rows})
	case []map[string]any:
		return setMaps(request, rows)
	}
	value := reflect.ValueOf(rows)
	if value.Kind() == reflect.Slice {
		return setStructs(request, value)
	}
	one := reflect.MakeSlice(reflect.SliceOf(reflect.TypeOf(&rows).Elem()), 1, 1)
	one.Index(0).Set(value)
	return setStructs(request, one)
}

func setBatch(request *given, batch Batch) error {
	request.columns = batch.Columns
	for i, values := range batch.Rows {
		row := &sluicev1.Row{Values: make([]*sluicev1.Value, len(values))}
		for j, value := range values {
			var err error
			if row.Values[j], err = toProto(value); err != nil {
				return fmt.Errorf("row %d: %w", i, err)
			}
		}
		request.rows = append(request.rows, row)
	}
	return nil
}

// setMaps sends rows that all give the same columns typed. Others can only go as natural JSON, whose rows give each
// its own columns.
func setMaps(request *given, rows []map[string]any) error {
	if len(rows) == 0 {
		return nil
	}
	batch := Batch{Columns: slices.Sorted(maps.Keys(rows[0]))}
	for _, row := range rows {
		values := make([]any, 0, len(batch.Columns))
		for _, column := range batch.Columns {
			if value, ok := row[column]; ok {
				values = append(values, value)
			}
		}
		if len(values) != len(batch.Columns) || len(row) != len(batch.Columns) {
			return setObjects(request, rows)
		}
		batch.Rows = append(batch.Rows, values)
	}
	return setBatch(request, batch)
}

func setObjects(request *given, rows []map[string]any) error {
	for i, row := range rows {
		object := &structpb.Struct{Fields: make(map[string]*structpb.Value, len(row))}
		for column, value := range row {
			typed, err := toProto(value)
			if err != nil {
				return fmt.Errorf("row %d, column %q: %w", i, column, err)
			}
			object.Fields[column] = toNatural(typed)
		}
		request.objects = append(request.objects, object)
	}
	return nil
}

func setStructs(request *given, rows reflect.Value) error {
	var batch Batch
	var first reflect.Type
	for i := range rows.Len() {
		row := rows.Index(i)
		for row.Kind() == reflect.Pointer || row.Kind() == reflect.Interface {
			row = row.Elem()
		}
		if row.Kind() != reflect.Struct || first != nil && row.Type() != first {
			return fmt.Errorf("sluice: rows are maps, structs of one type or a Batch, and not %s", rows.Type())
		}
		first = row.Type()
		values := make([]any, 0, row.NumField())
		for _, field := range fieldsOf(first) {
			if i == 0 {
				batch.Columns = append(batch.Columns, field.column)
			}
			values = append(values, row.FieldByIndex(field.index).Interface())
		}
		batch.Rows = append(batch.Rows, values)
	}
	return setBatch(request, batch)
}

func base64Text(bytes []byte) string { return base64.StdEncoding.EncodeToString(bytes) }

// check refuses rows that have not a value for each column. Typed rows the server refuses itself; it cannot tell where they
// are put in another order or become objects.
func (g *given) check() error {
	for i, row := range g.rows {
		if len(row.GetValues()) != len(g.columns) {
			return fmt.Errorf("sluice: row %d has %d values for %d columns", i, len(row.GetValues()), len(g.columns))
		}
	}
	return nil
}

// asObjects gives all rows, which must have been checked, as natural JSON.
func (g *given) asObjects() []*structpb.Struct {
	objects := g.objects
	for _, row := range g.rows {
		object := &structpb.Struct{Fields: make(map[string]*structpb.Value, len(g.columns))}
		for i, column := range g.columns {
			object.Fields[column] = toNatural(row.GetValues()[i])
		}
		objects = append(objects, object)
	}
	return objects
}
