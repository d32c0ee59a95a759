package sluice

import (
	"context"
	"testing"

	sluicev1 "github.com/sluicedb/sluice/clients/go/gen/sluice/v1"
)

func TestExecuteSendsParametersAndTellsWhatWasDone(t *testing.T) {
	var got *sluicev1.ExecuteRequest
	fake := &fakeServer{execute: func(r *sluicev1.ExecuteRequest) (*sluicev1.ExecuteResponse, error) {
		got = r
		return &sluicev1.ExecuteResponse{Columns: []*sluicev1.Column{{Name: "a"}}, Rows: []*sluicev1.Row{protoRow(t, 7)},
			AffectedCount: 1, LastInsertRowid: 7, Truncated: true, CommitToken: "c", Replayed: true}, nil
	}}
	done, err := serve(t, fake).Database("d").Execute(context.Background(),
		Statement{SQL: "INSERT …", Args: []any{Named("x", 1)}}, ValidateOnly(), RequestID("id"))
	if err != nil || got.GetNamedParams()["x"].GetInteger() != 1 || !got.GetValidateOnly() || got.GetRequestId() != "id" {
		t.Fatalf("got %v, %v", got, err)
	}
	if done.Affected != 1 || done.LastInsertRowid != 7 || !done.Truncated || done.CommitToken != "c" || !done.Replayed ||
		done.Rows[0].Value(0) != int64(7) {
		t.Errorf("got %+v", done)
	}
}

func TestBatchExecuteRunsStatementsInOrder(t *testing.T) {
	var got *sluicev1.BatchExecuteRequest
	fake := &fakeServer{batchExecute: func(r *sluicev1.BatchExecuteRequest) (*sluicev1.BatchExecuteResponse, error) {
		got = r
		return &sluicev1.BatchExecuteResponse{CommitToken: "c",
			Results: []*sluicev1.StatementResult{{}, {AffectedCount: 2}}}, nil
	}}
	done, err := serve(t, fake).Database("d").BatchExecute(context.Background(),
		[]Statement{{SQL: "CREATE …"}, {SQL: "INSERT …", Args: []any{1, 2}}})
	if err != nil || len(got.GetStatements()) != 2 || len(got.GetStatements()[1].GetParams()) != 2 {
		t.Fatalf("got %v, %v", got, err)
	}
	if done[1].Affected != 2 || done[0].CommitToken != "c" {
		t.Errorf("got %+v", done[1])
	}
}
