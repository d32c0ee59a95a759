package sluice

import (
	"context"
	"iter"

	sluicev1 "github.com/sluicedb/sluice/clients/go/gen/sluice/v1"
)

// Explain says what a statement is without running it: its parameters, its columns and where they come from, what it
// touches, and its query plan.
func (d *Database) Explain(ctx context.Context, sql string) (*sluicev1.DescribeResponse, error) {
	return d.client.query.Describe(ctx, &sluicev1.DescribeRequest{Database: d.name, Sql: sql, Databases: d.others})
}

// Queries gives the queries that the server's configuration stores for the database, by name.
func (d *Database) Queries(ctx context.Context) iter.Seq2[*sluicev1.StoredQuery, error] {
	return paged(func(token string) ([]*sluicev1.StoredQuery, string, error) {
		response, err := d.client.query.ListQueries(ctx, &sluicev1.ListQueriesRequest{
			Database: d.name, PageSize: listPageSize, PageToken: token,
		})
		return response.GetQueries(), response.GetNextPageToken(), err
	})
}

// RunQuery runs a stored query that reads. The result has at most 1 000 rows; Truncated says whether there were more.
func (d *Database) RunQuery(ctx context.Context, query string, args ...NamedArg) (*Result, error) {
	request := &sluicev1.RunQueryRequest{Database: d.name, MinCommitToken: d.minToken, Query: query, Params: make(map[string]*sluicev1.Value),
		Layout: sluicev1.RowLayout_ROW_LAYOUT_COLUMNS}
	if err := setNamed(request.Params, args); err != nil {
		return nil, err
	}
	response, err := d.client.query.RunQuery(ctx, request)
	if err != nil {
		return nil, err
	}
	header := newHeader(response.GetColumns())
	result := &Result{Columns: header.columns, Truncated: response.GetTruncated(), Stats: response.GetStats()}
	if result.Rows, err = header.rows(response.GetRows()); err != nil {
		return nil, err
	}
	packed, err := header.packedRows(response.GetPacked())
	if err != nil {
		return nil, err
	}
	result.Rows = append(result.Rows, packed...)
	return result, nil
}

// ExecuteQuery runs a stored query that writes. Of options it takes [ValidateOnly], [RequestID] and [Replicated].
func (d *Database) ExecuteQuery(ctx context.Context, query string, args []NamedArg, options ...WriteOption) (*Executed, error) {
	o, err := takeWriteOptions("ExecuteQuery", options)
	if err != nil {
		return nil, err
	}
	request := &sluicev1.RunQueryRequest{Database: d.name, Query: query, Params: make(map[string]*sluicev1.Value),
		ValidateOnly: o.validateOnly, RequestId: o.requestID, Durability: o.durability}
	if err := setNamed(request.Params, args); err != nil {
		return nil, err
	}
	response, err := d.client.query.RunQuery(ctx, request)
	if err != nil {
		return nil, err
	}
	executed, err := newExecuted(response)
	if err == nil {
		executed.CommitToken, executed.Replayed = response.GetCommitToken(), response.GetReplayed()
	}
	return executed, err
}

func setNamed(params map[string]*sluicev1.Value, args []NamedArg) error {
	for _, arg := range args {
		value, err := toProto(arg.value)
		if err != nil {
			return err
		}
		params[arg.name] = value
	}
	return nil
}
