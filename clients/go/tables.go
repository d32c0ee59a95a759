package sluice

import (
	"context"
	"errors"
	"slices"

	"google.golang.org/protobuf/proto"

	sluicev1 "github.com/sluicedb/sluice/clients/go/gen/sluice/v1"
)

// Cascade lets a table be dropped though rows of other tables refer to it or views and triggers need it.
func Cascade() WriteOption {
	return option("Cascade", func(o *writeOptions) { o.cascade = true })
}

// CreateTable makes a table, in a transaction of its own that is on the server's disk when it returns. Rows, which are
// what [Database.Insert] takes or nil, are its first ones: columns that only they give are made, and columns without a
// type get that of their values. Database, rows, request id and validate_only of the request are overwritten. Of options
// it takes [ValidateOnly] and [RequestID].
func (d *Database) CreateTable(ctx context.Context, table *sluicev1.CreateTableRequest, rows any,
	options ...WriteOption) (*sluicev1.CreateTableResponse, error) {
	o, err := takeOptions("CreateTable", options, "ValidateOnly", "RequestID")
	if err != nil {
		return nil, err
	}
	request, ok := proto.Clone(table).(*sluicev1.CreateTableRequest)
	if !ok || table == nil {
		return nil, errors.New("sluice: no table to make")
	}
	request.Database, request.ValidateOnly, request.RequestId = d.name, o.validateOnly, o.requestID
	request.Rows, request.Objects = nil, nil
	if rows != nil {
		var g given
		if err := setRows(&g, rows); err != nil {
			return nil, err
		}
		if err := g.check(); err != nil {
			return nil, err
		}
		setFirstRows(request, &g)
	}
	ctx, cancel := d.client.patient(ctx, tableTimeout)
	defer cancel()
	return d.client.catalog.CreateTable(ctx, request)
}

// setFirstRows sends rows typed when they give all columns of the table, and as natural JSON otherwise.
func setFirstRows(request *sluicev1.CreateTableRequest, g *given) {
	for _, column := range request.Columns {
		if !slices.Contains(g.columns, column.GetName()) {
			request.Objects = g.asObjects()
			return
		}
	}
	if len(g.objects) > 0 {
		request.Objects = g.objects
		return
	}
	known := map[string]bool{}
	for _, column := range request.Columns {
		known[column.GetName()] = true
	}
	for _, column := range g.columns {
		if !known[column] {
			request.Columns = append(request.Columns, &sluicev1.ColumnDefinition{Name: column})
		}
	}
	for _, row := range g.rows {
		ordered := &sluicev1.Row{}
		for _, column := range request.Columns {
			ordered.Values = append(ordered.Values, row.GetValues()[slices.Index(g.columns, column.GetName())])
		}
		request.Rows = append(request.Rows, ordered)
	}
}

// AlterTable changes a table: all changes in order, or none. Rows, indexes, triggers and rows of other tables that refer
// to it survive. Of options it takes [ValidateOnly], with which the answer shows the statements and nothing is kept, and
// [RequestID].
func (d *Database) AlterTable(ctx context.Context, table string, changes []*sluicev1.TableChange,
	options ...WriteOption) (*sluicev1.AlterTableResponse, error) {
	o, err := takeOptions("AlterTable", options, "ValidateOnly", "RequestID")
	if err != nil {
		return nil, err
	}
	ctx, cancel := d.client.patient(ctx, tableTimeout)
	defer cancel()
	return d.client.catalog.AlterTable(ctx, &sluicev1.AlterTableRequest{Database: d.name, Table: table, Changes: changes,
		ValidateOnly: o.validateOnly, RequestId: o.requestID})
}

// DropTable drops a table or a view. It fails with IN_USE while rows of other tables refer to it or views and triggers
// need it, unless [Cascade] is given. [AllowMissing] makes a table that is not there no error.
func (d *Database) DropTable(ctx context.Context, table string, options ...WriteOption) (*sluicev1.DropTableResponse, error) {
	o, err := takeOptions("DropTable", options, "Cascade", "AllowMissing", "ValidateOnly", "RequestID")
	if err != nil {
		return nil, err
	}
	ctx, cancel := d.client.patient(ctx, tableTimeout)
	defer cancel()
	return d.client.catalog.DropTable(ctx, &sluicev1.DropTableRequest{Database: d.name, Table: table, Cascade: o.cascade,
		AllowMissing: o.allowMissing, ValidateOnly: o.validateOnly, RequestId: o.requestID})
}

// AddColumn adds a column after the others.
func AddColumn(column *sluicev1.ColumnDefinition) *sluicev1.TableChange {
	return &sluicev1.TableChange{Change: &sluicev1.TableChange_AddColumn{AddColumn: &sluicev1.AddColumn{Column: column}}}
}

// RenameColumn gives a column another name, in indexes, triggers, views and foreign keys too.
func RenameColumn(column, newName string) *sluicev1.TableChange {
	return &sluicev1.TableChange{Change: &sluicev1.TableChange_RenameColumn{
		RenameColumn: &sluicev1.RenameColumn{Column: column, NewName: newName}}}
}

// RenameTable gives the table another name, in triggers, views and foreign keys too.
func RenameTable(newName string) *sluicev1.TableChange {
	return &sluicev1.TableChange{Change: &sluicev1.TableChange_RenameTable{RenameTable: &sluicev1.RenameTable{NewName: newName}}}
}

// DropColumn takes a column away.
func DropColumn(column string) *sluicev1.TableChange {
	return &sluicev1.TableChange{Change: &sluicev1.TableChange_DropColumn{DropColumn: &sluicev1.DropColumn{Column: column}}}
}

// AlterColumn changes what a column is.
func AlterColumn(change *sluicev1.AlterColumn) *sluicev1.TableChange {
	return &sluicev1.TableChange{Change: &sluicev1.TableChange_AlterColumn{AlterColumn: change}}
}

// ReorderColumns puts these columns first, in this order.
func ReorderColumns(columns ...string) *sluicev1.TableChange {
	return &sluicev1.TableChange{Change: &sluicev1.TableChange_ReorderColumns{
		ReorderColumns: &sluicev1.ReorderColumns{Columns: columns}}}
}

// SetPrimaryKey makes these columns the primary key; none takes it away.
func SetPrimaryKey(columns ...string) *sluicev1.TableChange {
	return &sluicev1.TableChange{Change: &sluicev1.TableChange_SetPrimaryKey{
		SetPrimaryKey: &sluicev1.SetPrimaryKey{Columns: columns}}}
}

// AddForeignKey adds a foreign key.
func AddForeignKey(key *sluicev1.ForeignKeyDefinition) *sluicev1.TableChange {
	return &sluicev1.TableChange{Change: &sluicev1.TableChange_AddForeignKey{AddForeignKey: key}}
}

// DropForeignKey takes the foreign key of these columns away.
func DropForeignKey(columns ...string) *sluicev1.TableChange {
	return &sluicev1.TableChange{Change: &sluicev1.TableChange_DropForeignKey{
		DropForeignKey: &sluicev1.DropForeignKey{Columns: columns}}}
}

// EnableFullText makes a full-text index over columns, with this tokenizer or, when it is empty, FTS5's own.
func EnableFullText(tokenizer string, columns ...string) *sluicev1.TableChange {
	return &sluicev1.TableChange{Change: &sluicev1.TableChange_EnableFullText{
		EnableFullText: &sluicev1.EnableFullText{Columns: columns, Tokenizer: tokenizer}}}
}

// DisableFullText takes the full-text index away.
func DisableFullText() *sluicev1.TableChange {
	return &sluicev1.TableChange{Change: &sluicev1.TableChange_DisableFullText{DisableFullText: &sluicev1.DisableFullText{}}}
}
