package sluice

import (
	"context"
	"strings"
	"testing"
	"time"

	sluicev1 "github.com/sluicedb/sluice/clients/go/gen/sluice/v1"
)

func TestCreateTableSendsRowsTypedInTheOrderOfTheColumns(t *testing.T) {
	var got *sluicev1.CreateTableRequest
	fake := &fakeServer{createTable: func(r *sluicev1.CreateTableRequest) (*sluicev1.CreateTableResponse, error) {
		got = r
		return &sluicev1.CreateTableResponse{Created: true, InsertedCount: 1}, nil
	}}
	table := &sluicev1.CreateTableRequest{Table: "dogs", Columns: []*sluicev1.ColumnDefinition{{Name: "name", Type: "TEXT"}}}
	made, err := serve(t, fake).Database("d").CreateTable(context.Background(), table,
		[]map[string]any{{"age": 5, "name": "Cleo"}}, RequestID("id"), ValidateOnly())
	if err != nil || !made.GetCreated() || got.GetDatabase() != "d" || got.GetRequestId() != "id" || !got.GetValidateOnly() {
		t.Fatalf("got %v, %v", got, err)
	}
	if len(got.GetColumns()) != 2 || got.GetColumns()[1].GetName() != "age" || got.GetColumns()[0].GetType() != "TEXT" ||
		got.GetRows()[0].GetValues()[0].GetText() != "Cleo" || got.GetRows()[0].GetValues()[1].GetInteger() != 5 {
		t.Errorf("got %v", got)
	}
	if len(table.GetColumns()) != 1 {
		t.Error("the caller's message was changed")
	}
}

func TestCreateTableSendsRowsAsObjectsWhenTheyGiveNotAllColumns(t *testing.T) {
	var got *sluicev1.CreateTableRequest
	fake := &fakeServer{createTable: func(r *sluicev1.CreateTableRequest) (*sluicev1.CreateTableResponse, error) {
		got = r
		return &sluicev1.CreateTableResponse{}, nil
	}}
	table := &sluicev1.CreateTableRequest{Table: "dogs", Columns: []*sluicev1.ColumnDefinition{{Name: "at"}}}
	_, err := serve(t, fake).Database("d").CreateTable(context.Background(), table, []map[string]any{{"name": "Cleo"}})
	if err != nil || len(got.GetRows()) != 0 || got.GetObjects()[0].GetFields()["name"] == nil {
		t.Errorf("got %v, %v", got, err)
	}
}

func TestAlterTableSendsChangesInOrder(t *testing.T) {
	var got *sluicev1.AlterTableRequest
	fake := &fakeServer{alterTable: func(r *sluicev1.AlterTableRequest) (*sluicev1.AlterTableResponse, error) {
		got = r
		return &sluicev1.AlterTableResponse{Statements: []string{"ALTER …"}}, nil
	}}
	notNull := true
	altered, err := serve(t, fake).Database("d").AlterTable(context.Background(), "t", []*sluicev1.TableChange{
		AddColumn(&sluicev1.ColumnDefinition{Name: "a"}), RenameColumn("a", "b"), RenameTable("u"), DropColumn("c"),
		AlterColumn(&sluicev1.AlterColumn{Column: "b", NotNull: &notNull}), ReorderColumns("b"), SetPrimaryKey("b"),
		AddForeignKey(&sluicev1.ForeignKeyDefinition{Columns: []string{"b"}, ParentTable: "p"}), DropForeignKey("b"),
		EnableFullText("porter", "b"), DisableFullText()}, ValidateOnly())
	if err != nil || len(altered.GetStatements()) != 1 || len(got.GetChanges()) != 11 || !got.GetValidateOnly() {
		t.Fatalf("got %v, %v", got, err)
	}
	if got.GetChanges()[1].GetRenameColumn().GetNewName() != "b" || !got.GetChanges()[4].GetAlterColumn().GetNotNull() ||
		got.GetChanges()[9].GetEnableFullText().GetTokenizer() != "porter" || got.GetChanges()[10].GetDisableFullText() == nil {
		t.Errorf("got %v", got)
	}
}

func TestDropTableTakesItsOptions(t *testing.T) {
	var got *sluicev1.DropTableRequest
	fake := &fakeServer{dropTable: func(r *sluicev1.DropTableRequest) (*sluicev1.DropTableResponse, error) {
		got = r
		return &sluicev1.DropTableResponse{Dropped: true}, nil
	}}
	db := serve(t, fake).Database("d")
	dropped, err := db.DropTable(context.Background(), "t", Cascade(), AllowMissing())
	if err != nil || !dropped.GetDropped() || !got.GetCascade() || !got.GetAllowMissing() || got.GetTable() != "t" {
		t.Errorf("got %v, %v", got, err)
	}
	if _, err := db.DropTable(context.Background(), "t", ReturnRows()); err == nil {
		t.Error("an option that DropTable has no use for was taken")
	}
}

func TestChangesOfTablesRefuseWhatTheyHaveNoUseFor(t *testing.T) {
	fake := &fakeServer{}
	db := serve(t, fake).Database("d")
	ctx := context.Background()
	_, created := db.CreateTable(ctx, &sluicev1.CreateTableRequest{Table: "t"}, nil, Replicated())
	_, altered := db.AlterTable(ctx, "t", nil, Replicated())
	_, dropped := db.DropTable(ctx, "t", Replicated())
	for _, err := range []error{created, altered, dropped} {
		if err == nil || !strings.Contains(err.Error(), "Replicated") {
			t.Errorf("got %v", err)
		}
	}
	if fake.calls.Load() != 0 {
		t.Error("a change was sent")
	}
}

func TestChangesOfTablesHaveTheTimeThatTheServerTakes(t *testing.T) {
	fake := &fakeServer{}
	for timeout, atLeast := range map[time.Duration]time.Duration{time.Minute: 5 * time.Minute, time.Hour: 59 * time.Minute} {
		db := serve(t, fake, WithTimeout(timeout)).Database("d")
		for name, change := range map[string]func(){
			"CreateTable": func() { db.CreateTable(context.Background(), &sluicev1.CreateTableRequest{Table: "t"}, nil) },
			"AlterTable":  func() { db.AlterTable(context.Background(), "t", nil) },
			"DropTable":   func() { db.DropTable(context.Background(), "t") },
		} {
			if change(); time.Duration(fake.left.Load()) < atLeast {
				t.Errorf("%s had %v", name, time.Duration(fake.left.Load()))
			}
		}
	}
	db := serve(t, fake, WithTimeout(0)).Database("d")
	if db.DropTable(context.Background(), "t"); fake.deadline.Load() {
		t.Error("WithTimeout(0) left a deadline")
	}
}
