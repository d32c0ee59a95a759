// Sluice's services as their contract has them, with answers made up: enough to see every kind of
// call go through the gateway. Each looks at the database's name for what to do.
#pragma once

#include <atomic>
#include <map>
#include <string>

#include "grpcpp/server_context.h"
#include "sluice/v1/catalog.grpc.pb.h"
#include "sluice/v1/query.grpc.pb.h"
#include "sluice/v1/row.grpc.pb.h"
#include "sluice/v1/snapshot.grpc.pb.h"

namespace sluice::gateway::testing {

// GetDatabase: `missing` fails with details, `busy` with RetryInfo, `plain` without, `locked` wants
// a credential, `slow` waits until the call is cancelled, `echo` answers the metadata in
// `state_reason`.
class FakeCatalog : public v1::CatalogService::Service {
 public:
  grpc::Status GetDatabase(grpc::ServerContext* context, const v1::GetDatabaseRequest* request,
                           v1::GetDatabaseResponse* response) override;

  std::atomic<int> waiting{0};
  std::atomic<int> cancelled{0};
};

// Query echoes its SQL and parameters. StreamQuery streams `sql` (a number) messages; `broken`
// fails after them. ExportQuery the same as lines of CSV; `endless` goes on until it is cancelled.
class FakeQuery : public v1::QueryService::Service {
 public:
  grpc::Status Query(grpc::ServerContext* context, const v1::QueryRequest* request,
                     v1::QueryResponse* response) override;
  grpc::Status StreamQuery(grpc::ServerContext* context, const v1::StreamQueryRequest* request,
                           grpc::ServerWriter<v1::StreamQueryResponse>* writer) override;
  grpc::Status ExportQuery(grpc::ServerContext* context, const v1::ExportQueryRequest* request,
                           grpc::ServerWriter<google::api::HttpBody>* writer) override;

  std::atomic<size_t> written{0};
  std::atomic<int> cancelled{0};
};

class FakeRows : public v1::RowService::Service {
 public:
  // One page of CSV with the header of the next page.
  grpc::Status BrowseRows(grpc::ServerContext* context, const v1::BrowseRowsRequest* request,
                          google::api::HttpBody* response) override;
  // As many keys as there are objects.
  grpc::Status InsertRows(grpc::ServerContext* context, const v1::InsertRowsRequest* request,
                          v1::InsertRowsResponse* response) override;
};

class FakeSnapshots : public v1::SnapshotService::Service {
 public:
  // `kFileBytes` bytes with their length told; `cut` stops halfway.
  static constexpr size_t kFileBytes = 3'000'000;
  grpc::Status ReadDatabaseFile(grpc::ServerContext* context,
                                const v1::ReadDatabaseFileRequest* request,
                                grpc::ServerWriter<google::api::HttpBody>* writer) override;

  std::atomic<int> cancelled{0};
};

}  // namespace sluice::gateway::testing
