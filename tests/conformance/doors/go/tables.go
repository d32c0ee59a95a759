package main

import (
	"context"

	sluice "github.com/sluicedb/sluice/clients/go"
	sluicev1 "github.com/sluicedb/sluice/clients/go/gen/sluice/v1"
	"google.golang.org/protobuf/proto"
)

func createTable(ctx context.Context, client *sluice.Client, r *sluicev1.CreateTableRequest) (proto.Message, error) {
	var rows any
	if len(r.GetRows()) > 0 {
		var names []string
		for _, column := range r.GetColumns() {
			names = append(names, column.GetName())
		}
		rows, _ = batch(names, r.GetRows())
	}
	return client.Database(r.GetDatabase()).CreateTable(ctx, r, rows, options(r)...)
}

func alterTable(ctx context.Context, client *sluice.Client, r *sluicev1.AlterTableRequest) (proto.Message, error) {
	return client.Database(r.GetDatabase()).AlterTable(ctx, r.GetTable(), r.GetChanges(), options(r)...)
}

func dropTable(ctx context.Context, client *sluice.Client, r *sluicev1.DropTableRequest) (proto.Message, error) {
	all := options(r)
	if r.GetCascade() {
		all = append(all, sluice.Cascade())
	}
	if r.GetAllowMissing() {
		all = append(all, sluice.AllowMissing())
	}
	return client.Database(r.GetDatabase()).DropTable(ctx, r.GetTable(), all...)
}
