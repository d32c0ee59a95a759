package sluice

import (
	"context"
	"iter"

	sluicev1 "github.com/sluicedb/sluice/clients/go/gen/sluice/v1"
)

// Database is one database of a server.
type Database struct {
	client *Client
	name   string
	// Of AtLeast.
	minToken string
	// Of With.
	others []string
}

// AtLeast is the same database, whose reads see a state at least as new as the write that was answered with this commit
// token. They fail with Unavailable (COMMIT_NOT_REACHED) where it has not arrived, and with FailedPrecondition
// (OTHER_HISTORY) when the database was restored or replaced since.
func (d *Database) AtLeast(commitToken string) *Database {
	reads := *d
	reads.minToken = commitToken
	return &reads
}

// With is the same database, whose [Database.Query], [Database.QueryAll] and [Database.Explain] read other databases too:
// their statements find a table of one under its database's name, `SELECT … FROM orders JOIN "2024-archive".orders`.
func (d *Database) With(databases ...string) *Database {
	reads := *d
	reads.others = databases
	return &reads
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
