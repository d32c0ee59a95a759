package main

import (
	"context"

	sluice "github.com/sluicedb/sluice/clients/go"
	sluicev1 "github.com/sluicedb/sluice/clients/go/gen/sluice/v1"
	"google.golang.org/protobuf/proto"
)

// A write's fields that the client has options for.
type write interface {
	GetValidateOnly() bool
	GetRequestId() string
}

// Those that may ask how long they are kept.
type durable interface {
	GetDurability() sluicev1.Durability
}

type batchWrite interface {
	write
	GetReturn() sluicev1.Return
	GetContinueOnError() bool
}

func options(r write) []sluice.WriteOption {
	var options []sluice.WriteOption
	if r.GetValidateOnly() {
		options = append(options, sluice.ValidateOnly())
	}
	if r.GetRequestId() != "" {
		options = append(options, sluice.RequestID(r.GetRequestId()))
	}
	if d, ok := r.(durable); ok && d.GetDurability() == sluicev1.Durability_DURABILITY_REPLICATED {
		options = append(options, sluice.Replicated())
	}
	return options
}

// A write by filter's fields.
type matching interface {
	batchWrite
	GetFilter() string
	GetAllRows() bool
	GetMaxAffected() int64
}

func byFilter(r matching) bool { return r.GetFilter() != "" || r.GetAllRows() }

func matchingOptions(r matching) []sluice.WriteOption {
	all := batchOptions(r)
	if r.GetAllRows() {
		all = append(all, sluice.AllRows())
	}
	if r.GetMaxAffected() > 0 {
		all = append(all, sluice.MaxAffected(r.GetMaxAffected()))
	}
	return all
}

func batchOptions(r batchWrite) []sluice.WriteOption {
	all := options(r)
	if r.GetContinueOnError() {
		all = append(all, sluice.ContinueOnError())
	}
	switch r.GetReturn() {
	case sluicev1.Return_RETURN_NONE:
		all = append(all, sluice.ReturnNone())
	case sluicev1.Return_RETURN_ROWS:
		all = append(all, sluice.ReturnRows())
	}
	return all
}

func batch(names []string, rows []*sluicev1.Row) (sluice.Batch, []string) {
	b := sluice.Batch{Columns: names}
	var keys []string
	for _, row := range rows {
		var values []any
		for _, value := range row.GetValues() {
			values = append(values, fromMessage(value))
		}
		b.Rows = append(b.Rows, values)
		keys = append(keys, row.GetKey())
	}
	return b, keys
}

func insertRows(ctx context.Context, client *sluice.Client, r *sluicev1.InsertRowsRequest) (proto.Message, error) {
	rows, _ := batch(r.GetColumns(), r.GetRows())
	all := batchOptions(r)
	conflict := r.GetOnConflict()
	switch conflict.GetAction() {
	case sluicev1.OnConflict_ACTION_IGNORE:
		all = append(all, sluice.IgnoreConflicts(conflict.GetTarget()...))
	case sluicev1.OnConflict_ACTION_REPLACE:
		all = append(all, sluice.ReplaceConflicts())
	case sluicev1.OnConflict_ACTION_UPDATE:
		all = append(all, sluice.UpdateConflicts(conflict.GetTarget(), conflict.GetUpdateColumns()))
	}
	if r.GetMissingColumns() == sluicev1.MissingColumns_MISSING_COLUMNS_NULL {
		all = append(all, sluice.MissingNull())
	}
	return answerOf(client.Database(r.GetDatabase()).Insert(ctx, r.GetTable(), rows, all...))
}

func upsertRows(ctx context.Context, client *sluice.Client, r *sluicev1.UpsertRowsRequest) (proto.Message, error) {
	rows, _ := batch(r.GetColumns(), r.GetRows())
	all := append(batchOptions(r), sluice.Target(r.GetTarget()...))
	return answerOf(client.Database(r.GetDatabase()).Upsert(ctx, r.GetTable(), rows, all...))
}

func updateRows(ctx context.Context, client *sluice.Client, r *sluicev1.UpdateRowsRequest) (proto.Message, error) {
	rows, keys := batch(r.GetColumns(), r.GetRows())
	if byFilter(r) {
		return answerOf(client.Database(r.GetDatabase()).UpdateWhere(ctx, r.GetTable(), r.GetFilter(), rows, matchingOptions(r)...))
	}
	all := append(batchOptions(r), sluice.Keys(keys...))
	if r.GetAllowMissing() {
		all = append(all, sluice.AllowMissing())
	}
	return answerOf(client.Database(r.GetDatabase()).Update(ctx, r.GetTable(), rows, all...))
}

func deleteRows(ctx context.Context, client *sluice.Client, r *sluicev1.DeleteRowsRequest) (proto.Message, error) {
	all := batchOptions(r)
	if r.GetAllowMissing() {
		all = append(all, sluice.AllowMissing())
	}
	var written *sluice.Written
	var err error
	if byFilter(r) {
		written, err = client.Database(r.GetDatabase()).DeleteWhere(ctx, r.GetTable(), r.GetFilter(), matchingOptions(r)...)
	} else {
		written, err = client.Database(r.GetDatabase()).Delete(ctx, r.GetTable(), r.GetKeys(), all...)
	}
	if err != nil {
		return nil, err
	}
	return &sluicev1.DeleteRowsResponse{DeletedCount: written.Deleted, IgnoredCount: written.Ignored, Keys: written.Keys,
		Columns: columnsOf(written), Rows: writtenRows(written), Errors: rowErrors(written),
		CommitToken: written.CommitToken, Replayed: written.Replayed}, nil
}

// answerOf is that of all writes but deletions.
func answerOf(written *sluice.Written, err error) (proto.Message, error) {
	if err != nil {
		return nil, err
	}
	return &sluicev1.InsertRowsResponse{InsertedCount: written.Inserted, UpdatedCount: written.Updated,
		IgnoredCount: written.Ignored, Keys: written.Keys, Columns: columnsOf(written), Rows: writtenRows(written),
		Errors: rowErrors(written), CommitToken: written.CommitToken, Replayed: written.Replayed}, nil
}

func updateRow(ctx context.Context, client *sluice.Client, r *sluicev1.UpdateRowRequest) (proto.Message, error) {
	values := map[string]any{}
	for i, column := range r.GetColumns() {
		values[column] = fromMessage(r.GetValues()[i])
	}
	written, err := client.Database(r.GetDatabase()).UpdateRow(ctx, r.GetTable(), r.GetKey(), values,
		append(options(r), sluice.IfMatch(r.GetIfMatch()))...)
	if err != nil {
		return nil, err
	}
	row := written.Rows[0]
	return &sluicev1.UpdateRowResponse{Columns: columns(row.Columns()), Row: toMessage(row),
		CommitToken: written.CommitToken, Replayed: written.Replayed}, nil
}

func deleteRow(ctx context.Context, client *sluice.Client, r *sluicev1.DeleteRowRequest) (proto.Message, error) {
	written, err := client.Database(r.GetDatabase()).DeleteRow(ctx, r.GetTable(), r.GetKey(),
		append(options(r), sluice.IfMatch(r.GetIfMatch()))...)
	if err != nil {
		return nil, err
	}
	return &sluicev1.DeleteRowResponse{CommitToken: written.CommitToken, Replayed: written.Replayed}, nil
}

func columnsOf(written *sluice.Written) []*sluicev1.Column {
	for _, row := range written.Rows {
		if row.Len() > 0 {
			return columns(row.Columns())
		}
	}
	return nil
}

func writtenRows(written *sluice.Written) []*sluicev1.Row {
	var all []*sluicev1.Row
	for _, row := range written.Rows {
		all = append(all, toMessage(row))
	}
	return all
}

func rowErrors(written *sluice.Written) []*sluicev1.RowError {
	var all []*sluicev1.RowError
	for _, e := range written.Errors {
		all = append(all, &sluicev1.RowError{Row: int32(e.Row), Code: int32(e.Code), Reason: e.Reason, Message: e.Message,
			Metadata: e.Metadata})
	}
	return all
}

// loadRows is a load of one message.
func loadRows(ctx context.Context, client *sluice.Client, r *sluicev1.LoadRowsRequest) (proto.Message, error) {
	start := r.GetStart()
	options := sluice.LoadOptions{
		MissingNull:     start.GetMissingColumns() == sluicev1.MissingColumns_MISSING_COLUMNS_NULL,
		Atomic:          start.GetMode() == sluicev1.LoadMode_LOAD_MODE_ATOMIC,
		RowsPerCommit:   int(start.GetRowsPerCommit()),
		ID:              start.GetLoadId(),
		ContinueOnError: start.GetContinueOnError(),
		ValidateOnly:    start.GetValidateOnly(),
		Replicated:      start.GetDurability() == sluicev1.Durability_DURABILITY_REPLICATED,
	}
	conflict := start.GetOnConflict()
	switch conflict.GetAction() {
	case sluicev1.OnConflict_ACTION_IGNORE:
		options.OnConflict = sluice.IgnoreConflicts(conflict.GetTarget()...)
	case sluicev1.OnConflict_ACTION_REPLACE:
		options.OnConflict = sluice.ReplaceConflicts()
	case sluicev1.OnConflict_ACTION_UPDATE:
		options.OnConflict = sluice.UpdateConflicts(conflict.GetTarget(), conflict.GetUpdateColumns())
	}
	given, _ := batch(start.GetColumns(), r.GetRows())
	rows := func(yield func([]any, error) bool) {
		for _, row := range given.Rows {
			if !yield(row, nil) {
				return
			}
		}
	}
	loaded, err := client.Database(start.GetDatabase()).Load(ctx, start.GetTable(), start.GetColumns(), rows, options)
	if err != nil {
		return nil, err
	}
	response := &sluicev1.LoadRowsResponse{AcknowledgedRows: loaded.Rows, InsertedCount: loaded.Inserted,
		UpdatedCount: loaded.Updated, IgnoredCount: loaded.Ignored, FailedCount: loaded.Failed, CommitToken: loaded.CommitToken,
		Done: true}
	for _, e := range loaded.Errors {
		response.Errors = append(response.Errors, &sluicev1.LoadError{Row: int64(e.Row), Code: int32(e.Code), Reason: e.Reason,
			Message: e.Message, Metadata: e.Metadata})
	}
	return response, nil
}
