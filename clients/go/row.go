package sluice

import (
	"fmt"
	"slices"

	"google.golang.org/grpc/codes"

	sluicev1 "github.com/sluicedb/sluice/clients/go/gen/sluice/v1"
)

// Column is a column of a result.
type Column struct {
	// The name or alias, as SQLite reports it. Names may repeat within a result.
	Name string
	// The type written in the schema, "" for an expression. Only a hint: any column may hold any value.
	DeclaredType string
	// The column whose values this one labels, "" for others.
	LabelOf string
}

// Row is one row of a result. It stays valid after its iterator has moved on.
type Row struct {
	header *header
	values []any
	key    string
	etag   string
}

// header is what all rows of a result share; it does not change once made.
type header struct {
	columns []Column
	index   map[string]int
}

func newHeader(columns []*sluicev1.Column) *header {
	h := &header{columns: make([]Column, len(columns)), index: make(map[string]int, len(columns))}
	for i, column := range columns {
		h.columns[i] = Column{Name: column.GetName(), DeclaredType: column.GetDeclaredType(), LabelOf: column.GetLabelOf()}
		if _, ok := h.index[column.GetName()]; !ok {
			h.index[column.GetName()] = i
		}
	}
	return h
}

// check fails when what came later has other columns: its values would stand under the wrong ones.
func (h *header) check(columns []*sluicev1.Column) error {
	if !slices.Equal(h.columns, newHeader(columns).columns) {
		return newError(codes.Aborted, "", "the columns changed while the rows were read")
	}
	return nil
}

func (h *header) row(row *sluicev1.Row) (Row, error) {
	if len(row.GetValues()) != len(h.columns) {
		return Row{}, fmt.Errorf("sluice: the server sent a row of %d values for %d columns",
			len(row.GetValues()), len(h.columns))
	}
	values := make([]any, len(h.columns))
	for i, value := range row.GetValues() {
		var err error
		if values[i], err = fromProto(value); err != nil {
			return Row{}, err
		}
	}
	return Row{header: h, values: values, key: row.GetKey(), etag: row.GetEtag()}, nil
}

func (h *header) rows(rows []*sluicev1.Row) ([]Row, error) {
	result := make([]Row, len(rows))
	for i, row := range rows {
		var err error
		if result[i], err = h.row(row); err != nil {
			return nil, err
		}
	}
	return result, nil
}

// Columns are the columns of the result; do not change them.
func (r Row) Columns() []Column {
	if r.header == nil {
		return nil
	}
	return r.header.columns
}

// Len is the number of values.
func (r Row) Len() int { return len(r.values) }

// Value is the value of column i, from 0.
func (r Row) Value(i int) any { return r.values[i] }

// Values are all values in the order of the columns; do not change them.
func (r Row) Values() []any { return r.values }

// Get is the value of the first column with this name, and whether there is one.
func (r Row) Get(name string) (any, bool) {
	if r.header == nil {
		return nil, false
	}
	i, ok := r.header.index[name]
	if !ok {
		return nil, false
	}
	return r.values[i], true
}

// Map is the row by column name; of columns with the same name it has the first.
func (r Row) Map() map[string]any {
	result := make(map[string]any, len(r.values))
	if r.header != nil {
		for name, i := range r.header.index {
			result[name] = r.values[i]
		}
	}
	return result
}

// Key names the row in its table, for [Database.Row]; "" where the row does not come from a table with keys.
func (r Row) Key() string { return r.key }

// Etag is a fingerprint of the stored row; only [Database.Row] gives it.
func (r Row) Etag() string { return r.etag }
