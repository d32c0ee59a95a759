package sluice

import (
	"context"
	"net"
	"sync/atomic"
	"testing"
	"time"

	"google.golang.org/genproto/googleapis/api/httpbody"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/grpc/test/bufconn"
	"google.golang.org/protobuf/protoadapt"
	"google.golang.org/protobuf/types/known/durationpb"

	sluicev1 "github.com/sluicedb/sluice/clients/go/gen/sluice/v1"
)

// fakeServer answers each method with what its test sets; a method that is not set is UNIMPLEMENTED.
type fakeServer struct {
	sluicev1.UnimplementedCatalogServiceServer
	sluicev1.UnimplementedQueryServiceServer
	sluicev1.UnimplementedRowServiceServer
	sluicev1.UnimplementedSnapshotServiceServer

	calls    atomic.Int32
	metadata atomic.Value // metadata.MD of the last call
	deadline atomic.Bool  // whether the last call had one
	left     atomic.Int64 // how much time it had, as a time.Duration
	ended    chan struct{}

	listDatabases    func(*sluicev1.ListDatabasesRequest) (*sluicev1.ListDatabasesResponse, error)
	getTable         func(*sluicev1.GetTableRequest) (*sluicev1.GetTableResponse, error)
	listTables       func(*sluicev1.ListTablesRequest) (*sluicev1.ListTablesResponse, error)
	createTable      func(*sluicev1.CreateTableRequest) (*sluicev1.CreateTableResponse, error)
	alterTable       func(*sluicev1.AlterTableRequest) (*sluicev1.AlterTableResponse, error)
	dropTable        func(*sluicev1.DropTableRequest) (*sluicev1.DropTableResponse, error)
	listRows         func(*sluicev1.ListRowsRequest) (*sluicev1.ListRowsResponse, error)
	getRow           func(*sluicev1.GetRowRequest) (*sluicev1.GetRowResponse, error)
	insertRows       func(*sluicev1.InsertRowsRequest) (*sluicev1.InsertRowsResponse, error)
	upsertRows       func(*sluicev1.UpsertRowsRequest) (*sluicev1.UpsertRowsResponse, error)
	updateRows       func(*sluicev1.UpdateRowsRequest) (*sluicev1.UpdateRowsResponse, error)
	deleteRows       func(*sluicev1.DeleteRowsRequest) (*sluicev1.DeleteRowsResponse, error)
	updateRow        func(*sluicev1.UpdateRowRequest) (*sluicev1.UpdateRowResponse, error)
	deleteRow        func(*sluicev1.DeleteRowRequest) (*sluicev1.DeleteRowResponse, error)
	execute          func(*sluicev1.ExecuteRequest) (*sluicev1.ExecuteResponse, error)
	batchExecute     func(*sluicev1.BatchExecuteRequest) (*sluicev1.BatchExecuteResponse, error)
	commit           func(*sluicev1.CommitRequest) (*sluicev1.CommitResponse, error)
	runQuery         func(*sluicev1.RunQueryRequest) (*sluicev1.RunQueryResponse, error)
	streamQuery      func(*sluicev1.StreamQueryRequest, grpc.ServerStreamingServer[sluicev1.StreamQueryResponse]) error
	readRows         func(*sluicev1.ReadRowsRequest, grpc.ServerStreamingServer[sluicev1.ReadRowsResponse]) error
	readValue        func(*sluicev1.ReadValueRequest, grpc.ServerStreamingServer[httpbody.HttpBody]) error
	listUploads      func(*sluicev1.ListUploadsRequest) (*sluicev1.ListUploadsResponse, error)
	createUpload     func(*sluicev1.CreateUploadRequest) (*sluicev1.CreateUploadResponse, error)
	writeUpload      func(*sluicev1.WriteUploadRequest) (*sluicev1.WriteUploadResponse, error)
	getUpload        func(*sluicev1.GetUploadRequest) (*sluicev1.GetUploadResponse, error)
	restoreDatabase  func(*sluicev1.RestoreDatabaseRequest) (*sluicev1.RestoreDatabaseResponse, error)
	downloadDatabase func(grpc.ServerStreamingServer[sluicev1.DownloadDatabaseResponse]) error
	downloadSnapshot func(*sluicev1.DownloadSnapshotRequest, grpc.ServerStreamingServer[sluicev1.DownloadSnapshotResponse]) error
	loadRows         func(grpc.BidiStreamingServer[sluicev1.LoadRowsRequest, sluicev1.LoadRowsResponse]) error
	refreshDatabase  func(grpc.BidiStreamingServer[sluicev1.RefreshDatabaseRequest, sluicev1.RefreshDatabaseResponse]) error
}

func (f *fakeServer) note(ctx context.Context) {
	f.calls.Add(1)
	md, _ := metadata.FromIncomingContext(ctx)
	f.metadata.Store(md)
	deadline, ok := ctx.Deadline()
	f.deadline.Store(ok)
	f.left.Store(int64(time.Until(deadline)))
}

func answer[Request, Response any](ctx context.Context, f *fakeServer, request Request,
	method func(Request) (Response, error)) (Response, error) {
	f.note(ctx)
	if method == nil {
		var none Response
		return none, status.Error(codes.Unimplemented, "not in this test")
	}
	return method(request)
}

func (f *fakeServer) ListDatabases(ctx context.Context, r *sluicev1.ListDatabasesRequest) (*sluicev1.ListDatabasesResponse, error) {
	return answer(ctx, f, r, f.listDatabases)
}

func (f *fakeServer) ListTables(ctx context.Context, r *sluicev1.ListTablesRequest) (*sluicev1.ListTablesResponse, error) {
	return answer(ctx, f, r, f.listTables)
}

func (f *fakeServer) GetTable(ctx context.Context, r *sluicev1.GetTableRequest) (*sluicev1.GetTableResponse, error) {
	return answer(ctx, f, r, f.getTable)
}

func (f *fakeServer) CreateTable(ctx context.Context, r *sluicev1.CreateTableRequest) (*sluicev1.CreateTableResponse, error) {
	return answer(ctx, f, r, f.createTable)
}

func (f *fakeServer) AlterTable(ctx context.Context, r *sluicev1.AlterTableRequest) (*sluicev1.AlterTableResponse, error) {
	return answer(ctx, f, r, f.alterTable)
}

func (f *fakeServer) DropTable(ctx context.Context, r *sluicev1.DropTableRequest) (*sluicev1.DropTableResponse, error) {
	return answer(ctx, f, r, f.dropTable)
}

func (f *fakeServer) ListRows(ctx context.Context, r *sluicev1.ListRowsRequest) (*sluicev1.ListRowsResponse, error) {
	return answer(ctx, f, r, f.listRows)
}

func (f *fakeServer) GetRow(ctx context.Context, r *sluicev1.GetRowRequest) (*sluicev1.GetRowResponse, error) {
	return answer(ctx, f, r, f.getRow)
}

func (f *fakeServer) InsertRows(ctx context.Context, r *sluicev1.InsertRowsRequest) (*sluicev1.InsertRowsResponse, error) {
	return answer(ctx, f, r, f.insertRows)
}

func (f *fakeServer) UpsertRows(ctx context.Context, r *sluicev1.UpsertRowsRequest) (*sluicev1.UpsertRowsResponse, error) {
	return answer(ctx, f, r, f.upsertRows)
}

func (f *fakeServer) UpdateRows(ctx context.Context, r *sluicev1.UpdateRowsRequest) (*sluicev1.UpdateRowsResponse, error) {
	return answer(ctx, f, r, f.updateRows)
}

func (f *fakeServer) DeleteRows(ctx context.Context, r *sluicev1.DeleteRowsRequest) (*sluicev1.DeleteRowsResponse, error) {
	return answer(ctx, f, r, f.deleteRows)
}

func (f *fakeServer) UpdateRow(ctx context.Context, r *sluicev1.UpdateRowRequest) (*sluicev1.UpdateRowResponse, error) {
	return answer(ctx, f, r, f.updateRow)
}

func (f *fakeServer) DeleteRow(ctx context.Context, r *sluicev1.DeleteRowRequest) (*sluicev1.DeleteRowResponse, error) {
	return answer(ctx, f, r, f.deleteRow)
}

func (f *fakeServer) Commit(ctx context.Context, r *sluicev1.CommitRequest) (*sluicev1.CommitResponse, error) {
	return answer(ctx, f, r, f.commit)
}

func (f *fakeServer) Execute(ctx context.Context, r *sluicev1.ExecuteRequest) (*sluicev1.ExecuteResponse, error) {
	return answer(ctx, f, r, f.execute)
}

func (f *fakeServer) BatchExecute(ctx context.Context, r *sluicev1.BatchExecuteRequest) (*sluicev1.BatchExecuteResponse, error) {
	return answer(ctx, f, r, f.batchExecute)
}

func (f *fakeServer) StreamQuery(r *sluicev1.StreamQueryRequest,
	stream grpc.ServerStreamingServer[sluicev1.StreamQueryResponse]) error {
	f.note(stream.Context())
	defer f.noteEnd()
	return f.streamQuery(r, stream)
}

func (f *fakeServer) ReadRows(r *sluicev1.ReadRowsRequest, stream grpc.ServerStreamingServer[sluicev1.ReadRowsResponse]) error {
	f.note(stream.Context())
	return f.readRows(r, stream)
}

func (f *fakeServer) ReadValue(r *sluicev1.ReadValueRequest, stream grpc.ServerStreamingServer[httpbody.HttpBody]) error {
	f.note(stream.Context())
	return f.readValue(r, stream)
}

func (f *fakeServer) ListUploads(ctx context.Context, r *sluicev1.ListUploadsRequest) (*sluicev1.ListUploadsResponse, error) {
	return answer(ctx, f, r, f.listUploads)
}

func (f *fakeServer) CreateUpload(ctx context.Context, r *sluicev1.CreateUploadRequest) (*sluicev1.CreateUploadResponse, error) {
	return answer(ctx, f, r, f.createUpload)
}

func (f *fakeServer) WriteUpload(ctx context.Context, r *sluicev1.WriteUploadRequest) (*sluicev1.WriteUploadResponse, error) {
	return answer(ctx, f, r, f.writeUpload)
}

func (f *fakeServer) GetUpload(ctx context.Context, r *sluicev1.GetUploadRequest) (*sluicev1.GetUploadResponse, error) {
	return answer(ctx, f, r, f.getUpload)
}

func (f *fakeServer) RestoreDatabase(ctx context.Context, r *sluicev1.RestoreDatabaseRequest) (*sluicev1.RestoreDatabaseResponse, error) {
	return answer(ctx, f, r, f.restoreDatabase)
}

func (f *fakeServer) DownloadDatabase(_ *sluicev1.DownloadDatabaseRequest,
	stream grpc.ServerStreamingServer[sluicev1.DownloadDatabaseResponse]) error {
	f.note(stream.Context())
	defer f.noteEnd()
	return f.downloadDatabase(stream)
}

func (f *fakeServer) DownloadSnapshot(r *sluicev1.DownloadSnapshotRequest,
	stream grpc.ServerStreamingServer[sluicev1.DownloadSnapshotResponse]) error {
	f.note(stream.Context())
	return f.downloadSnapshot(r, stream)
}

func (f *fakeServer) RefreshDatabase(
	stream grpc.BidiStreamingServer[sluicev1.RefreshDatabaseRequest, sluicev1.RefreshDatabaseResponse]) error {
	f.note(stream.Context())
	return f.refreshDatabase(stream)
}

func (f *fakeServer) noteEnd() {
	select {
	case f.ended <- struct{}{}:
	default:
	}
}

func (f *fakeServer) header(name string) []string {
	return f.metadata.Load().(metadata.MD).Get(name)
}

// serve starts the fake and gives a client of it. The address looks like loopback and is never dialled.
func serve(t *testing.T, fake *fakeServer, options ...Option) *Client {
	t.Helper()
	fake.ended = make(chan struct{}, 1)
	listener := bufconn.Listen(1 << 20)
	server := grpc.NewServer(grpc.MaxSendMsgSize(receiveBytesMax))
	sluicev1.RegisterCatalogServiceServer(server, fake)
	sluicev1.RegisterQueryServiceServer(server, fake)
	sluicev1.RegisterRowServiceServer(server, fake)
	sluicev1.RegisterSnapshotServiceServer(server, fake)
	go server.Serve(listener)
	t.Cleanup(server.Stop)
	dialer := grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) {
		return listener.DialContext(ctx)
	})
	client, err := Dial(context.Background(), "127.0.0.1:1", append([]Option{WithDialOptions(dialer)}, options...)...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { client.Close() })
	return client
}

func failure(code codes.Code, reason string, details ...protoadapt.MessageV1) error {
	info := &errdetails.ErrorInfo{Domain: "sluice", Reason: reason, Metadata: map[string]string{"table": "t"}}
	st, err := status.New(code, "said the server").WithDetails(append([]protoadapt.MessageV1{info}, details...)...)
	if err != nil {
		panic(err)
	}
	return st.Err()
}

func retryAfter(delay *durationpb.Duration) protoadapt.MessageV1 {
	return &errdetails.RetryInfo{RetryDelay: delay}
}

func value(t *testing.T, v any) *sluicev1.Value {
	t.Helper()
	result, err := toProto(v)
	if err != nil {
		t.Fatal(err)
	}
	return result
}

func protoRow(t *testing.T, values ...any) *sluicev1.Row {
	t.Helper()
	row := &sluicev1.Row{}
	for _, v := range values {
		row.Values = append(row.Values, value(t, v))
	}
	return row
}

func protoColumns(names ...string) []*sluicev1.Column {
	var columns []*sluicev1.Column
	for _, name := range names {
		columns = append(columns, &sluicev1.Column{Name: name})
	}
	return columns
}

func (f *fakeServer) LoadRows(stream grpc.BidiStreamingServer[sluicev1.LoadRowsRequest, sluicev1.LoadRowsResponse]) error {
	f.note(stream.Context())
	return f.loadRows(stream)
}
