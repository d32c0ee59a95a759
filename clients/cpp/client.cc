#include "clients/cpp/client.h"

#include <type_traits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "clients/cpp/conversion.h"
#include "clients/cpp/core.h"
#include "clients/cpp/endpoint.h"
#include "clients/cpp/row_sources.h"
#include "clients/cpp/rpc_status.h"
#include "clients/cpp/run.h"
#include "clients/cpp/snapshot_download.h"

namespace sluice {
namespace {

using client::Call;
using client::CheckUtf8;
using client::Core;
using client::Method;
using client::Run;

// What our lists ask for: as much as a page may hold.
constexpr int32_t kListPageSize = 1'000;
constexpr absl::Duration kSnapshotPollEvery = absl::Seconds(1);

using SnapshotStub = v1::SnapshotService::Stub;

// Runs `method` for every page and gives `items` of each to `append`.
template <typename Stub, typename Request, typename Response, typename Append>
absl::Status RunPages(Core* core, const std::unique_ptr<Stub>& stub,
                      Method<Stub, Request, Response> method, Request request,
                      const Append& append) {
  request.set_page_size(kListPageSize);
  while (true) {
    auto page = Run(core, stub, method, request);
    if (!page.ok()) return std::move(page).status();
    append(&*page);
    if (page->next_page_token().empty()) return absl::OkStatus();
    if (page->next_page_token() == request.page_token()) {
      return client::ClientError(absl::StatusCode::kDataLoss, client_reason::kMalformedAnswer,
                                 "malformed answer: a page names itself as the next");
    }
    request.set_page_token(page->next_page_token());
  }
}

template <typename Request>
absl::StatusOr<Request> MakeQuery(absl::string_view database, const Statement& statement) {
  if (auto status = CheckUtf8({database, statement.sql}); !status.ok()) return status;
  Request request;
  request.set_database(std::string(database));
  request.set_sql(statement.sql);
  if constexpr (!std::is_same_v<Request, v1::DescribeRequest>) {
    for (const Value& value : statement.params) client::ToProto(value, request.add_params());
    for (const auto& [name, value] : statement.named_params) {
      if (auto status = CheckUtf8({name}); !status.ok()) return status;
      client::ToProto(value, &(*request.mutable_named_params())[name]);
    }
  }
  for (const std::string& other : statement.databases) {
    if (auto status = CheckUtf8({other}); !status.ok()) return status;
    request.add_databases(other);
  }
  return request;
}

// QueryResponse and RunQueryResponse say the same.
template <typename Response>
absl::StatusOr<QueryResult> ResultOf(Response response) {
  QueryResult result;
  result.columns = client::FromProto(std::move(*response.mutable_columns()));
  auto rows = client::FromProto(std::move(*response.mutable_rows()), result.columns.size());
  if (!rows.ok()) return std::move(rows).status();
  result.rows = *std::move(rows);
  result.truncated = response.truncated();
  result.stats = client::FromProto(response.stats());
  return result;
}

}  // namespace

Client::Client(std::shared_ptr<client::Core> core) : core_(std::move(core)) {}

absl::StatusOr<Client> Client::Connect(const ClientOptions& options) {
  client::CoreOptions core;
  core.address = client::ResolveAddress(options.address);
  core.token = client::FindCredential(options.token, core.address).token;
  core.deadline = options.deadline;
  core.stream_deadline = options.stream_deadline;
  core.user_agent = options.user_agent;
  if (!client::IsSendableToken(core.token)) {
    return absl::InvalidArgumentError("the token holds characters that no header can carry");
  }
  if (!core.token.empty() && !options.allow_plaintext && !client::IsLoopback(core.address)) {
    return absl::InvalidArgumentError(
        absl::StrCat("refusing to send a token to ", core.address,
                     " in plain text: allow_plaintext is for where a mesh encrypts it"));
  }
  return Client(std::make_shared<Core>(std::move(core)));
}

absl::StatusOr<std::vector<v1::Database>> Client::ListDatabases() const {
  std::vector<v1::Database> databases;
  auto status = RunPages(core_.get(), core_->catalog, &v1::CatalogService::Stub::ListDatabases,
                         v1::ListDatabasesRequest(), [&](v1::ListDatabasesResponse* page) {
                           for (auto& database : *page->mutable_databases()) {
                             databases.push_back(std::move(database));
                           }
                         });
  if (!status.ok()) return status;
  return databases;
}

absl::StatusOr<v1::Database> Client::GetDatabase(absl::string_view database) const {
  if (auto status = CheckUtf8({database}); !status.ok()) return status;
  v1::GetDatabaseRequest request;
  request.set_database(std::string(database));
  auto response = Run(core_.get(), core_->catalog, &v1::CatalogService::Stub::GetDatabase, request);
  if (!response.ok()) return std::move(response).status();
  return std::move(*response->mutable_database());
}

absl::StatusOr<std::vector<v1::Table>> Client::ListTables(absl::string_view database,
                                                          bool show_hidden) const {
  if (auto status = CheckUtf8({database}); !status.ok()) return status;
  v1::ListTablesRequest request;
  request.set_database(std::string(database));
  request.set_show_hidden(show_hidden);
  std::vector<v1::Table> tables;
  auto status = RunPages(core_.get(), core_->catalog, &v1::CatalogService::Stub::ListTables,
                         std::move(request), [&](v1::ListTablesResponse* page) {
                           for (auto& table : *page->mutable_tables()) {
                             tables.push_back(std::move(table));
                           }
                         });
  if (!status.ok()) return status;
  return tables;
}

absl::StatusOr<v1::Table> Client::GetTable(absl::string_view database,
                                           absl::string_view table) const {
  if (auto status = CheckUtf8({database, table}); !status.ok()) return status;
  v1::GetTableRequest request;
  request.set_database(std::string(database));
  request.set_table(std::string(table));
  auto response = Run(core_.get(), core_->catalog, &v1::CatalogService::Stub::GetTable, request);
  if (!response.ok()) return std::move(response).status();
  return std::move(*response->mutable_table());
}

absl::StatusOr<QueryResult> Client::Query(absl::string_view database,
                                          const Statement& statement) const {
  auto request = MakeQuery<v1::QueryRequest>(database, statement);
  if (!request.ok()) return std::move(request).status();
  request->set_min_commit_token(min_commit_token_);
  auto response = Run(core_.get(), core_->query, &v1::QueryService::Stub::Query, *request);
  if (!response.ok()) return std::move(response).status();
  return ResultOf(*std::move(response));
}

absl::StatusOr<v1::DescribeResponse> Client::DescribeStatement(
    absl::string_view database, absl::string_view sql,
    const std::vector<std::string>& databases) const {
  auto request =
      MakeQuery<v1::DescribeRequest>(database, {.sql = std::string(sql), .databases = databases});
  if (!request.ok()) return std::move(request).status();
  return Run(core_.get(), core_->query, &v1::QueryService::Stub::Describe, *request);
}

absl::StatusOr<std::vector<v1::StoredQuery>> Client::ListQueries(absl::string_view database) const {
  if (auto status = CheckUtf8({database}); !status.ok()) return status;
  v1::ListQueriesRequest request;
  request.set_database(std::string(database));
  std::vector<v1::StoredQuery> queries;
  auto status = RunPages(core_.get(), core_->query, &v1::QueryService::Stub::ListQueries,
                         std::move(request), [&](v1::ListQueriesResponse* page) {
                           for (auto& query : *page->mutable_queries()) {
                             queries.push_back(std::move(query));
                           }
                         });
  if (!status.ok()) return status;
  return queries;
}

absl::StatusOr<QueryResult> Client::RunQuery(absl::string_view database, absl::string_view query,
                                             const Object& params) const {
  if (auto status = CheckUtf8({database, query}); !status.ok()) return status;
  v1::RunQueryRequest request;
  request.set_database(std::string(database));
  request.set_query(std::string(query));
  request.set_min_commit_token(min_commit_token_);
  for (const auto& [name, value] : params) {
    if (auto status = CheckUtf8({name}); !status.ok()) return status;
    client::ToProto(value, &(*request.mutable_params())[name]);
  }
  auto response = Run(core_.get(), core_->query, &v1::QueryService::Stub::RunQuery, request);
  if (!response.ok()) return std::move(response).status();
  return ResultOf(*std::move(response));
}

absl::StatusOr<RowStream> Client::StreamQuery(absl::string_view database,
                                              const Statement& statement) const {
  auto request = MakeQuery<v1::StreamQueryRequest>(database, statement);
  if (!request.ok()) return std::move(request).status();
  request->set_min_commit_token(min_commit_token_);
  // Cheaper to read than a message for each value.
  request->set_layout(v1::ROW_LAYOUT_COLUMNS);
  auto source = client::OpenQuery(core_, *request);
  if (!source.ok()) return std::move(source).status();
  return RowStream(*std::move(source));
}

absl::StatusOr<DownloadResult> Client::Download(absl::string_view database, const std::string& path,
                                                const DownloadOptions& options) const {
  if (auto status = CheckUtf8({database, options.snapshot}); !status.ok()) return status;
  DownloadOptions all = options;
  if (all.min_commit_token.empty()) all.min_commit_token = min_commit_token_;
  return client::DownloadToFile(core_.get(), std::string(database), path, all);
}

absl::StatusOr<v1::Snapshot> Client::CreateSnapshot(absl::string_view database,
                                                    const SnapshotOptions& options) const {
  if (auto status = CheckUtf8({database}); !status.ok()) return status;
  for (const std::string& table : options.tables) {
    if (auto status = CheckUtf8({table}); !status.ok()) return status;
  }
  v1::CreateSnapshotRequest request;
  request.set_database(std::string(database));
  request.set_compact(options.compact);
  for (const std::string& table : options.tables) request.add_tables(table);
  if (options.compress) request.set_compression(v1::COMPRESSION_ZSTD);
  request.set_min_commit_token(min_commit_token_);
  if (options.ttl != absl::ZeroDuration()) {
    request.mutable_ttl()->set_seconds(absl::ToInt64Seconds(options.ttl));
  }
  const absl::Time end = absl::Now() + core_->options.stream_deadline;
  auto response = Run(core_.get(), core_->snapshot, &SnapshotStub::CreateSnapshot, request);
  if (!response.ok()) return std::move(response).status();
  absl::StatusOr<v1::Snapshot> snapshot = std::move(*response->mutable_snapshot());
  while (snapshot.ok() && snapshot->state() == v1::Snapshot::STATE_CREATING) {
    if (absl::Now() > end) return absl::DeadlineExceededError("the snapshot is still being made");
    absl::SleepFor(kSnapshotPollEvery);
    snapshot = GetSnapshot(database, snapshot->snapshot());
  }
  return snapshot;
}

absl::StatusOr<std::vector<v1::Snapshot>> Client::ListSnapshots(absl::string_view database) const {
  if (auto status = CheckUtf8({database}); !status.ok()) return status;
  v1::ListSnapshotsRequest request;
  request.set_database(std::string(database));
  std::vector<v1::Snapshot> snapshots;
  auto status = RunPages(core_.get(), core_->snapshot, &SnapshotStub::ListSnapshots, request,
                         [&](v1::ListSnapshotsResponse* page) {
                           for (auto& snapshot : *page->mutable_snapshots()) {
                             snapshots.push_back(std::move(snapshot));
                           }
                         });
  if (!status.ok()) return status;
  return snapshots;
}

absl::StatusOr<v1::Snapshot> Client::GetSnapshot(absl::string_view database,
                                                 absl::string_view snapshot) const {
  if (auto status = CheckUtf8({database, snapshot}); !status.ok()) return status;
  v1::GetSnapshotRequest request;
  request.set_database(std::string(database));
  request.set_snapshot(std::string(snapshot));
  auto response = Run(core_.get(), core_->snapshot, &SnapshotStub::GetSnapshot, request);
  if (!response.ok()) return std::move(response).status();
  return std::move(*response->mutable_snapshot());
}

absl::Status Client::DeleteSnapshot(absl::string_view database, absl::string_view snapshot) const {
  if (auto status = CheckUtf8({database, snapshot}); !status.ok()) return status;
  v1::DeleteSnapshotRequest request;
  request.set_database(std::string(database));
  request.set_snapshot(std::string(snapshot));
  return Run(core_.get(), core_->snapshot, &SnapshotStub::DeleteSnapshot, request).status();
}

absl::StatusOr<Health> Client::CheckHealth(absl::string_view service) const {
  if (auto status = CheckUtf8({service}); !status.ok()) return status;
  grpc::health::v1::HealthCheckRequest request;
  request.set_service(std::string(service));
  auto response = Run(core_.get(), core_->health, &grpc::health::v1::Health::Stub::Check, request);
  if (!response.ok()) return std::move(response).status();
  switch (response->status()) {
    case grpc::health::v1::HealthCheckResponse::SERVING:
      return Health::kServing;
    case grpc::health::v1::HealthCheckResponse::NOT_SERVING:
      return Health::kNotServing;
    default:
      return Health::kUnknown;
  }
}

Client Client::AtLeast(absl::string_view commit_token) const {
  Client copy = *this;
  copy.min_commit_token_ = std::string(commit_token);
  return copy;
}

void Client::CancelAll() const { core_->CancelAll(); }

const std::string& Client::address() const { return core_->options.address; }

}  // namespace sluice
