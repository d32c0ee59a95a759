// A server in this process that answers as a test tells it to. It lies about everything that a
// client must survive: cut streams, wrong checksums, refusals.
//
// Set the functions between calls; they run in gRPC's threads, and one that refers to a test's own
// variables must be done (see Stop) before these go. A function that is not set makes its method
// answer UNIMPLEMENTED.
#pragma once

#include <grpcpp/grpcpp.h>

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "grpc/health/v1/health.grpc.pb.h"
#include "sluice/v1/catalog.grpc.pb.h"
#include "sluice/v1/query.grpc.pb.h"
#include "sluice/v1/row.grpc.pb.h"
#include "sluice/v1/snapshot.grpc.pb.h"

namespace sluice::testing {

// What a fake answers to one call of a unary method.
template <typename Request, typename Response>
using Answer = std::function<grpc::Status(const Request&, Response*)>;
// What it does with one call of a streaming method.
template <typename Request, typename Response>
using Stream = std::function<grpc::Status(grpc::ServerContext*, const Request&,
                                          grpc::ServerWriter<Response>*)>;
// The same where the caller sends a stream too.
template <typename Request, typename Response>
using Exchange =
    std::function<grpc::Status(grpc::ServerContext*, grpc::ServerReaderWriter<Response, Request>*)>;

// A failed status with details as the server sends them.
grpc::Status Refusal(grpc::StatusCode code, const std::string& message, const std::string& reason,
                     const std::map<std::string, std::string>& metadata = {},
                     const std::string& field = "", int retry_after_s = 0);

class FakeServer {
 public:
  explicit FakeServer(const std::string& address = "127.0.0.1:0");
  ~FakeServer();
  FakeServer(const FakeServer&) = delete;
  FakeServer& operator=(const FakeServer&) = delete;

  // `127.0.0.1:port`.
  const std::string& address() const { return address_; }
  // How many calls came in.
  int call_count() const { return call_count_; }
  // The `authorization` of the last call; empty when it had none.
  std::string authorization() const;
  // How much time the last call had.
  absl::Duration time_left() const;
  // Ends all calls and refuses new ones.
  void Stop();

  Answer<v1::ListDatabasesRequest, v1::ListDatabasesResponse> list_databases;
  Answer<v1::GetDatabaseRequest, v1::GetDatabaseResponse> get_database;
  Answer<v1::ListTablesRequest, v1::ListTablesResponse> list_tables;
  Answer<v1::GetTableRequest, v1::GetTableResponse> get_table;
  Answer<v1::QueryRequest, v1::QueryResponse> query;
  Answer<v1::RunQueryRequest, v1::RunQueryResponse> run_query;
  Stream<v1::StreamQueryRequest, v1::StreamQueryResponse> stream_query;
  Answer<v1::ListRowsRequest, v1::ListRowsResponse> list_rows;
  Answer<v1::GetRowRequest, v1::GetRowResponse> get_row;
  Answer<v1::InsertRowsRequest, v1::InsertRowsResponse> insert_rows;
  Answer<v1::DeleteRowsRequest, v1::DeleteRowsResponse> delete_rows;
  Answer<v1::UpdateRowRequest, v1::UpdateRowResponse> update_row;
  Answer<v1::DeleteRowRequest, v1::DeleteRowResponse> delete_row;
  Answer<v1::DropTableRequest, v1::DropTableResponse> drop_table;
  Stream<v1::ReadRowsRequest, v1::ReadRowsResponse> read_rows;
  Exchange<v1::LoadRowsRequest, v1::LoadRowsResponse> load_rows;
  Stream<v1::DownloadDatabaseRequest, v1::DownloadDatabaseResponse> download;
  Stream<v1::DownloadSnapshotRequest, v1::DownloadSnapshotResponse> download_snapshot;
  std::function<grpc::Status(
      grpc::ServerReaderWriter<v1::RefreshDatabaseResponse, v1::RefreshDatabaseRequest>*)>
      refresh;
  Answer<v1::ListUploadsRequest, v1::ListUploadsResponse> list_uploads;
  Answer<v1::CreateUploadRequest, v1::CreateUploadResponse> create_upload;
  Answer<v1::WriteUploadRequest, v1::WriteUploadResponse> write_upload;
  Answer<v1::GetUploadRequest, v1::GetUploadResponse> get_upload;
  Answer<v1::RestoreDatabaseRequest, v1::RestoreDatabaseResponse> restore_database;
  Answer<grpc::health::v1::HealthCheckRequest, grpc::health::v1::HealthCheckResponse> check;

 private:
  class Services;
  friend class Services;

  void Count(const grpc::ServerContext& context);

  std::atomic<int> call_count_ = 0;
  mutable std::mutex mutex_;
  std::string authorization_;  // guarded by mutex_
  absl::Duration time_left_;   // guarded by mutex_
  std::unique_ptr<Services> services_;
  std::unique_ptr<grpc::Server> server_;
  std::string address_;
};

}  // namespace sluice::testing
