package sluice

import (
	"context"
	"errors"
	"iter"

	sluicev1 "github.com/sluicedb/sluice/clients/go/gen/sluice/v1"
)

// Database is one database of a server.
type Database struct {
	client *Client
	name   string
}

// Name is the database's name.
func (d *Database) Name() string { return d.name }

// Describe gives size, counts and state of the database.
func (d *Database) Describe(ctx context.Context) (*sluicev1.Database, error) {
	response, err := d.client.catalog.GetDatabase(ctx, &sluicev1.GetDatabaseRequest{Database: d.name})
	return response.GetDatabase(), err
}

// Tables gives the tables and views by name, without the hidden ones. [Database.Table] has their columns.
func (d *Database) Tables(ctx context.Context) iter.Seq2[*sluicev1.Table, error] {
	return paged(func(token string) ([]*sluicev1.Table, string, error) {
		response, err := d.client.catalog.ListTables(ctx, &sluicev1.ListTablesRequest{
			Database: d.name, PageSize: listPageSize, PageToken: token,
		})
		return response.GetTables(), response.GetNextPageToken(), err
	})
}

// Table describes a table or view: columns, keys, indexes, triggers, number of rows.
func (d *Database) Table(ctx context.Context, name string) (*sluicev1.Table, error) {
	response, err := d.client.catalog.GetTable(ctx, &sluicev1.GetTableRequest{Database: d.name, Table: name})
	return response.GetTable(), err
}

// Rows gives every row of a table or view, page after page. Over data that does not change each row comes exactly once;
// for one consistent state of a changing table use a query.
func (d *Database) Rows(ctx context.Context, table string) iter.Seq2[Row, error] {
	return paged(func(token string) ([]Row, string, error) {
		response, err := d.client.row.ListRows(ctx, &sluicev1.ListRowsRequest{
			Database: d.name, Table: table, PageSize: listPageSize, PageToken: token,
		})
		if err != nil {
			return nil, "", err
		}
		rows, err := newHeader(response.GetColumns()).rows(response.GetRows())
		return rows, response.GetNextPageToken(), err
	})
}

// Row gives the row with a key, which comes from [Row.Key] or [Key], with its etag.
func (d *Database) Row(ctx context.Context, table, key string) (Row, error) {
	response, err := d.client.row.GetRow(ctx, &sluicev1.GetRowRequest{Database: d.name, Table: table, Key: key})
	if err != nil {
		return Row{}, err
	}
	if response.GetRow() == nil {
		return Row{}, errors.New("sluice: the server's answer has no row")
	}
	return newHeader(response.GetColumns()).row(response.GetRow())
}
