package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"

	sluice "github.com/sluicedb/sluice/clients/go"
	sluicev1 "github.com/sluicedb/sluice/clients/go/gen/sluice/v1"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
)

type clientCall func(context.Context, *sluice.Client, string) (proto.Message, error)

// The methods that the client has calls for. Its Query is StreamQuery.
var clientCalls = map[string]clientCall{
	"CatalogService/ListDatabases": reading(listDatabases),
	"CatalogService/GetDatabase":   reading(getDatabase),
	"CatalogService/ListTables":    reading(listTables),
	"CatalogService/GetTable":      reading(getTable),
	"CatalogService/CreateTable":   reading(createTable),
	"CatalogService/AlterTable":    reading(alterTable),
	"CatalogService/DropTable":     reading(dropTable),
	"QueryService/Query":           reading(query[*sluicev1.QueryRequest]),
	"QueryService/StreamQuery":     reading(query[*sluicev1.StreamQueryRequest]),
	"RowService/ListRows":          reading(listRows),
	"RowService/ReadRows":          reading(readRows),
	"RowService/GetRow":            reading(getRow),
	"RowService/InsertRows":        reading(insertRows),
	"RowService/UpsertRows":        reading(upsertRows),
	"RowService/UpdateRows":        reading(updateRows),
	"RowService/DeleteRows":        reading(deleteRows),
	"RowService/UpdateRow":         reading(updateRow),
	"RowService/LoadRows":          reading(loadRows),
	"RowService/DeleteRow":         reading(deleteRow),
}

// throughClient gives the request and the answer of the method that the client's call is made of.
func throughClient(ctx context.Context, client *sluice.Client, l line) ([]json.RawMessage, error) {
	if l.Method == "SnapshotService/DownloadDatabase" {
		return download(ctx, client, l.Request)
	}
	if l.Method == "SnapshotService/RestoreDatabase" {
		return restore(ctx, client, l.Request)
	}
	call, ok := clientCalls[l.Method]
	if !ok {
		return nil, fmt.Errorf("the client has no %s", l.Method)
	}
	response, err := call(ctx, client, l.Request)
	if err != nil {
		return nil, err
	}
	text, err := protojson.Marshal(response)
	return []json.RawMessage{text}, err
}

func reading[Request proto.Message](call func(context.Context, *sluice.Client, Request) (proto.Message, error)) clientCall {
	return func(ctx context.Context, client *sluice.Client, text string) (proto.Message, error) {
		var none Request
		request := none.ProtoReflect().Type().New().Interface().(Request)
		if err := protojson.Unmarshal([]byte(text), request); err != nil {
			return nil, err
		}
		return call(ctx, client, request)
	}
}

func listDatabases(ctx context.Context, client *sluice.Client, _ *sluicev1.ListDatabasesRequest) (proto.Message, error) {
	response := &sluicev1.ListDatabasesResponse{}
	for database, err := range client.Databases(ctx) {
		if err != nil {
			return nil, err
		}
		response.Databases = append(response.Databases, database)
	}
	return response, nil
}

func getDatabase(ctx context.Context, client *sluice.Client, r *sluicev1.GetDatabaseRequest) (proto.Message, error) {
	database, err := client.Database(r.GetDatabase()).Describe(ctx)
	return &sluicev1.GetDatabaseResponse{Database: database}, err
}

func listTables(ctx context.Context, client *sluice.Client, r *sluicev1.ListTablesRequest) (proto.Message, error) {
	response := &sluicev1.ListTablesResponse{}
	for table, err := range client.Database(r.GetDatabase()).Tables(ctx) {
		if err != nil {
			return nil, err
		}
		response.Tables = append(response.Tables, table)
	}
	return response, nil
}

func getTable(ctx context.Context, client *sluice.Client, r *sluicev1.GetTableRequest) (proto.Message, error) {
	table, err := client.Database(r.GetDatabase()).Table(ctx, r.GetTable())
	return &sluicev1.GetTableResponse{Table: table}, err
}

type statement interface {
	proto.Message
	GetDatabase() string
	GetSql() string
	GetParams() []*sluicev1.Value
	GetNamedParams() map[string]*sluicev1.Value
	GetMinCommitToken() string
}

func query[Request statement](ctx context.Context, client *sluice.Client, r Request) (proto.Message, error) {
	var args []any
	for _, value := range r.GetParams() {
		args = append(args, fromMessage(value))
	}
	for name, value := range r.GetNamedParams() {
		args = append(args, sluice.Named(name, fromMessage(value)))
	}
	result, err := client.Database(r.GetDatabase()).AtLeast(r.GetMinCommitToken()).QueryAll(ctx, r.GetSql(), args...)
	if err != nil {
		return nil, err
	}
	return &sluicev1.QueryResponse{Columns: columns(result.Columns), Rows: rows(result.Rows),
		Stats: &sluicev1.QueryStats{RowCount: result.Stats.GetRowCount()}}, nil
}

func listRows(ctx context.Context, client *sluice.Client, r *sluicev1.ListRowsRequest) (proto.Message, error) {
	response := &sluicev1.ListRowsResponse{}
	for row, err := range client.Database(r.GetDatabase()).AtLeast(r.GetMinCommitToken()).Rows(ctx, r.GetTable(), choice(r)) {
		if err != nil {
			return nil, err
		}
		response.Columns = columns(row.Columns())
		response.Rows = append(response.Rows, toMessage(row))
	}
	return response, nil
}

func readRows(ctx context.Context, client *sluice.Client, r *sluicev1.ReadRowsRequest) (proto.Message, error) {
	response := &sluicev1.ReadRowsResponse{}
	chosen := choice(r)
	chosen.Limit = r.GetRowLimit()
	for row, err := range client.Database(r.GetDatabase()).AtLeast(r.GetMinCommitToken()).StreamRows(ctx, r.GetTable(), chosen) {
		if err != nil {
			return nil, err
		}
		response.Columns = columns(row.Columns())
		response.Rows = append(response.Rows, toMessage(row))
	}
	return response, nil
}

type chooser interface {
	GetFilter() string
	GetOrderBy() string
	GetSearch() string
	GetRawSearch() bool
	GetSnippets() bool
	GetColumns() []string
	GetLabels() []string
}

func choice(r chooser) sluice.Choice {
	return sluice.Choice{Filter: r.GetFilter(), OrderBy: r.GetOrderBy(), Search: r.GetSearch(), RawSearch: r.GetRawSearch(),
		Snippets: r.GetSnippets(), Columns: r.GetColumns(), Labels: r.GetLabels()}
}

func getRow(ctx context.Context, client *sluice.Client, r *sluicev1.GetRowRequest) (proto.Message, error) {
	row, err := client.Database(r.GetDatabase()).AtLeast(r.GetMinCommitToken()).Row(ctx, r.GetTable(), r.GetKey(), r.GetLabels()...)
	if err != nil {
		return nil, err
	}
	return &sluicev1.GetRowResponse{Columns: columns(row.Columns()), Row: toMessage(row)}, nil
}

func download(ctx context.Context, client *sluice.Client, text string) ([]json.RawMessage, error) {
	var request struct{ Database, Path string }
	if err := json.Unmarshal([]byte(text), &request); err != nil {
		return nil, err
	}
	if err := client.Database(request.Database).Download(ctx, request.Path, nil); err != nil {
		return nil, err
	}
	content, err := os.ReadFile(request.Path)
	if err != nil {
		return nil, err
	}
	digest := sha256.Sum256(content)
	response, err := json.Marshal(map[string]string{
		"sha256": hex.EncodeToString(digest[:]), "sizeBytes": fmt.Sprint(len(content))})
	return []json.RawMessage{response}, err
}

func restore(ctx context.Context, client *sluice.Client, text string) ([]json.RawMessage, error) {
	var request struct {
		Database, Path string
		Create         bool
	}
	if err := json.Unmarshal([]byte(text), &request); err != nil {
		return nil, err
	}
	result, err := client.Database(request.Database).Restore(ctx, request.Path, sluice.RestoreOptions{Create: request.Create})
	if err != nil {
		return nil, err
	}
	response, err := protojson.Marshal(result)
	return []json.RawMessage{response}, err
}
