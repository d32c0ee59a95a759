package sluice

import (
	"context"
	"strings"
	"testing"

	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/proto"

	sluicev1 "github.com/sluicedb/sluice/clients/go/gen/sluice/v1"
)

func TestOptionsBecomeFields(t *testing.T) {
	got, err := inserted(t, map[string]any{"a": 1}, UpdateConflicts([]string{"a"}, []string{"b"}), MissingNull(),
		ContinueOnError(), ValidateOnly(), RequestID("id"))
	want := &sluicev1.InsertRowsRequest{Database: "d", Table: "t", Columns: []string{"a"},
		Rows: []*sluicev1.Row{protoRow(t, 1)}, MissingColumns: sluicev1.MissingColumns_MISSING_COLUMNS_NULL,
		OnConflict: &sluicev1.OnConflict{Action: sluicev1.OnConflict_ACTION_UPDATE, Target: []string{"a"},
			UpdateColumns: []string{"b"}},
		ContinueOnError: true, ValidateOnly: true, RequestId: "id"}
	if err != nil || !proto.Equal(got, want) {
		t.Errorf("got %v, %v", got, err)
	}
}

func TestAnOptionThatAMethodHasNoUseForIsRefused(t *testing.T) {
	if _, err := inserted(t, map[string]any{"a": 1}, IfMatch("e")); err == nil || !strings.Contains(err.Error(), "IfMatch") {
		t.Errorf("got %v", err)
	}
}

func TestRowsThatWereNotWrittenAreEmptyAndHaveErrors(t *testing.T) {
	fake := &fakeServer{upsertRows: func(r *sluicev1.UpsertRowsRequest) (*sluicev1.UpsertRowsResponse, error) {
		return &sluicev1.UpsertRowsResponse{InsertedCount: 1, UpdatedCount: 2, IgnoredCount: 3, Keys: []string{"1", ""},
			Columns: []*sluicev1.Column{{Name: "a"}}, Rows: []*sluicev1.Row{protoRow(t, 1), {}}, Replayed: true,
			Errors: []*sluicev1.RowError{{Row: 1, Code: int32(codes.AlreadyExists), Reason: "UNIQUE"}}}, nil
	}}
	w, err := serve(t, fake).Database("d").Upsert(context.Background(), "t", []map[string]any{{"a": 1}, {"a": 2}}, Target("a"))
	if err != nil {
		t.Fatal(err)
	}
	if w.Inserted != 1 || w.Updated != 2 || w.Ignored != 3 || !w.Replayed || w.Rows[0].Len() != 1 || w.Rows[1].Len() != 0 {
		t.Errorf("got %+v", w)
	}
	if e := w.Errors[0]; e.Row != 1 || e.Code != codes.AlreadyExists || e.Reason != "UNIQUE" {
		t.Errorf("got %+v", e)
	}
}

func TestUpdateNamesRowsByKeysOrByTheirOwn(t *testing.T) {
	var got *sluicev1.UpdateRowsRequest
	fake := &fakeServer{updateRows: func(r *sluicev1.UpdateRowsRequest) (*sluicev1.UpdateRowsResponse, error) {
		got = r
		return &sluicev1.UpdateRowsResponse{UpdatedCount: 1}, nil
	}}
	db := serve(t, fake).Database("d")
	ctx := context.Background()
	if _, err := db.Update(ctx, "t", map[string]any{"b": 1}, Keys("k"), AllowMissing()); err != nil ||
		got.GetRows()[0].GetKey() != "k" || !got.GetAllowMissing() {
		t.Errorf("got %v, %v", got, err)
	}
	if _, err := db.Update(ctx, "t", map[string]any{"id": 1, "b": 2}); err != nil || len(got.GetRows()) != 0 ||
		len(got.GetObjects()[0].GetFields()) != 2 {
		t.Errorf("got %v, %v", got, err)
	}
	if _, err := db.Update(ctx, "t", map[string]any{"b": 1}, Keys("k", "l")); err == nil {
		t.Error("two keys for one row were sent")
	}
}

func TestACommitRunsOneBranch(t *testing.T) {
	var got *sluicev1.CommitRequest
	fake := &fakeServer{commit: func(r *sluicev1.CommitRequest) (*sluicev1.CommitResponse, error) {
		got = r
		return &sluicev1.CommitResponse{Results: []*sluicev1.MutationResult{{DeletedCount: 1}}, CommitToken: "c"}, nil
	}}
	success := new(Mutations).Insert("t", map[string]any{"a": 1}).Update("t", map[string]any{"b": 2}, Keys("1"))
	committed, err := serve(t, fake).Database("d").Commit(context.Background(), Commit{
		Preconditions: []Precondition{RowExists("t", "1", false), RowUnchanged("t", "2", "e"), RowWhere("t", "3", "b", ">=", 4)},
		Success:       success, Failure: new(Mutations).Delete("t", []string{"1"})}, RequestID("id"))
	if err != nil || committed.Succeeded || committed.Results[0].Deleted != 1 || committed.CommitToken != "c" {
		t.Errorf("got %+v, %v", committed, err)
	}
	if len(got.GetSuccess()) != 2 || got.GetFailure()[0].GetDelete().GetKeys()[0] != "1" || got.GetRequestId() != "id" {
		t.Errorf("got %v", got)
	}
	comparison := &sluicev1.Comparison{Column: "b", Operator: sluicev1.Comparison_OPERATOR_GREATER_OR_EQUAL, Value: value(t, 4)}
	if !proto.Equal(got.GetPreconditions()[2].GetColumn(), comparison) || got.GetPreconditions()[1].GetEtag() != "e" {
		t.Errorf("got %v", got.GetPreconditions())
	}
}

func TestWritesByFilterSayWhatTheyMean(t *testing.T) {
	var update *sluicev1.UpdateRowsRequest
	var deletion *sluicev1.DeleteRowsRequest
	fake := &fakeServer{
		updateRows: func(r *sluicev1.UpdateRowsRequest) (*sluicev1.UpdateRowsResponse, error) {
			update = r
			return &sluicev1.UpdateRowsResponse{UpdatedCount: 2}, nil
		},
		deleteRows: func(r *sluicev1.DeleteRowsRequest) (*sluicev1.DeleteRowsResponse, error) {
			deletion = r
			return &sluicev1.DeleteRowsResponse{DeletedCount: 3}, nil
		},
	}
	db := serve(t, fake).Database("d")
	ctx := context.Background()
	w, err := db.UpdateWhere(ctx, "t", "a > 1", map[string]any{"b": 1}, MaxAffected(5), ReturnNone())
	want := &sluicev1.UpdateRowsRequest{Database: "d", Table: "t", Columns: []string{"b"}, Rows: []*sluicev1.Row{protoRow(t, 1)},
		Filter: "a > 1", MaxAffected: 5, Return: sluicev1.Return_RETURN_NONE}
	if err != nil || w.Updated != 2 || !proto.Equal(update, want) {
		t.Errorf("got %v, %v", update, err)
	}
	w, err = db.DeleteWhere(ctx, "t", "", AllRows(), Replicated())
	if err != nil || w.Deleted != 3 || !deletion.GetAllRows() || deletion.GetDurability() != sluicev1.Durability_DURABILITY_REPLICATED {
		t.Errorf("got %v, %v", deletion, err)
	}
	calls := fake.calls.Load()
	for _, options := range [][]WriteOption{nil, {MaxAffected(5)}} {
		if _, err := db.DeleteWhere(ctx, "t", "", options...); err == nil {
			t.Error("a deletion without a filter was sent")
		}
	}
	if _, err := db.DeleteWhere(ctx, "t", "a = 1", AllRows()); err == nil || fake.calls.Load() != calls {
		t.Errorf("got %v", err)
	}
}

func TestWritesOfOneRowTellTheirCommit(t *testing.T) {
	fake := &fakeServer{
		updateRow: func(*sluicev1.UpdateRowRequest) (*sluicev1.UpdateRowResponse, error) {
			row := protoRow(t, 1)
			row.Key, row.Etag = "1", "new"
			return &sluicev1.UpdateRowResponse{Columns: protoColumns("a"), Row: row, CommitToken: "ab-1", Replayed: true}, nil
		},
		deleteRow: func(*sluicev1.DeleteRowRequest) (*sluicev1.DeleteRowResponse, error) {
			return &sluicev1.DeleteRowResponse{CommitToken: "ab-2", Replayed: true}, nil
		},
	}
	db := serve(t, fake).Database("d")
	w, err := db.UpdateRow(context.Background(), "t", "1", map[string]any{"a": 1}, IfMatch("old"))
	if err != nil || w.CommitToken != "ab-1" || !w.Replayed || w.Updated != 1 || w.Rows[0].Etag() != "new" || w.Keys[0] != "1" {
		t.Errorf("got %+v, %v", w, err)
	}
	w, err = db.DeleteRow(context.Background(), "t", "1", IfMatch("new"))
	if err != nil || w.CommitToken != "ab-2" || !w.Replayed || w.Deleted != 1 {
		t.Errorf("got %+v, %v", w, err)
	}
}
