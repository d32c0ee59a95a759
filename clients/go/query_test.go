package sluice

import (
	"context"
	"errors"
	"io"
	"reflect"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	sluicev1 "github.com/sluicedb/sluice/clients/go/gen/sluice/v1"
)

type queryStream = grpc.ServerStreamingServer[sluicev1.StreamQueryResponse]

// sending makes a server that answers a query with these messages and then this error.
func sending(err error, messages ...*sluicev1.StreamQueryResponse) *fakeServer {
	return &fakeServer{streamQuery: func(_ *sluicev1.StreamQueryRequest, stream queryStream) error {
		for _, message := range messages {
			if err := stream.Send(message); err != nil {
				return err
			}
		}
		return err
	}}
}

func collect(client *Client, args ...any) (values [][]any, last error) {
	for row, err := range client.Database("d").Query(context.Background(), "SELECT", args...) {
		if err != nil {
			last = err
			continue
		}
		values = append(values, row.Values())
	}
	return values, last
}

func TestQueryGivesTheRowsOfEveryChunk(t *testing.T) {
	client := serve(t, sending(nil,
		&sluicev1.StreamQueryResponse{Columns: protoColumns("a", "b", "a"), Rows: []*sluicev1.Row{protoRow(t, 1, "x", nil)}},
		&sluicev1.StreamQueryResponse{Rows: []*sluicev1.Row{protoRow(t, 2.5, []byte{}, RawText("\xff")), protoRow(t, "", -1, "z")}},
		&sluicev1.StreamQueryResponse{Stats: &sluicev1.QueryStats{RowCount: 3}}))
	values, err := collect(client)
	want := [][]any{{int64(1), "x", nil}, {2.5, []byte{}, RawText("\xff")}, {"", int64(-1), "z"}}
	if err != nil || !reflect.DeepEqual(values, want) {
		t.Errorf("got %#v, %v", values, err)
	}
	result, err := client.Database("d").QueryAll(context.Background(), "SELECT")
	if err != nil || result.Stats.GetRowCount() != 3 || len(result.Rows) != 3 || result.Columns[1].Name != "b" {
		t.Fatalf("got %+v, %v", result, err)
	}
	if first, ok := result.Rows[0].Get("a"); !ok || first != int64(1) {
		t.Errorf("Get of a repeated name gave %v", first)
	}
	if _, ok := result.Rows[0].Get("c"); ok {
		t.Error("Get found a column that is not there")
	}
}

func TestQueryAllHasTheColumnsOfAnEmptyResult(t *testing.T) {
	client := serve(t, sending(nil, &sluicev1.StreamQueryResponse{Columns: protoColumns("a"), Stats: &sluicev1.QueryStats{}}))
	result, err := client.Database("d").QueryAll(context.Background(), "SELECT")
	if err != nil || len(result.Columns) != 1 || len(result.Rows) != 0 {
		t.Errorf("got %+v, %v", result, err)
	}
}

func TestAStreamWithoutStatisticsWasCut(t *testing.T) {
	client := serve(t, sending(nil,
		&sluicev1.StreamQueryResponse{Columns: protoColumns("a"), Rows: []*sluicev1.Row{protoRow(t, 1)}}))
	values, err := collect(client)
	if len(values) != 1 || !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("got %v, %v", values, err)
	}
	if result, err := client.Database("d").QueryAll(context.Background(), "SELECT"); result != nil || err == nil {
		t.Errorf("QueryAll gave %v, %v", result, err)
	}
	if _, err := collect(serve(t, sending(nil))); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("an empty stream gave %v", err)
	}
}

func TestAnErrorMidwayEndsTheRows(t *testing.T) {
	client := serve(t, sending(failure(codes.DeadlineExceeded, "STALLED"),
		&sluicev1.StreamQueryResponse{Columns: protoColumns("a"), Rows: []*sluicev1.Row{protoRow(t, 1)}}))
	values, err := collect(client)
	var known *Error
	if len(values) != 1 || !errors.As(err, &known) || known.Reason != "STALLED" {
		t.Errorf("got %v, %v", values, err)
	}
}

func TestARowThatDoesNotFitItsColumnsIsAnError(t *testing.T) {
	for _, row := range []*sluicev1.Row{protoRow(t, 1, 2), {}, {Values: []*sluicev1.Value{{}}}} {
		client := serve(t, sending(nil, &sluicev1.StreamQueryResponse{Columns: protoColumns("a"),
			Rows: []*sluicev1.Row{row}, Stats: &sluicev1.QueryStats{}}))
		if values, err := collect(client); err == nil || len(values) != 0 {
			t.Errorf("got %v, %v", values, err)
		}
	}
}

func TestLeavingTheLoopEndsTheServersWork(t *testing.T) {
	fake := &fakeServer{}
	fake.streamQuery = func(_ *sluicev1.StreamQueryRequest, stream queryStream) error {
		message := &sluicev1.StreamQueryResponse{Columns: protoColumns("a"), Rows: []*sluicev1.Row{protoRow(t, 1)}}
		for stream.Send(message) == nil {
			message.Columns = nil
		}
		return nil
	}
	client := serve(t, fake)
	for _, err := range client.Database("d").Query(context.Background(), "SELECT") {
		if err != nil {
			t.Fatal(err)
		}
		break
	}
	<-fake.ended
}

func TestParametersGoByPositionOrByName(t *testing.T) {
	fake := sending(nil, &sluicev1.StreamQueryResponse{Stats: &sluicev1.QueryStats{}})
	var got *sluicev1.StreamQueryRequest
	inner := fake.streamQuery
	fake.streamQuery = func(r *sluicev1.StreamQueryRequest, stream queryStream) error {
		got = r
		return inner(r, stream)
	}
	client := serve(t, fake)
	if _, err := collect(client, 4326, "EPSG"); err != nil || len(got.GetParams()) != 2 || got.GetParams()[1].GetText() != "EPSG" {
		t.Errorf("got %v, %v", got, err)
	}
	if _, err := collect(client, Named("code", 4326)); err != nil || got.GetNamedParams()["code"].GetInteger() != 4326 {
		t.Errorf("got %v, %v", got, err)
	}
	if _, err := collect(client, Named("a", 1), Named("a", 2)); err == nil {
		t.Error("a name was given twice")
	}
	if _, err := collect(client, struct{}{}); err == nil {
		t.Error("a struct was taken for a value")
	}
}

func TestMessagesBeyondFourMebibytesArrive(t *testing.T) {
	blob := make([]byte, 20<<20)
	client := serve(t, sending(nil, &sluicev1.StreamQueryResponse{Columns: protoColumns("a"),
		Rows: []*sluicev1.Row{protoRow(t, blob)}, Stats: &sluicev1.QueryStats{}}))
	values, err := collect(client)
	if err != nil || len(values) != 1 || len(values[0][0].([]byte)) != len(blob) {
		t.Errorf("got %d rows, %v", len(values), err)
	}
}

func packedStream(columns ...*sluicev1.PackedColumn) *fakeServer {
	return sending(nil, &sluicev1.StreamQueryResponse{Columns: protoColumns("a"),
		Packed: &sluicev1.PackedRows{RowCount: 3, Columns: columns}},
		&sluicev1.StreamQueryResponse{Stats: &sluicev1.QueryStats{RowCount: 3}})
}

func TestPackedColumnsAreAskedForAndBecomeRows(t *testing.T) {
	fake := packedStream(&sluicev1.PackedColumn{Integers: []int64{1, 0, -3}, Nulls: []uint32{1}})
	inner := fake.streamQuery
	fake.streamQuery = func(r *sluicev1.StreamQueryRequest, stream queryStream) error {
		if r.GetLayout() != sluicev1.RowLayout_ROW_LAYOUT_COLUMNS {
			t.Errorf("asked for %v", r.GetLayout())
		}
		return inner(r, stream)
	}
	for _, test := range []struct {
		column *sluicev1.PackedColumn
		want   [3]any
	}{
		{&sluicev1.PackedColumn{Integers: []int64{1, 0, -3}, Nulls: []uint32{1}}, [3]any{int64(1), nil, int64(-3)}},
		{&sluicev1.PackedColumn{Reals: []float64{1.5, 0, 2}}, [3]any{1.5, 0.0, 2.0}},
		{&sluicev1.PackedColumn{Texts: []string{"", "", "x"}, OtherRows: []uint32{0, 1},
			Others: []*sluicev1.Value{value(t, RawText("\xff")), value(t, 7)}}, [3]any{RawText("\xff"), int64(7), "x"}},
		{&sluicev1.PackedColumn{Blobs: [][]byte{{}, {1}, {}}, Nulls: []uint32{2}}, [3]any{[]byte{}, []byte{1}, nil}},
		{&sluicev1.PackedColumn{}, [3]any{nil, nil, nil}},
	} {
		values, err := collect(serve(t, packedStream(test.column)))
		want := [][]any{{test.want[0]}, {test.want[1]}, {test.want[2]}}
		if err != nil || !reflect.DeepEqual(values, want) {
			t.Errorf("got %#v, %v, want %#v", values, err, want)
		}
	}
	if _, err := collect(serve(t, fake)); err != nil {
		t.Error(err)
	}
}

func TestPackedColumnsThatDoNotFitAreErrors(t *testing.T) {
	column := &sluicev1.PackedColumn{Integers: []int64{1, 2, 3}}
	for name, columns := range map[string][]*sluicev1.PackedColumn{
		"none":      {},
		"two":       {column, column},
		"short":     {{Integers: []int64{1, 2}}},
		"null":      {{Integers: []int64{1, 2, 3}, Nulls: []uint32{3}}},
		"other":     {{Integers: []int64{1, 2, 3}, OtherRows: []uint32{9}, Others: []*sluicev1.Value{value(t, "x")}}},
		"unmatched": {{Integers: []int64{1, 2, 3}, OtherRows: []uint32{1}}},
		"odd":       {{Integers: []int64{1, 2, 3}, OtherRows: []uint32{1}, Others: []*sluicev1.Value{{}}}},
	} {
		if values, err := collect(serve(t, packedStream(columns...))); err == nil || len(values) != 0 {
			t.Errorf("%s: got %v, %v", name, values, err)
		}
	}
}

func TestAQueryThatBreaksGoesOnWhereItStopped(t *testing.T) {
	var tokens []string
	client := serve(t, &fakeServer{streamQuery: func(r *sluicev1.StreamQueryRequest, stream queryStream) error {
		tokens = append(tokens, r.GetResumeToken())
		if r.GetResumeToken() == "" {
			_ = stream.Send(&sluicev1.StreamQueryResponse{Columns: protoColumns("a"),
				Rows: []*sluicev1.Row{protoRow(t, 1)}, ResumeToken: "one"})
			return status.Error(codes.Unavailable, "the log is full")
		}
		return stream.Send(&sluicev1.StreamQueryResponse{Columns: protoColumns("a"), Rows: []*sluicev1.Row{protoRow(t, 2)},
			Stats: &sluicev1.QueryStats{RowCount: 1}})
	}})
	values, err := collect(client)
	if want := [][]any{{int64(1)}, {int64(2)}}; err != nil || !reflect.DeepEqual(values, want) {
		t.Errorf("got %v, %v", values, err)
	}
	if !reflect.DeepEqual(tokens, []string{"", "one"}) {
		t.Errorf("asked with %q", tokens)
	}
}

func TestAQueryWhoseReaderStoodStillGoesOn(t *testing.T) {
	client := serve(t, &fakeServer{streamQuery: func(r *sluicev1.StreamQueryRequest, stream queryStream) error {
		if r.GetResumeToken() == "" {
			_ = stream.Send(&sluicev1.StreamQueryResponse{Columns: protoColumns("a"),
				Rows: []*sluicev1.Row{protoRow(t, 1)}, ResumeToken: "one"})
			return status.Error(codes.Canceled, "") // As gRPC says it, without a reason.
		}
		return stream.Send(&sluicev1.StreamQueryResponse{Columns: protoColumns("a"), Stats: &sluicev1.QueryStats{RowCount: 1}})
	}})
	if values, err := collect(client); err != nil || len(values) != 1 {
		t.Errorf("got %v, %v", values, err)
	}
}

func TestAQueryThatBringsNothingFurtherHasFailed(t *testing.T) {
	calls := 0
	client := serve(t, &fakeServer{streamQuery: func(r *sluicev1.StreamQueryRequest, stream queryStream) error {
		calls++
		if r.GetResumeToken() == "" {
			_ = stream.Send(&sluicev1.StreamQueryResponse{Columns: protoColumns("a"),
				Rows: []*sluicev1.Row{protoRow(t, 1)}, ResumeToken: "one"})
		}
		// Not what gRPC itself would send again.
		_ = stream.SendHeader(nil)
		return status.Error(codes.Unavailable, "away")
	}})
	values, err := collect(client)
	if status.Code(err) != codes.Unavailable || len(values) != 1 || calls != 2 {
		t.Errorf("got %v, %v after %d calls", values, err, calls)
	}
}

func TestAQueryNamesOtherDatabases(t *testing.T) {
	var got []string
	client := serve(t, &fakeServer{streamQuery: func(r *sluicev1.StreamQueryRequest, stream queryStream) error {
		got = r.GetDatabases()
		return stream.Send(&sluicev1.StreamQueryResponse{Columns: protoColumns("a"), Stats: &sluicev1.QueryStats{}})
	}})
	if _, err := client.Database("d").With("other", "third").QueryAll(context.Background(), "SELECT"); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, []string{"other", "third"}) {
		t.Errorf("asked for %q", got)
	}
}

func TestAResultThatTheConfigurationCutsIsNoWholeOne(t *testing.T) {
	client := serve(t, sending(nil, &sluicev1.StreamQueryResponse{Columns: protoColumns("a"), Rows: []*sluicev1.Row{protoRow(t, 1)},
		Stats: &sluicev1.QueryStats{RowCount: 1}, Truncated: true}))
	var limit *Error
	values, err := collect(client)
	if !errors.Is(err, ErrTruncated) || !errors.As(err, &limit) || limit.Code != codes.ResourceExhausted || limit.Reason != "LIMIT" || len(values) != 1 {
		t.Errorf("got %v, %v", values, err)
	}
	if result, err := client.Database("d").QueryAll(context.Background(), "SELECT"); result != nil || !errors.Is(err, ErrTruncated) {
		t.Errorf("QueryAll gave %v, %v", result, err)
	}
}

func TestAMessageCannotClaimMoreRowsThanItCanHold(t *testing.T) {
	client := serve(t, sending(nil, &sluicev1.StreamQueryResponse{Columns: protoColumns("a"), Stats: &sluicev1.QueryStats{},
		Packed: &sluicev1.PackedRows{RowCount: 4_000_000_000, Columns: []*sluicev1.PackedColumn{{}}}}))
	if values, err := collect(client); err == nil || len(values) != 0 {
		t.Errorf("got %d rows, %v", len(values), err)
	}
}
