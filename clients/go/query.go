package sluice

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"

	sluicev1 "github.com/sluicedb/sluice/clients/go/gen/sluice/v1"
)

// NamedArg is a query's parameter by name.
type NamedArg struct {
	name  string
	value any
}

// Named gives a parameter by its name, without the `:`, `@` or `$`. A query takes its parameters either all by name or
// all by position.
func Named(name string, value any) NamedArg { return NamedArg{name, value} }

// Result is a result in memory.
type Result struct {
	Columns []Column
	Rows    []Row
	// There were more rows; only of a result with bounds, such as [Database.RunQuery]'s.
	Truncated bool
	Stats     *sluicev1.QueryStats
}

// Query runs one reading statement and streams its result, of any size, under one read transaction. The values of its
// parameters are nil, integers, floats, bools, strings, []byte, [RawText], pointers to them, or [Named] ones.
//
// A stream that breaks, or that the server ends because its reader paused for a minute, goes on where it stopped, if its rows
// come in the order of a key, then under the state of the database that it finds. The rows end with an error if anything went wrong: one that wraps
// [io.ErrUnexpectedEOF] when the stream was cut and [ErrTruncated] when the server's configuration allows no more rows, so
// that a cut result is never taken for a whole one.
func (d *Database) Query(ctx context.Context, sql string, args ...any) iter.Seq2[Row, error] {
	return func(yield func(Row, error) bool) {
		_, err := d.stream(ctx, sql, args, nil, func(row Row) bool { return yield(row, nil) })
		if err != nil && err != errStopped {
			yield(Row{}, err)
		}
	}
}

// QueryAll is Query for results that fit in memory.
func (d *Database) QueryAll(ctx context.Context, sql string, args ...any) (*Result, error) {
	result := &Result{}
	stats, err := d.stream(ctx, sql, args, func(h *header) { result.Columns = h.columns }, func(row Row) bool {
		result.Rows = append(result.Rows, row)
		return true
	})
	if err != nil {
		return nil, err
	}
	result.Stats = stats
	return result, nil
}

// errStopped is the end of a stream that its reader asked for.
var errStopped = errors.New("stopped")

func (d *Database) stream(ctx context.Context, sql string, args []any, onHeader func(*header),
	onRow func(Row) bool) (*sluicev1.QueryStats, error) {
	request := &sluicev1.StreamQueryRequest{Database: d.name, MinCommitToken: d.minToken, Sql: sql, Databases: d.others,
		Layout: sluicev1.RowLayout_ROW_LAYOUT_COLUMNS}
	if err := setParameters(request, args); err != nil {
		return nil, err
	}
	stream := resumed[*sluicev1.StreamQueryResponse]{
		start: func(ctx context.Context, token string) (receiver[*sluicev1.StreamQueryResponse], error) {
			request.ResumeToken = token
			return d.client.query.StreamQuery(ctx, request)
		},
	}
	return stream.readTo(ctx, &streamReader{onHeader: onHeader, onRow: onRow})
}

// streamReader takes the messages of one stream in turn.
type streamReader struct {
	onHeader func(*header)
	onRow    func(Row) bool
	header   *header
	stats    *sluicev1.QueryStats
	// There are more rows than the server's configuration allows.
	truncated bool
}

// rowsMessage is a message of a query's stream or of a table's.
type rowsMessage interface {
	GetColumns() []*sluicev1.Column
	GetRows() []*sluicev1.Row
	GetPacked() *sluicev1.PackedRows
	GetStats() *sluicev1.QueryStats
	GetTruncated() bool
}

func (r *streamReader) read(response rowsMessage) error {
	if r.stats != nil {
		return errors.New("sluice: the server sent more after the end of the result")
	}
	if r.header == nil {
		r.header = newHeader(response.GetColumns())
		if r.onHeader != nil {
			r.onHeader(r.header)
		}
	} else if err := r.header.check(response.GetColumns()); err != nil && len(response.GetColumns()) > 0 {
		return err // Of a call that goes on where another was cut.
	}
	for _, row := range response.GetRows() {
		row, err := r.header.row(row)
		if err != nil {
			return err
		}
		if !r.onRow(row) {
			return errStopped
		}
	}
	packed, err := r.header.packedRows(response.GetPacked())
	if err != nil {
		return err
	}
	for _, row := range packed {
		if !r.onRow(row) {
			return errStopped
		}
	}
	r.stats, r.truncated = response.GetStats(), response.GetTruncated()
	return nil
}

func (r *streamReader) end() (*sluicev1.QueryStats, error) {
	if r.stats == nil {
		return nil, fmt.Errorf("sluice: the result was cut: %w", io.ErrUnexpectedEOF)
	}
	if r.truncated {
		return nil, ErrTruncated
	}
	return r.stats, nil
}

func setParameters(request *sluicev1.StreamQueryRequest, args []any) error {
	for i, arg := range args {
		named, isNamed := arg.(NamedArg)
		if isNamed {
			arg = named.value
		}
		value, err := toProto(arg)
		if err != nil {
			return fmt.Errorf("parameter %d: %w", i+1, err)
		}
		switch {
		case !isNamed:
			request.Params = append(request.Params, value)
		case request.NamedParams == nil:
			request.NamedParams = map[string]*sluicev1.Value{named.name: value}
		default:
			if _, ok := request.NamedParams[named.name]; ok {
				return fmt.Errorf("sluice: parameter %q is given twice", named.name)
			}
			request.NamedParams[named.name] = value
		}
	}
	return nil // Both kinds at once is the server's to refuse.
}
