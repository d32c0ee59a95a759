package sluice

import (
	"context"
	"fmt"
	"slices"

	sluicev1 "github.com/sluicedb/sluice/clients/go/gen/sluice/v1"
)

// Written is what a write did.
type Written struct {
	Inserted, Updated, Deleted, Ignored int64
	// One for each row of the request, in its order, unless [ReturnNone] was asked; "" for a row that was not written.
	Keys []string
	// One for each row of the request, in its order, when [ReturnRows] was asked; of Len 0 for a row that was not
	// written.
	Rows []Row
	// The rows that failed, with [ContinueOnError].
	Errors []RowError
	// Where the database's sequence of commits stands after this write; opaque.
	CommitToken string
	// This is what an earlier request with the same [RequestID] was answered.
	Replayed bool
}

// RowError is why one row of a write with [ContinueOnError] was not written.
type RowError struct {
	// The index of the row in the request.
	Row int
	Error
}

// writeOptions are all that any write takes, and the names of those that were given.
type writeOptions struct {
	given           []string
	returning       sluicev1.Return
	conflict        *sluicev1.OnConflict
	target          []string
	missing         sluicev1.MissingColumns
	keys            []string
	allowMissing    bool
	cascade         bool
	continueOnError bool
	validateOnly    bool
	requestID       string
	ifMatch         string
	durability      sluicev1.Durability
	maxAffected     int64
	allRows         bool
}

// WriteOption changes a write or what it answers. A method refuses one that it has no use for.
type WriteOption func(*writeOptions)

func option(name string, set func(*writeOptions)) WriteOption {
	return func(o *writeOptions) {
		o.given = append(o.given, name)
		set(o)
	}
}

// ReturnNone asks for nothing but the counts.
func ReturnNone() WriteOption {
	return option("ReturnNone", func(o *writeOptions) { o.returning = sluicev1.Return_RETURN_NONE })
}

// ReturnRows asks for the rows: after the write, with defaults and generated columns; of deleted rows what they were.
func ReturnRows() WriteOption {
	return option("ReturnRows", func(o *writeOptions) { o.returning = sluicev1.Return_RETURN_ROWS })
}

func onConflict(name string, action sluicev1.OnConflict_Action, target, update []string) WriteOption {
	return option(name, func(o *writeOptions) {
		o.conflict = &sluicev1.OnConflict{Action: action, Target: target, UpdateColumns: update}
	})
}

// IgnoreConflicts leaves out new rows that clash with one that is there, by the constraint over these columns or, without
// any, by any UNIQUE or PRIMARY KEY constraint.
func IgnoreConflicts(target ...string) WriteOption {
	return onConflict("IgnoreConflicts", sluicev1.OnConflict_ACTION_IGNORE, target, nil)
}

// ReplaceConflicts deletes the rows that clash with a new one.
func ReplaceConflicts() WriteOption {
	return onConflict("ReplaceConflicts", sluicev1.OnConflict_ACTION_REPLACE, nil, nil)
}

// UpdateConflicts gives the row that is there the new row's values in these columns; nil means all that the row gives.
// The target nil is the primary key.
func UpdateConflicts(target, columns []string) WriteOption {
	return onConflict("UpdateConflicts", sluicev1.OnConflict_ACTION_UPDATE, target, columns)
}

// Target says by which columns an upsert tells whether a row is there.
func Target(columns ...string) WriteOption {
	return option("Target", func(o *writeOptions) { o.target = columns })
}

// MissingNull makes columns that a new row does not give NULL instead of their default.
func MissingNull() WriteOption {
	return option("MissingNull", func(o *writeOptions) { o.missing = sluicev1.MissingColumns_MISSING_COLUMNS_NULL })
}

// Keys names the rows of an update, in their order.
func Keys(keys ...string) WriteOption {
	return option("Keys", func(o *writeOptions) { o.keys = keys })
}

// AllowMissing leaves out rows that are not there.
func AllowMissing() WriteOption {
	return option("AllowMissing", func(o *writeOptions) { o.allowMissing = true })
}

// ContinueOnError leaves out rows that fail and tells them in [Written.Errors].
func ContinueOnError() WriteOption {
	return option("ContinueOnError", func(o *writeOptions) { o.continueOnError = true })
}

// ValidateOnly runs everything and keeps nothing.
func ValidateOnly() WriteOption {
	return option("ValidateOnly", func(o *writeOptions) { o.validateOnly = true })
}

// RequestID makes a write safe to send again: with the same id, the same write takes effect once and is answered alike.
func RequestID(id string) WriteOption {
	return option("RequestID", func(o *writeOptions) { o.requestID = id })
}

// IfMatch lets a write of one row happen only while it has this etag; else the call fails with CONFLICT.
func IfMatch(etag string) WriteOption {
	return option("IfMatch", func(o *writeOptions) { o.ifMatch = etag })
}

// Replicated asks for an answer only when the replica has the write too. It is refused while no replication runs.
func Replicated() WriteOption {
	return option("Replicated", func(o *writeOptions) { o.durability = sluicev1.Durability_DURABILITY_REPLICATED })
}

// MaxAffected lets a write by filter fail, with nothing changed, when more rows match; without it more than 10 000.
func MaxAffected(rows int64) WriteOption {
	return option("MaxAffected", func(o *writeOptions) { o.maxAffected = rows })
}

// AllRows says that a write without a filter means every row of the table.
func AllRows() WriteOption {
	return option("AllRows", func(o *writeOptions) { o.allRows = true })
}

// takeWriteOptions refuses options other than those named and the ones that all writes of rows take.
func takeWriteOptions(method string, options []WriteOption, allowed ...string) (*writeOptions, error) {
	return takeOptions(method, options, append(allowed, "ValidateOnly", "RequestID", "Replicated")...)
}

// takeOptions refuses options other than those named.
func takeOptions(method string, options []WriteOption, allowed ...string) (*writeOptions, error) {
	o := &writeOptions{}
	for _, set := range options {
		set(o)
	}
	for _, name := range o.given {
		if !slices.Contains(allowed, name) {
			return nil, fmt.Errorf("sluice: %s takes no %s", method, name)
		}
	}
	return o, nil
}

// Insert adds rows to a table in one transaction that is on the server's disk when it returns. Rows are
// []map[string]any, a slice of structs or of pointers to them (see [Struct] for their columns), a [Batch], or one map or
// struct. A column that a row does not give takes its default. The keys of the new rows are answered unless [ReturnNone]
// is given.
//
// A write is never sent again by itself. [Error.RetryDelay] says when the server did not run it and the caller may; with
// a [RequestID] the caller may at any time.
func (d *Database) Insert(ctx context.Context, table string, rows any, options ...WriteOption) (*Written, error) {
	request, err := insertRequest(table, rows, options)
	if err != nil {
		return nil, err
	}
	request.Database = d.name
	response, err := d.client.row.InsertRows(ctx, request)
	return written(response, err)
}

func insertRequest(table string, rows any, options []WriteOption) (*sluicev1.InsertRowsRequest, error) {
	o, err := takeWriteOptions("Insert", options, "ReturnNone", "ReturnRows", "IgnoreConflicts", "ReplaceConflicts",
		"UpdateConflicts", "MissingNull", "ContinueOnError")
	if err != nil {
		return nil, err
	}
	var g given
	if err := setRows(&g, rows); err != nil {
		return nil, err
	}
	return &sluicev1.InsertRowsRequest{Table: table, Columns: g.columns, Rows: g.rows, Objects: g.objects,
		Return: o.returning, OnConflict: o.conflict, MissingColumns: o.missing, ContinueOnError: o.continueOnError,
		ValidateOnly: o.validateOnly, RequestId: o.requestID, Durability: o.durability}, nil
}

// Upsert inserts rows that are not there and updates those that are, told apart by the primary key or the [Target]. Rows
// that are there keep the columns that are not given. Rows are what [Database.Insert] takes.
func (d *Database) Upsert(ctx context.Context, table string, rows any, options ...WriteOption) (*Written, error) {
	request, err := upsertRequest(table, rows, options)
	if err != nil {
		return nil, err
	}
	request.Database = d.name
	response, err := d.client.row.UpsertRows(ctx, request)
	return written(response, err)
}

func upsertRequest(table string, rows any, options []WriteOption) (*sluicev1.UpsertRowsRequest, error) {
	o, err := takeWriteOptions("Upsert", options, "ReturnNone", "ReturnRows", "Target", "MissingNull", "ContinueOnError")
	if err != nil {
		return nil, err
	}
	var g given
	if err := setRows(&g, rows); err != nil {
		return nil, err
	}
	return &sluicev1.UpsertRowsRequest{Table: table, Columns: g.columns, Rows: g.rows, Objects: g.objects,
		Return: o.returning, Target: o.target, MissingColumns: o.missing, ContinueOnError: o.continueOnError,
		ValidateOnly: o.validateOnly, RequestId: o.requestID, Durability: o.durability}, nil
}

// Update changes rows, each to its own values. [Keys] names them in order; without it each row gives its primary key
// itself. Rows are what [Database.Insert] takes. NOT_FOUND for a row that is not there, unless [AllowMissing] is given.
func (d *Database) Update(ctx context.Context, table string, rows any, options ...WriteOption) (*Written, error) {
	request, err := updateRequest(table, rows, options)
	if err != nil {
		return nil, err
	}
	request.Database = d.name
	response, err := d.client.row.UpdateRows(ctx, request)
	return written(response, err)
}

func updateRequest(table string, rows any, options []WriteOption) (*sluicev1.UpdateRowsRequest, error) {
	o, err := takeWriteOptions("Update", options, "ReturnNone", "ReturnRows", "Keys", "AllowMissing", "ContinueOnError")
	if err != nil {
		return nil, err
	}
	var g given
	if err := setRows(&g, rows); err != nil {
		return nil, err
	}
	request := &sluicev1.UpdateRowsRequest{Table: table, Return: o.returning, AllowMissing: o.allowMissing,
		ContinueOnError: o.continueOnError, ValidateOnly: o.validateOnly, RequestId: o.requestID, Durability: o.durability}
	if o.keys == nil {
		// The row's own key columns name it, which only objects can.
		if err := g.check(); err != nil {
			return nil, err
		}
		request.Objects = g.asObjects()
		return request, nil
	}
	if len(o.keys) != len(g.rows)+len(g.objects) {
		return nil, fmt.Errorf("sluice: there are %d keys for %d rows", len(o.keys), len(g.rows)+len(g.objects))
	}
	request.Columns, request.Rows, request.Objects = g.columns, g.rows, g.objects
	if len(g.objects) > 0 {
		request.Keys = o.keys
	}
	for i, row := range g.rows {
		row.Key = o.keys[i]
	}
	return request, nil
}

// Delete deletes the rows with these keys. NOT_FOUND for a row that is not there, unless [AllowMissing] is given.
func (d *Database) Delete(ctx context.Context, table string, keys []string, options ...WriteOption) (*Written, error) {
	request, err := deleteRequest(table, keys, options)
	if err != nil {
		return nil, err
	}
	request.Database = d.name
	response, err := d.client.row.DeleteRows(ctx, request)
	return written(response, err)
}

func deleteRequest(table string, keys []string, options []WriteOption) (*sluicev1.DeleteRowsRequest, error) {
	o, err := takeWriteOptions("Delete", options, "ReturnNone", "ReturnRows", "AllowMissing", "ContinueOnError")
	if err != nil {
		return nil, err
	}
	return &sluicev1.DeleteRowsRequest{Table: table, Keys: keys, Return: o.returning, AllowMissing: o.allowMissing,
		ContinueOnError: o.continueOnError, ValidateOnly: o.validateOnly, RequestId: o.requestID, Durability: o.durability}, nil
}

// UpdateWhere changes all rows for which the filter holds to the same values, a map or a struct. The filter is what
// [Choice] takes; every row of the table is meant only with [AllRows] and no filter. Options are [MaxAffected], [AllRows],
// [ReturnRows] and [ReturnNone], which more than 10 000 rows need.
func (d *Database) UpdateWhere(ctx context.Context, table, filter string, values any, options ...WriteOption) (*Written, error) {
	request, err := updateWhereRequest(table, filter, values, options)
	if err != nil {
		return nil, err
	}
	request.Database = d.name
	response, err := d.client.row.UpdateRows(ctx, request)
	return written(response, err)
}

func updateWhereRequest(table, filter string, values any, options []WriteOption) (*sluicev1.UpdateRowsRequest, error) {
	o, err := takeWhereOptions("UpdateWhere", filter, options)
	if err != nil {
		return nil, err
	}
	var g given
	if err := setRows(&g, values); err != nil {
		return nil, err
	}
	return &sluicev1.UpdateRowsRequest{Table: table, Columns: g.columns, Rows: g.rows, Objects: g.objects, Filter: filter,
		AllRows: o.allRows, MaxAffected: o.maxAffected, Return: o.returning, ValidateOnly: o.validateOnly,
		RequestId: o.requestID, Durability: o.durability}, nil
}

// DeleteWhere deletes all rows for which the filter holds; as [Database.UpdateWhere].
func (d *Database) DeleteWhere(ctx context.Context, table, filter string, options ...WriteOption) (*Written, error) {
	request, err := deleteWhereRequest(table, filter, options)
	if err != nil {
		return nil, err
	}
	request.Database = d.name
	response, err := d.client.row.DeleteRows(ctx, request)
	return written(response, err)
}

func deleteWhereRequest(table, filter string, options []WriteOption) (*sluicev1.DeleteRowsRequest, error) {
	o, err := takeWhereOptions("DeleteWhere", filter, options)
	if err != nil {
		return nil, err
	}
	return &sluicev1.DeleteRowsRequest{Table: table, Filter: filter, AllRows: o.allRows, MaxAffected: o.maxAffected,
		Return: o.returning, ValidateOnly: o.validateOnly, RequestId: o.requestID, Durability: o.durability}, nil
}

func takeWhereOptions(method, filter string, options []WriteOption) (*writeOptions, error) {
	o, err := takeWriteOptions(method, options, "ReturnNone", "ReturnRows", "MaxAffected", "AllRows")
	if err == nil && (filter == "") != o.allRows {
		err = fmt.Errorf("sluice: %s takes a filter or AllRows", method)
	}
	return o, err
}

// UpdateRow changes columns of one row; with [IfMatch] only while the row is still what the caller has seen. What was
// written has the row, with its new etag, as the one of its Rows. Values are a map or a struct.
func (d *Database) UpdateRow(ctx context.Context, table, key string, values any, options ...WriteOption) (*Written, error) {
	o, err := takeWriteOptions("UpdateRow", options, "IfMatch")
	if err != nil {
		return nil, err
	}
	var g given
	if err := setRows(&g, values); err != nil {
		return nil, err
	}
	if len(g.rows) != 1 {
		return nil, fmt.Errorf("sluice: UpdateRow takes the values of one row, and not of %d", len(g.rows))
	}
	response, err := d.client.row.UpdateRow(ctx, &sluicev1.UpdateRowRequest{Database: d.name, Table: table, Key: key,
		Columns: g.columns, Values: g.rows[0].GetValues(), IfMatch: o.ifMatch, ValidateOnly: o.validateOnly,
		RequestId: o.requestID, Durability: o.durability})
	if err != nil {
		return nil, err
	}
	row, err := newHeader(response.GetColumns()).row(response.GetRow())
	if err != nil {
		return nil, err
	}
	return &Written{Updated: 1, Keys: []string{row.Key()}, Rows: []Row{row}, CommitToken: response.GetCommitToken(),
		Replayed: response.GetReplayed()}, nil
}

// DeleteRow deletes one row; with [IfMatch] only while it is still what the caller has seen.
func (d *Database) DeleteRow(ctx context.Context, table, key string, options ...WriteOption) (*Written, error) {
	o, err := takeWriteOptions("DeleteRow", options, "IfMatch")
	if err != nil {
		return nil, err
	}
	response, err := d.client.row.DeleteRow(ctx, &sluicev1.DeleteRowRequest{Database: d.name, Table: table, Key: key,
		IfMatch: o.ifMatch, ValidateOnly: o.validateOnly, RequestId: o.requestID, Durability: o.durability})
	if err != nil {
		return nil, err
	}
	return &Written{Deleted: 1, Keys: []string{key}, CommitToken: response.GetCommitToken(),
		Replayed: response.GetReplayed()}, nil
}

// answered is what the answers to writes have in common.
type answered interface {
	GetKeys() []string
	GetColumns() []*sluicev1.Column
	GetRows() []*sluicev1.Row
	GetIgnoredCount() int64
}

func written(response answered, err error) (*Written, error) {
	if err != nil {
		return nil, err
	}
	w := &Written{Keys: response.GetKeys(), Ignored: response.GetIgnoredCount()}
	if r, ok := response.(interface{ GetInsertedCount() int64 }); ok {
		w.Inserted = r.GetInsertedCount()
	}
	if r, ok := response.(interface{ GetUpdatedCount() int64 }); ok {
		w.Updated = r.GetUpdatedCount()
	}
	if r, ok := response.(interface{ GetDeletedCount() int64 }); ok {
		w.Deleted = r.GetDeletedCount()
	}
	if r, ok := response.(interface {
		GetErrors() []*sluicev1.RowError
		GetCommitToken() string
		GetReplayed() bool
	}); ok {
		w.CommitToken, w.Replayed = r.GetCommitToken(), r.GetReplayed()
		for _, e := range r.GetErrors() {
			w.Errors = append(w.Errors, newRowError(e))
		}
	}
	header := newHeader(response.GetColumns())
	for _, row := range response.GetRows() {
		if len(row.GetValues()) == 0 {
			w.Rows = append(w.Rows, Row{})
			continue
		}
		r, err := header.row(row)
		if err != nil {
			return nil, err
		}
		w.Rows = append(w.Rows, r)
	}
	return w, nil
}
