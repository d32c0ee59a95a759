package sluice

import (
	"context"
	"errors"
	"net"
	"slices"
	"testing"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/durationpb"

	sluicev1 "github.com/sluicedb/sluice/clients/go/gen/sluice/v1"
)

func TestRetriesAreForMethodsWithoutSideEffectsOnly(t *testing.T) {
	names := map[string]bool{}
	for _, name := range methodsThatAre(sluicev1.Idempotency_IDEMPOTENCY_NO_SIDE_EFFECTS) {
		names[name.Service+"/"+name.Method] = true
	}
	for _, read := range []string{
		"sluice.v1.CatalogService/GetTable", "sluice.v1.QueryService/StreamQuery", "sluice.v1.RowService/ListRows",
		"sluice.v1.SnapshotService/DownloadDatabase",
	} {
		if !names[read] {
			t.Errorf("%s is not retried", read)
		}
	}
	if names["sluice.v1.RowService/InsertRows"] {
		t.Error("InsertRows is retried")
	}
}

func TestWhatTakesEffectOnceIsSentAgainToo(t *testing.T) {
	var names []string
	for _, name := range methodsThatAre(sluicev1.Idempotency_IDEMPOTENCY_IDEMPOTENT) {
		names = append(names, name.Method)
	}
	if slices.Sort(names); !slices.Equal(names, []string{"RestoreDatabase", "WriteUpload"}) {
		t.Errorf("got %v", names)
	}
}

func TestReadsOutliveARestart(t *testing.T) {
	fake := &fakeServer{listDatabases: func(*sluicev1.ListDatabasesRequest) (*sluicev1.ListDatabasesResponse, error) {
		return &sluicev1.ListDatabasesResponse{Databases: []*sluicev1.Database{{Name: "d"}}}, nil
	}}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	listener.Close()
	client, err := Dial(context.Background(), address)
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	server := grpc.NewServer()
	sluicev1.RegisterCatalogServiceServer(server, fake)
	t.Cleanup(server.Stop)
	// As long as a server takes to stop and start.
	time.AfterFunc(2*time.Second, func() {
		if listener, err := net.Listen("tcp", address); err == nil {
			server.Serve(listener)
		}
	})
	for database, err := range client.Databases(context.Background()) {
		if err != nil || database.GetName() != "d" {
			t.Errorf("got %v, %v", database, err)
		}
	}
}

func TestWhatTheServerCancelledIsNotTheContextsMatter(t *testing.T) {
	fake := &fakeServer{getTable: func(*sluicev1.GetTableRequest) (*sluicev1.GetTableResponse, error) {
		return nil, failure(codes.Canceled, "CANCELLED")
	}}
	if _, err := serve(t, fake).Database("d").Table(context.Background(), "t"); err == nil || errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestReadsAreSentAgainWhenTheServerIsUnavailable(t *testing.T) {
	fake := &fakeServer{}
	fake.getTable = func(*sluicev1.GetTableRequest) (*sluicev1.GetTableResponse, error) {
		if fake.calls.Load() < 3 {
			return nil, failure(codes.Unavailable, "OVERLOADED")
		}
		return &sluicev1.GetTableResponse{Table: &sluicev1.Table{Name: "t"}}, nil
	}
	table, err := serve(t, fake).Database("d").Table(context.Background(), "t")
	if err != nil || table.GetName() != "t" || fake.calls.Load() != 3 {
		t.Errorf("got %v, %v after %d calls", table, err, fake.calls.Load())
	}
}

func TestStreamsAreSentAgainUntilTheyAnswer(t *testing.T) {
	fake := &fakeServer{}
	fake.streamQuery = func(_ *sluicev1.StreamQueryRequest, stream grpc.ServerStreamingServer[sluicev1.StreamQueryResponse]) error {
		if fake.calls.Load() == 1 {
			return failure(codes.Unavailable, "DRAINING")
		}
		return stream.Send(&sluicev1.StreamQueryResponse{Stats: &sluicev1.QueryStats{}})
	}
	_, err := serve(t, fake).Database("d").QueryAll(context.Background(), "SELECT 1")
	if err != nil || fake.calls.Load() != 2 {
		t.Errorf("got %v after %d calls", err, fake.calls.Load())
	}
}

func TestInsertsAreNeverSentAgain(t *testing.T) {
	fake := &fakeServer{}
	fake.insertRows = func(*sluicev1.InsertRowsRequest) (*sluicev1.InsertRowsResponse, error) {
		return nil, failure(codes.Unavailable, "OVERLOADED", retryAfter(durationpb.New(250*time.Millisecond)))
	}
	_, err := serve(t, fake).Database("d").Insert(context.Background(), "t", map[string]any{"a": 1})
	var known *Error
	if !errors.As(err, &known) || known.RetryDelay != 250*time.Millisecond || fake.calls.Load() != 1 {
		t.Errorf("got %v after %d calls", err, fake.calls.Load())
	}
}

func TestOtherErrorsAreNotRetried(t *testing.T) {
	fake := &fakeServer{}
	fake.getTable = func(*sluicev1.GetTableRequest) (*sluicev1.GetTableResponse, error) {
		return nil, failure(codes.ResourceExhausted, "LIMIT")
	}
	serve(t, fake).Database("d").Table(context.Background(), "t")
	if fake.calls.Load() != 1 {
		t.Errorf("%d calls", fake.calls.Load())
	}
}

func TestUnaryCallsHaveADeadlineAndStreamsHaveNone(t *testing.T) {
	fake := &fakeServer{}
	fake.streamQuery = func(_ *sluicev1.StreamQueryRequest, stream grpc.ServerStreamingServer[sluicev1.StreamQueryResponse]) error {
		return stream.Send(&sluicev1.StreamQueryResponse{Stats: &sluicev1.QueryStats{}})
	}
	client := serve(t, fake)
	client.Database("d").Table(context.Background(), "t")
	if !fake.deadline.Load() {
		t.Error("a unary call had no deadline")
	}
	client.Database("d").QueryAll(context.Background(), "SELECT 1")
	if fake.deadline.Load() {
		t.Error("a stream had a deadline")
	}
	without := serve(t, fake, WithTimeout(0))
	without.Database("d").Table(context.Background(), "t")
	if fake.deadline.Load() {
		t.Error("WithTimeout(0) left a deadline")
	}
}

func TestErrorsCarryWhatTheServerSaid(t *testing.T) {
	bad := &errdetails.BadRequest{FieldViolations: []*errdetails.BadRequest_FieldViolation{{Field: "table", Description: "is empty"}}}
	fake := &fakeServer{getTable: func(*sluicev1.GetTableRequest) (*sluicev1.GetTableResponse, error) {
		return nil, failure(codes.NotFound, "NO_SUCH_TABLE", bad)
	}}
	_, err := serve(t, fake).Database("d").Table(context.Background(), "t")
	var known *Error
	if !errors.As(err, &known) {
		t.Fatalf("got %T", err)
	}
	if known.Code != codes.NotFound || known.Reason != "NO_SUCH_TABLE" || known.Metadata["table"] != "t" ||
		len(known.Fields) != 1 || known.Fields[0] != (FieldViolation{"table", "is empty"}) {
		t.Errorf("got %+v", known)
	}
	if status.Code(err) != codes.NotFound || err.Error() != "sluice: NotFound (NO_SUCH_TABLE): said the server" {
		t.Errorf("got %v", err)
	}
}

func TestTheContextsErrorsAreFoundInErrors(t *testing.T) {
	client := serve(t, &fakeServer{})
	cancelled, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := client.Database("d").Table(cancelled, "t"); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	late, cancel := context.WithTimeout(context.Background(), -1)
	defer cancel()
	if _, err := client.Database("d").Table(late, "t"); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
}
