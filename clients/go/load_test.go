package sluice

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/types/known/durationpb"

	sluicev1 "github.com/sluicedb/sluice/clients/go/gen/sluice/v1"
)

type loadServer = grpc.BidiStreamingServer[sluicev1.LoadRowsRequest, sluicev1.LoadRowsResponse]

// fakeTable takes loads as the server does: a part for each message. Breaks says, for each call, after how many messages it
// is cut; the rows of the message that is cut are taken, and nobody is told.
type fakeTable struct {
	breaks   []int
	starts   []*sluicev1.LoadRowsStart
	values   []int64
	received int
}

func (f *fakeTable) load(stream loadServer) error {
	first, err := stream.Recv()
	if err != nil {
		return err
	}
	f.starts = append(f.starts, first.GetStart())
	tell := func(done bool) error {
		count := int64(len(f.values))
		return stream.Send(&sluicev1.LoadRowsResponse{AcknowledgedRows: count, InsertedCount: count, Done: done})
	}
	if err := tell(false); err != nil {
		return err
	}
	left := -1
	if len(f.breaks) > 0 {
		left, f.breaks = f.breaks[0], f.breaks[1:]
	}
	for ; ; left-- {
		message, err := stream.Recv()
		if err != nil {
			return tell(true)
		}
		f.received++
		if message.GetFirstRow() > int64(len(f.values)) {
			return fmt.Errorf("a gap before row %d", message.GetFirstRow())
		}
		values := message.GetPacked().GetColumns()[0].GetIntegers()
		f.values = append(f.values, values[int64(len(f.values))-message.GetFirstRow():]...)
		if left == 0 {
			return failure(codes.Unavailable, "DRAINING")
		}
		if err := tell(false); err != nil {
			return err
		}
	}
}

func numbers(count int) iter.Seq2[[]any, error] {
	return func(yield func([]any, error) bool) {
		for n := range count {
			if !yield([]any{n}, nil) {
				return
			}
		}
	}
}

func (f *fakeTable) check(t *testing.T, count int) {
	t.Helper()
	if len(f.values) != count {
		t.Fatalf("%d rows, and not %d", len(f.values), count)
	}
	for i, value := range f.values {
		if value != int64(i) {
			t.Fatalf("row %d is %d", i, value)
		}
	}
}

func TestALoadSendsItsRowsInMessages(t *testing.T) {
	table := &fakeTable{}
	count := 2*loadMessageRows + 5
	progress := int64(0)
	loaded, err := serve(t, &fakeServer{loadRows: table.load}).Database("d").Load(context.Background(), "t", []string{"n"},
		numbers(count), LoadOptions{RowsPerCommit: 7, OnConflict: IgnoreConflicts(), Progress: func(l Loaded) { progress = l.Rows }})
	if err != nil {
		t.Fatal(err)
	}
	table.check(t, count)
	start := table.starts[0]
	if loaded.Rows != int64(count) || progress != int64(count) || table.received != 3 || len(start.GetLoadId()) != 32 ||
		start.GetRowsPerCommit() != 7 || start.GetOnConflict().GetAction() != sluicev1.OnConflict_ACTION_IGNORE {
		t.Errorf("got %+v of %d messages after %v", loaded, table.received, start)
	}
}

func TestALoadThatBreaksGoesOnAndAddsNoRowTwice(t *testing.T) {
	table := &fakeTable{breaks: []int{1, 0, 2}}
	count := 9*loadMessageRows + 1
	if _, err := serve(t, &fakeServer{loadRows: table.load}).Database("d").Load(context.Background(), "t", []string{"n"},
		numbers(count), LoadOptions{}); err != nil {
		t.Fatal(err)
	}
	table.check(t, count)
	if len(table.starts) != 4 || table.starts[0].GetLoadId() != table.starts[3].GetLoadId() {
		t.Errorf("got %v", table.starts)
	}
}

func TestALoadOfAnotherProcessIsGoneOnWith(t *testing.T) {
	table := &fakeTable{values: []int64{0, 1, 2}}
	if _, err := serve(t, &fakeServer{loadRows: table.load}).Database("d").Load(context.Background(), "t", []string{"n"},
		numbers(10), LoadOptions{ID: "mine"}); err != nil {
		t.Fatal(err)
	}
	table.check(t, 10)
	if table.received != 1 {
		t.Errorf("%d messages", table.received)
	}
}

func TestALoadGoesOnWhenTheServerHeldTooManyLargeRows(t *testing.T) {
	table := &fakeTable{}
	refused := false
	fake := &fakeServer{loadRows: func(stream loadServer) error {
		if !refused {
			refused = true
			return failure(codes.ResourceExhausted, "LIMIT", retryAfter(durationpb.New(time.Second)))
		}
		return table.load(stream)
	}}
	if _, err := serve(t, fake).Database("d").Load(context.Background(), "t", []string{"n"}, numbers(3), LoadOptions{}); err != nil {
		t.Fatal(err)
	}
	table.check(t, 3)
	always := &fakeServer{loadRows: func(loadServer) error { return failure(codes.ResourceExhausted, "LIMIT") }}
	_, err := serve(t, always).Database("d").Load(context.Background(), "t", []string{"n"}, numbers(3), LoadOptions{})
	if err == nil || always.calls.Load() != 1 {
		t.Errorf("got %v after %d calls", err, always.calls.Load())
	}
}

func TestALoadThatGivesUpTellsHowToGoOn(t *testing.T) {
	table := &fakeTable{}
	calls := 0
	fake := &fakeServer{loadRows: func(stream loadServer) error {
		if calls++; calls == 1 {
			table.breaks = []int{1}
			return table.load(stream)
		}
		return failure(codes.Unavailable, "OVERLOADED")
	}}
	db := serve(t, fake).Database("d")
	count := 3*loadMessageRows + 1
	loaded, err := db.Load(context.Background(), "t", []string{"n"}, numbers(count), LoadOptions{})
	if err == nil || loaded == nil || len(loaded.ID) != 32 || loaded.ID != table.starts[0].GetLoadId() || loaded.Rows != loadMessageRows {
		t.Fatalf("got %+v, %v", loaded, err)
	}
	fake.loadRows = table.load
	loaded, err = db.Load(context.Background(), "t", []string{"n"}, numbers(count), LoadOptions{ID: loaded.ID})
	if err != nil || loaded.Rows != int64(count) {
		t.Errorf("got %+v, %v", loaded, err)
	}
	table.check(t, count)
}

func TestAnOptionThatALoadHasNoUseForIsRefused(t *testing.T) {
	db := serve(t, &fakeServer{}).Database("d")
	_, err := db.Load(context.Background(), "t", []string{"n"}, numbers(1), LoadOptions{OnConflict: ValidateOnly()})
	if err == nil || !strings.Contains(err.Error(), "ValidateOnly") {
		t.Errorf("got %v", err)
	}
}

func TestALoadThatIsAtomicIsNotSentAgain(t *testing.T) {
	fake := &fakeServer{loadRows: func(loadServer) error { return failure(codes.Unavailable, "OVERLOADED") }}
	_, err := serve(t, fake).Database("d").Load(context.Background(), "t", []string{"n"}, numbers(1), LoadOptions{Atomic: true})
	var e *Error
	if !errors.As(err, &e) || e.Code != codes.Unavailable || fake.calls.Load() != 1 {
		t.Errorf("got %v after %d calls", err, fake.calls.Load())
	}
}

func TestTheErrorOfARowEndsALoad(t *testing.T) {
	fake := &fakeServer{loadRows: func(stream loadServer) error {
		_, _ = stream.Recv()
		_ = stream.Send(&sluicev1.LoadRowsResponse{})
		_, _ = stream.Recv()
		return failure(codes.FailedPrecondition, "CHECK")
	}}
	_, err := serve(t, fake).Database("d").Load(context.Background(), "t", []string{"n"}, numbers(1<<40), LoadOptions{})
	var e *Error
	if !errors.As(err, &e) || e.Reason != "CHECK" || fake.calls.Load() != 1 {
		t.Errorf("got %v after %d calls", err, fake.calls.Load())
	}
}

func TestTheErrorOfTheRowsSourceIsGiven(t *testing.T) {
	mine := errors.New("mine")
	broken := func(yield func([]any, error) bool) {
		if yield([]any{1}, nil) {
			yield(nil, mine)
		}
	}
	db := serve(t, &fakeServer{loadRows: (&fakeTable{}).load}).Database("d")
	if _, err := db.Load(context.Background(), "t", []string{"n"}, broken, LoadOptions{}); !errors.Is(err, mine) {
		t.Errorf("got %v", err)
	}
	if _, err := db.Load(context.Background(), "t", []string{"n", "m"}, numbers(1), LoadOptions{}); err == nil {
		t.Error("a row with too few values was sent")
	}
}

func TestRowsThatWereLeftOutAreTold(t *testing.T) {
	fake := &fakeServer{loadRows: func(stream loadServer) error {
		_, _ = stream.Recv()
		return stream.Send(&sluicev1.LoadRowsResponse{AcknowledgedRows: 5, FailedCount: 1, Done: true, Errors: []*sluicev1.LoadError{
			{Row: 3_000_000_000, Code: int32(codes.FailedPrecondition), Reason: "CHECK"}}})
	}}
	loaded, err := serve(t, fake).Database("d").Load(context.Background(), "t", []string{"n"}, numbers(0), LoadOptions{})
	if err != nil || loaded.Failed != 1 || loaded.Errors[0].Row != 3_000_000_000 || loaded.Errors[0].Reason != "CHECK" {
		t.Errorf("got %+v, %v", loaded, err)
	}
}

func TestPackedColumnsKeepEveryValue(t *testing.T) {
	for _, values := range [][]any{{1, nil, 2}, {nil, nil}, {nil, "a", []byte("b"), 2.5, RawText("\xff"), ""}, {RawText("\xff"), nil}, {2.5, 1}} {
		p := packer{columns: make([]packedColumn, 1)}
		for _, v := range values {
			if err := p.add([]any{v}); err != nil {
				t.Fatal(err)
			}
		}
		rows, err := newHeader([]*sluicev1.Column{{Name: "a"}}).packedRows(p.take())
		if err != nil {
			t.Fatal(err)
		}
		for i, v := range values {
			if want, _ := toProto(v); fmt.Sprint(rows[i].Value(0)) != fmt.Sprint(mustValue(t, want)) {
				t.Errorf("%v came back as %v", v, rows[i].Value(0))
			}
		}
	}
}

func mustValue(t *testing.T, v *sluicev1.Value) any {
	t.Helper()
	value, err := fromProto(v)
	if err != nil {
		t.Fatal(err)
	}
	return value
}
