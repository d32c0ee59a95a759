package sluice

import (
	"context"
	"reflect"
	"testing"

	sluicev1 "github.com/sluicedb/sluice/clients/go/gen/sluice/v1"
)

func (f *fakeServer) RunQuery(ctx context.Context, r *sluicev1.RunQueryRequest) (*sluicev1.RunQueryResponse, error) {
	return answer(ctx, f, r, f.runQuery)
}

func TestAStoredQueryRunsWithParametersByName(t *testing.T) {
	var got *sluicev1.RunQueryRequest
	fake := &fakeServer{runQuery: func(r *sluicev1.RunQueryRequest) (*sluicev1.RunQueryResponse, error) {
		got = r
		return &sluicev1.RunQueryResponse{Columns: protoColumns("a"), Truncated: true,
			Stats:  &sluicev1.QueryStats{RowCount: 2},
			Packed: &sluicev1.PackedRows{RowCount: 2, Columns: []*sluicev1.PackedColumn{{Integers: []int64{1, 2}}}},
		}, nil
	}}
	db := serve(t, fake).Database("d")
	result, err := db.RunQuery(context.Background(), "recent", Named("station", "EPSG"), Named("n", 5))
	if err != nil {
		t.Fatal(err)
	}
	if got.GetQuery() != "recent" || got.GetParams()["station"].GetText() != "EPSG" || got.GetParams()["n"].GetInteger() != 5 {
		t.Errorf("asked for %v", got)
	}
	if !result.Truncated || result.Stats.GetRowCount() != 2 || len(result.Rows) != 2 ||
		!reflect.DeepEqual(result.Rows[1].Values(), []any{int64(2)}) {
		t.Errorf("got %+v", result)
	}
	if _, err := db.RunQuery(context.Background(), "recent", Named("n", struct{}{})); err == nil {
		t.Error("a struct was taken for a value")
	}
}

func TestAStoredQueryThatWritesSaysWhatItDid(t *testing.T) {
	var got *sluicev1.RunQueryRequest
	fake := &fakeServer{runQuery: func(r *sluicev1.RunQueryRequest) (*sluicev1.RunQueryResponse, error) {
		got = r
		return &sluicev1.RunQueryResponse{Columns: protoColumns("a"), Rows: []*sluicev1.Row{protoRow(t, 1)},
			AffectedCount: 1, LastInsertRowid: 7, CommitToken: "c", Replayed: true}, nil
	}}
	done, err := serve(t, fake).Database("d").ExecuteQuery(context.Background(), "add", []NamedArg{Named("n", 5)}, RequestID("id"))
	if err != nil {
		t.Fatal(err)
	}
	if got.GetQuery() != "add" || got.GetParams()["n"].GetInteger() != 5 || got.GetRequestId() != "id" {
		t.Errorf("asked for %v", got)
	}
	if done.Affected != 1 || done.LastInsertRowid != 7 || done.CommitToken != "c" || !done.Replayed || len(done.Rows) != 1 {
		t.Errorf("got %+v", done)
	}
}
