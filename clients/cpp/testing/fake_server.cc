#include "clients/cpp/testing/fake_server.h"

#include <chrono>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"

namespace sluice::testing {

grpc::Status Refusal(grpc::StatusCode code, const std::string& message, const std::string& reason,
                     const std::map<std::string, std::string>& metadata, const std::string& field,
                     int retry_after_s) {
  google::rpc::Status details;
  details.set_code(code);
  details.set_message(message);
  google::rpc::ErrorInfo info;
  info.set_domain("sluice");
  info.set_reason(reason);
  info.mutable_metadata()->insert(metadata.begin(), metadata.end());
  details.add_details()->PackFrom(info);
  if (!field.empty()) {
    google::rpc::BadRequest request;
    auto* violation = request.add_field_violations();
    violation->set_field(field);
    violation->set_description("is wrong");
    details.add_details()->PackFrom(request);
  }
  if (retry_after_s != 0) {
    google::rpc::RetryInfo retry;
    retry.mutable_retry_delay()->set_seconds(retry_after_s);
    details.add_details()->PackFrom(retry);
  }
  return {code, message, details.SerializeAsString()};
}

class FakeServer::Services {
 public:
  explicit Services(FakeServer* fake)
      : catalog(fake), query(fake), row(fake), snapshot(fake), health(fake) {}

  struct Base {
    explicit Base(FakeServer* server) : fake(server) {}
    FakeServer* const fake;

    template <typename Function, typename... Arguments>
    grpc::Status Run(grpc::ServerContext* context, const Function& function,
                     Arguments&&... arguments) {
      fake->Count(*context);
      // A copy: a client that gives up early may let its test set the next function meanwhile.
      const Function copy = function;
      if (copy == nullptr) return {grpc::StatusCode::UNIMPLEMENTED, "not faked"};
      return copy(std::forward<Arguments>(arguments)...);
    }
  };

  struct Catalog : Base, v1::CatalogService::Service {
    using Base::Base;
    grpc::Status ListDatabases(grpc::ServerContext* context,
                               const v1::ListDatabasesRequest* request,
                               v1::ListDatabasesResponse* response) override {
      return Run(context, fake->list_databases, *request, response);
    }
    grpc::Status GetDatabase(grpc::ServerContext* context, const v1::GetDatabaseRequest* request,
                             v1::GetDatabaseResponse* response) override {
      return Run(context, fake->get_database, *request, response);
    }
    grpc::Status ListTables(grpc::ServerContext* context, const v1::ListTablesRequest* request,
                            v1::ListTablesResponse* response) override {
      return Run(context, fake->list_tables, *request, response);
    }
    grpc::Status GetTable(grpc::ServerContext* context, const v1::GetTableRequest* request,
                          v1::GetTableResponse* response) override {
      return Run(context, fake->get_table, *request, response);
    }
    grpc::Status DropTable(grpc::ServerContext* context, const v1::DropTableRequest* request,
                           v1::DropTableResponse* response) override {
      return Run(context, fake->drop_table, *request, response);
    }
  };

  struct Queries : Base, v1::QueryService::Service {
    using Base::Base;
    grpc::Status Query(grpc::ServerContext* context, const v1::QueryRequest* request,
                       v1::QueryResponse* response) override {
      return Run(context, fake->query, *request, response);
    }
    grpc::Status RunQuery(grpc::ServerContext* context, const v1::RunQueryRequest* request,
                          v1::RunQueryResponse* response) override {
      return Run(context, fake->run_query, *request, response);
    }
    grpc::Status StreamQuery(grpc::ServerContext* context, const v1::StreamQueryRequest* request,
                             grpc::ServerWriter<v1::StreamQueryResponse>* writer) override {
      return Run(context, fake->stream_query, context, *request, writer);
    }
  };

  struct Rows : Base, v1::RowService::Service {
    using Base::Base;
    grpc::Status ListRows(grpc::ServerContext* context, const v1::ListRowsRequest* request,
                          v1::ListRowsResponse* response) override {
      return Run(context, fake->list_rows, *request, response);
    }
    grpc::Status GetRow(grpc::ServerContext* context, const v1::GetRowRequest* request,
                        v1::GetRowResponse* response) override {
      return Run(context, fake->get_row, *request, response);
    }
    grpc::Status InsertRows(grpc::ServerContext* context, const v1::InsertRowsRequest* request,
                            v1::InsertRowsResponse* response) override {
      return Run(context, fake->insert_rows, *request, response);
    }
    grpc::Status DeleteRows(grpc::ServerContext* context, const v1::DeleteRowsRequest* request,
                            v1::DeleteRowsResponse* response) override {
      return Run(context, fake->delete_rows, *request, response);
    }
    grpc::Status UpdateRow(grpc::ServerContext* context, const v1::UpdateRowRequest* request,
                           v1::UpdateRowResponse* response) override {
      return Run(context, fake->update_row, *request, response);
    }
    grpc::Status DeleteRow(grpc::ServerContext* context, const v1::DeleteRowRequest* request,
                           v1::DeleteRowResponse* response) override {
      return Run(context, fake->delete_row, *request, response);
    }
    grpc::Status ReadRows(grpc::ServerContext* context, const v1::ReadRowsRequest* request,
                          grpc::ServerWriter<v1::ReadRowsResponse>* writer) override {
      return Run(context, fake->read_rows, context, *request, writer);
    }
    grpc::Status LoadRows(
        grpc::ServerContext* context,
        grpc::ServerReaderWriter<v1::LoadRowsResponse, v1::LoadRowsRequest>* stream) override {
      return Run(context, fake->load_rows, context, stream);
    }
  };

  struct Snapshot : Base, v1::SnapshotService::Service {
    using Base::Base;
    grpc::Status DownloadDatabase(
        grpc::ServerContext* context, const v1::DownloadDatabaseRequest* request,
        grpc::ServerWriter<v1::DownloadDatabaseResponse>* writer) override {
      return Run(context, fake->download, context, *request, writer);
    }
    grpc::Status DownloadSnapshot(
        grpc::ServerContext* context, const v1::DownloadSnapshotRequest* request,
        grpc::ServerWriter<v1::DownloadSnapshotResponse>* writer) override {
      return Run(context, fake->download_snapshot, context, *request, writer);
    }
    grpc::Status RefreshDatabase(
        grpc::ServerContext* context,
        grpc::ServerReaderWriter<v1::RefreshDatabaseResponse, v1::RefreshDatabaseRequest>* stream)
        override {
      return Run(context, fake->refresh, stream);
    }
    grpc::Status ListUploads(grpc::ServerContext* context, const v1::ListUploadsRequest* request,
                             v1::ListUploadsResponse* response) override {
      return Run(context, fake->list_uploads, *request, response);
    }
    grpc::Status CreateUpload(grpc::ServerContext* context, const v1::CreateUploadRequest* request,
                              v1::CreateUploadResponse* response) override {
      return Run(context, fake->create_upload, *request, response);
    }
    grpc::Status WriteUpload(grpc::ServerContext* context, const v1::WriteUploadRequest* request,
                             v1::WriteUploadResponse* response) override {
      return Run(context, fake->write_upload, *request, response);
    }
    grpc::Status GetUpload(grpc::ServerContext* context, const v1::GetUploadRequest* request,
                           v1::GetUploadResponse* response) override {
      return Run(context, fake->get_upload, *request, response);
    }
    grpc::Status RestoreDatabase(grpc::ServerContext* context,
                                 const v1::RestoreDatabaseRequest* request,
                                 v1::RestoreDatabaseResponse* response) override {
      return Run(context, fake->restore_database, *request, response);
    }
  };

  struct Health : Base, grpc::health::v1::Health::Service {
    using Base::Base;
    grpc::Status Check(grpc::ServerContext* context,
                       const grpc::health::v1::HealthCheckRequest* request,
                       grpc::health::v1::HealthCheckResponse* response) override {
      return Run(context, fake->check, *request, response);
    }
  };

  Catalog catalog;
  Queries query;
  Rows row;
  Snapshot snapshot;
  Health health;
};

FakeServer::FakeServer(const std::string& address) : services_(std::make_unique<Services>(this)) {
  grpc::ServerBuilder builder;
  int port = 0;
  builder.AddListeningPort(address, grpc::InsecureServerCredentials(), &port);
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  builder.SetMaxSendMessageSize(-1);
  builder.SetMaxReceiveMessageSize(-1);
  builder.RegisterService(&services_->catalog);
  builder.RegisterService(&services_->query);
  builder.RegisterService(&services_->row);
  builder.RegisterService(&services_->snapshot);
  builder.RegisterService(&services_->health);
  server_ = builder.BuildAndStart();
  address_ = absl::StrCat("127.0.0.1:", port);
}

FakeServer::~FakeServer() { Stop(); }

void FakeServer::Stop() {
  if (server_ == nullptr) return;
  server_->Shutdown(std::chrono::system_clock::now());
  server_->Wait();
  server_.reset();
}

std::string FakeServer::authorization() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return authorization_;
}

absl::Duration FakeServer::time_left() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return time_left_;
}

void FakeServer::Count(const grpc::ServerContext& context) {
  ++call_count_;
  const auto& metadata = context.client_metadata();
  const auto found = metadata.find("authorization");
  const std::lock_guard<std::mutex> lock(mutex_);
  time_left_ = absl::FromChrono(context.deadline()) - absl::Now();
  authorization_ = found == metadata.end()
                       ? std::string()
                       : std::string(found->second.data(), found->second.size());
}

}  // namespace sluice::testing
