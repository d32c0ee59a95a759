package sluice

import (
	"bytes"
	"context"
	"errors"
	"io"
	"reflect"
	"testing"

	"google.golang.org/genproto/googleapis/api/httpbody"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	sluicev1 "github.com/sluicedb/sluice/clients/go/gen/sluice/v1"
)

func TestRowsAreChosenAndEndAtTheLimit(t *testing.T) {
	var asked []*sluicev1.ListRowsRequest
	client := serve(t, &fakeServer{listRows: func(r *sluicev1.ListRowsRequest) (*sluicev1.ListRowsResponse, error) {
		asked = append(asked, r)
		return &sluicev1.ListRowsResponse{Columns: protoColumns("a"),
			Rows: []*sluicev1.Row{protoRow(t, 1), protoRow(t, 2)}, NextPageToken: "more" + r.GetPageToken()}, nil
	}})
	choice := Choice{Filter: "a > 0", OrderBy: "a desc", Columns: []string{"a"}, Limit: 4}
	count := 0
	for _, err := range client.Database("d").Rows(context.Background(), "t", choice) {
		if err != nil {
			t.Fatal(err)
		}
		count++
	}
	if count != 4 || len(asked) != 2 || asked[0].GetFilter() != "a > 0" || asked[0].GetOrderBy() != "a desc" ||
		asked[0].GetPageSize() != 4 || asked[1].GetPageSize() != 2 {
		t.Errorf("%d rows after %v", count, asked)
	}
}

type rowsStream = grpc.ServerStreamingServer[sluicev1.ReadRowsResponse]

func streamed(client *Client, choice Choice) (values [][]any, last error) {
	for row, err := range client.Database("d").StreamRows(context.Background(), "t", choice) {
		if err != nil {
			return values, err
		}
		values = append(values, row.Values())
	}
	return values, nil
}

func TestABrokenStreamGoesOnWhereItStopped(t *testing.T) {
	var tokens []string
	var limits []int64
	client := serve(t, &fakeServer{readRows: func(r *sluicev1.ReadRowsRequest, stream rowsStream) error {
		tokens, limits = append(tokens, r.GetResumeToken()), append(limits, r.GetRowLimit())
		if r.GetResumeToken() == "" {
			_ = stream.Send(&sluicev1.ReadRowsResponse{Columns: protoColumns("a"),
				Rows: []*sluicev1.Row{protoRow(t, 1), protoRow(t, 2)}, ResumeToken: "two"})
			return status.Error(codes.Unavailable, "away")
		}
		return stream.Send(&sluicev1.ReadRowsResponse{Columns: protoColumns("a"), Rows: []*sluicev1.Row{protoRow(t, 3)},
			Stats: &sluicev1.QueryStats{RowCount: 1}})
	}})
	values, err := streamed(client, Choice{Limit: 9})
	if want := [][]any{{int64(1)}, {int64(2)}, {int64(3)}}; err != nil || !reflect.DeepEqual(values, want) {
		t.Errorf("got %v, %v", values, err)
	}
	if !reflect.DeepEqual(tokens, []string{"", "two"}) || !reflect.DeepEqual(limits, []int64{9, 7}) {
		t.Errorf("asked with %q, %v", tokens, limits)
	}
}

func TestAStreamWhoseReaderPausedForTooLongGoesOn(t *testing.T) {
	client := serve(t, &fakeServer{readRows: func(r *sluicev1.ReadRowsRequest, stream rowsStream) error {
		if r.GetResumeToken() == "" {
			_ = stream.Send(&sluicev1.ReadRowsResponse{Columns: protoColumns("a"), Rows: []*sluicev1.Row{protoRow(t, 1)}, ResumeToken: "one"})
			return failure(codes.Canceled, "CANCELLED")
		}
		return stream.Send(&sluicev1.ReadRowsResponse{Columns: protoColumns("a"), Stats: &sluicev1.QueryStats{}})
	}})
	if values, err := streamed(client, Choice{}); err != nil || len(values) != 1 {
		t.Errorf("got %v, %v", values, err)
	}
}

func TestAStreamThatIsCancelledByItsReaderEnds(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	fake := &fakeServer{readRows: func(_ *sluicev1.ReadRowsRequest, stream rowsStream) error {
		_ = stream.Send(&sluicev1.ReadRowsResponse{Columns: protoColumns("a"), Rows: []*sluicev1.Row{protoRow(t, 1)}, ResumeToken: "one"})
		<-stream.Context().Done()
		return nil
	}}
	var last error
	for _, last = range serve(t, fake).Database("d").StreamRows(ctx, "t", Choice{}) {
		cancel()
	}
	if !errors.Is(last, context.Canceled) || fake.calls.Load() != 1 {
		t.Errorf("got %v after %d calls", last, fake.calls.Load())
	}
}

func TestValuesNeverStandUnderOtherColumns(t *testing.T) {
	fake := &fakeServer{
		readRows: func(r *sluicev1.ReadRowsRequest, stream rowsStream) error {
			if r.GetResumeToken() == "" {
				_ = stream.Send(&sluicev1.ReadRowsResponse{Columns: protoColumns("a", "b"), Rows: []*sluicev1.Row{protoRow(t, 1, 2)}, ResumeToken: "one"})
				return status.Error(codes.Unavailable, "away")
			}
			return stream.Send(&sluicev1.ReadRowsResponse{Columns: protoColumns("b", "a"), Rows: []*sluicev1.Row{protoRow(t, 3, 4)},
				Stats: &sluicev1.QueryStats{}})
		},
		listRows: func(r *sluicev1.ListRowsRequest) (*sluicev1.ListRowsResponse, error) {
			if r.GetPageToken() == "" {
				return &sluicev1.ListRowsResponse{Columns: protoColumns("a", "b"), Rows: []*sluicev1.Row{protoRow(t, 1, 2)}, NextPageToken: "more"}, nil
			}
			return &sluicev1.ListRowsResponse{Columns: protoColumns("b", "a"), Rows: []*sluicev1.Row{protoRow(t, 3, 4)}}, nil
		},
	}
	client := serve(t, fake)
	var changed *Error
	if values, err := streamed(client, Choice{}); !errors.As(err, &changed) || changed.Code != codes.Aborted || len(values) != 1 {
		t.Errorf("the stream gave %v, %v", values, err)
	}
	count := 0
	var last error
	for _, last = range client.Database("d").Rows(context.Background(), "t") {
		if last == nil {
			count++
		}
	}
	if !errors.As(last, &changed) || changed.Code != codes.Aborted || count != 1 {
		t.Errorf("the pages gave %d rows, %v", count, last)
	}
}

func TestRowsMayBeWalkedAgainAndAtTheSameTime(t *testing.T) {
	client := serve(t, &fakeServer{listRows: func(r *sluicev1.ListRowsRequest) (*sluicev1.ListRowsResponse, error) {
		rows := []*sluicev1.Row{protoRow(t, 1), protoRow(t, 2)}
		return &sluicev1.ListRowsResponse{Columns: protoColumns("a"), Rows: rows[:min(2, r.GetPageSize())], NextPageToken: "more" + r.GetPageToken()}, nil
	}})
	rows := client.Database("d").Rows(context.Background(), "t", Choice{Limit: 3})
	count := 0
	for _, err := range rows {
		for _, err := range rows {
			if err != nil {
				t.Fatal(err)
			}
			count++
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if count != 9 {
		t.Errorf("%d rows", count)
	}
}

func TestAStreamOfATableThatIsCutIsNoWholeOne(t *testing.T) {
	client := serve(t, &fakeServer{readRows: func(_ *sluicev1.ReadRowsRequest, stream rowsStream) error {
		return stream.Send(&sluicev1.ReadRowsResponse{Columns: protoColumns("a"), ResumeToken: "x"})
	}})
	if _, err := streamed(client, Choice{}); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("got %v", err)
	}
}

func TestASummaryHasCountAndFacets(t *testing.T) {
	client := serve(t, &fakeServer{listRows: func(r *sluicev1.ListRowsRequest) (*sluicev1.ListRowsResponse, error) {
		value := &sluicev1.FacetValue{Value: protoRow(t, 1).Values[0], Count: 5, Label: protoRow(t, "one").Values[0]}
		return &sluicev1.ListRowsResponse{Count: &sluicev1.RowCount{Kind: sluicev1.RowCount_KIND_EXACT, Value: 7},
			Facets: []*sluicev1.Facet{{Name: r.GetFacets()[0], Values: []*sluicev1.FacetValue{value}, Truncated: true}}}, nil
	}})
	summary, err := client.Database("d").Summarize(context.Background(), "t", Choice{}, "a")
	if err != nil || summary.Count.GetValue() != 7 {
		t.Fatalf("got %v, %v", summary, err)
	}
	want := []Facet{{Name: "a", Values: []FacetValue{{Value: int64(1), Count: 5, Label: "one"}}, Truncated: true}}
	if !reflect.DeepEqual(summary.Facets, want) {
		t.Errorf("got %v", summary.Facets)
	}
}

func TestAValueIsWrittenPieceByPiece(t *testing.T) {
	client := serve(t, &fakeServer{readValue: func(_ *sluicev1.ReadValueRequest,
		stream grpc.ServerStreamingServer[httpbody.HttpBody]) error {
		_ = stream.Send(&httpbody.HttpBody{Data: []byte("ab")})
		return stream.Send(&httpbody.HttpBody{Data: []byte("c")})
	}})
	var value bytes.Buffer
	n, err := client.Database("d").WriteValue(context.Background(), &value, "t", "1", "a")
	if n != 3 || err != nil || value.String() != "abc" {
		t.Errorf("got %q, %v", value.String(), err)
	}
}

func TestReadsAskForAtLeastACommit(t *testing.T) {
	var got *sluicev1.GetRowRequest
	fake := &fakeServer{getRow: func(r *sluicev1.GetRowRequest) (*sluicev1.GetRowResponse, error) {
		got = r
		return &sluicev1.GetRowResponse{Row: &sluicev1.Row{Key: "1"}}, nil
	}}
	db := serve(t, fake).Database("d")
	if _, err := db.AtLeast("ab-1").Row(context.Background(), "t", "1"); err != nil || got.GetMinCommitToken() != "ab-1" {
		t.Errorf("got %v, %v", got, err)
	}
	if _, err := db.Row(context.Background(), "t", "1"); err != nil || got.GetMinCommitToken() != "" {
		t.Errorf("got %v, %v", got, err)
	}
}
