package sluice

import (
	"context"
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

// Inserted is what an insert did.
type Inserted struct {
	Count int64
	// The new rows' keys in the order given, unless [ReturnNone] was asked.
	Keys []string
	// The new rows as they were inserted, when [ReturnRows] was asked.
	Rows []Row
	// Where the database's sequence of commits stands after this insert; opaque.
	CommitToken string
}

// InsertOption changes what an insert answers.
type InsertOption func(*sluicev1.InsertRowsRequest)

// ReturnNone asks for nothing but the count.
func ReturnNone() InsertOption {
	return func(r *sluicev1.InsertRowsRequest) { r.Return = sluicev1.InsertRowsRequest_RETURN_NONE }
}

// ReturnRows asks for the new rows, with defaults and generated columns.
func ReturnRows() InsertOption {
	return func(r *sluicev1.InsertRowsRequest) { r.Return = sluicev1.InsertRowsRequest_RETURN_ROWS }
}

// Insert adds rows to a table, all or none, in one transaction that is on the server's disk when it returns. Rows are
// []map[string]any, a slice of structs or of pointers to them (see [Struct] for their columns), a [Batch], or one map or
// struct. A column that a row does not give takes its default.
//
// An insert is never sent again by itself. [Error.RetryDelay] says when the server did not run it and the caller may.
func (d *Database) Insert(ctx context.Context, table string, rows any, options ...InsertOption) (*Inserted, error) {
	request := &sluicev1.InsertRowsRequest{Database: d.name, Table: table}
	for _, option := range options {
		option(request)
	}
	if err := setRows(request, rows); err != nil {
		return nil, err
	}
	response, err := d.client.row.InsertRows(ctx, request)
	if err != nil {
		return nil, err
	}
	inserted, err := newHeader(response.GetColumns()).rows(response.GetRows())
	return &Inserted{
		Count: response.GetInsertedCount(), Keys: response.GetKeys(), Rows: inserted,
		CommitToken: response.GetCommitToken(),
	}, err
}

func setRows(request *sluicev1.InsertRowsRequest, rows any) error {
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

func setBatch(request *sluicev1.InsertRowsRequest, batch Batch) error {
	request.Columns = batch.Columns
	for i, values := range batch.Rows {
		row := &sluicev1.Row{Values: make([]*sluicev1.Value, len(values))}
		for j, value := range values {
			var err error
			if row.Values[j], err = toProto(value); err != nil {
				return fmt.Errorf("row %d: %w", i, err)
			}
		}
		request.Rows = append(request.Rows, row)
	}
	return nil
}

// setMaps sends rows that all give the same columns typed. Others can only go as natural JSON, whose rows give each
// its own columns.
func setMaps(request *sluicev1.InsertRowsRequest, rows []map[string]any) error {
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

func setObjects(request *sluicev1.InsertRowsRequest, rows []map[string]any) error {
	for i, row := range rows {
		object := &structpb.Struct{Fields: make(map[string]*structpb.Value, len(row))}
		for column, value := range row {
			typed, err := toProto(value)
			if err != nil {
				return fmt.Errorf("row %d, column %q: %w", i, column, err)
			}
			object.Fields[column] = toNatural(typed)
		}
		request.Objects = append(request.Objects, object)
	}
	return nil
}

func setStructs(request *sluicev1.InsertRowsRequest, rows reflect.Value) error {
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
