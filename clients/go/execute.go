package sluice

import (
	"context"

	sluicev1 "github.com/sluicedb/sluice/clients/go/gen/sluice/v1"
)

// Statement is SQL that writes, with its parameters as [Database.Query] takes them.
type Statement struct {
	SQL  string
	Args []any
}

// Executed is what one statement did.
type Executed struct {
	// Rows that the statement inserted, updated or deleted itself.
	Affected int64
	// The rowid of the last row that it inserted; 0 when there is none.
	LastInsertRowid int64
	// Those of RETURNING or of a select, at most 1 000 and 4 MiB.
	Rows []Row
	// There were more rows.
	Truncated   bool
	CommitToken string
	// This is what an earlier request with the same [RequestID] was answered.
	Replayed bool
}

// Execute runs one statement that changes rows or definitions, in a transaction of its own that is on the server's disk
// when it returns. Of options it takes [ValidateOnly] and [RequestID].
func (d *Database) Execute(ctx context.Context, statement Statement, options ...WriteOption) (*Executed, error) {
	o, err := takeWriteOptions("Execute", options)
	if err != nil {
		return nil, err
	}
	request := &sluicev1.ExecuteRequest{Database: d.name, Sql: statement.SQL, ValidateOnly: o.validateOnly,
		RequestId:  o.requestID,
		Durability: o.durability}
	if request.Params, request.NamedParams, err = parameters(statement.Args); err != nil {
		return nil, err
	}
	response, err := d.client.query.Execute(ctx, request)
	if err != nil {
		return nil, err
	}
	executed, err := newExecuted(response)
	if err == nil {
		executed.CommitToken, executed.Replayed = response.GetCommitToken(), response.GetReplayed()
	}
	return executed, err
}

// BatchExecute runs statements in one transaction, all or none. Of options it takes [ValidateOnly] and [RequestID].
func (d *Database) BatchExecute(ctx context.Context, statements []Statement, options ...WriteOption) ([]*Executed, error) {
	o, err := takeWriteOptions("BatchExecute", options)
	if err != nil {
		return nil, err
	}
	request := &sluicev1.BatchExecuteRequest{Database: d.name, ValidateOnly: o.validateOnly, RequestId: o.requestID,
		Durability: o.durability}
	for _, statement := range statements {
		message := &sluicev1.Statement{Sql: statement.SQL}
		if message.Params, message.NamedParams, err = parameters(statement.Args); err != nil {
			return nil, err
		}
		request.Statements = append(request.Statements, message)
	}
	response, err := d.client.query.BatchExecute(ctx, request)
	if err != nil {
		return nil, err
	}
	var all []*Executed
	for _, result := range response.GetResults() {
		executed, err := newExecuted(result)
		if err != nil {
			return nil, err
		}
		executed.CommitToken, executed.Replayed = response.GetCommitToken(), response.GetReplayed()
		all = append(all, executed)
	}
	return all, nil
}

// parameters are by position or by name, as the arguments are.
func parameters(args []any) ([]*sluicev1.Value, map[string]*sluicev1.Value, error) {
	var request sluicev1.StreamQueryRequest
	err := setParameters(&request, args)
	return request.Params, request.NamedParams, err
}

func newExecuted(result interface {
	GetColumns() []*sluicev1.Column
	GetRows() []*sluicev1.Row
	GetTruncated() bool
	GetAffectedCount() int64
	GetLastInsertRowid() int64
}) (*Executed, error) {
	rows, err := newHeader(result.GetColumns()).rows(result.GetRows())
	return &Executed{Affected: result.GetAffectedCount(), LastInsertRowid: result.GetLastInsertRowid(), Rows: rows,
		Truncated: result.GetTruncated()}, err
}
