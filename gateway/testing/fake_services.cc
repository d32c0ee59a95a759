#include "gateway/testing/fake_services.h"

#include <chrono>
#include <thread>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"

namespace sluice::gateway::testing {
namespace {

grpc::Status Rich(grpc::StatusCode code, const std::string& message,
                  const google::protobuf::Message& detail) {
  google::rpc::Status rich;
  rich.set_code(code);
  rich.set_message(message);
  rich.add_details()->PackFrom(detail);
  return {code, message, rich.SerializeAsString()};
}

grpc::Status NoSuchDatabase() {
  google::rpc::ErrorInfo info;
  info.set_reason("NO_SUCH_DATABASE");
  info.set_domain("sluice");
  return Rich(grpc::StatusCode::NOT_FOUND, "no such database", info);
}

void WaitForCancel(grpc::ServerContext* context) {
  while (!context->IsCancelled()) std::this_thread::sleep_for(std::chrono::milliseconds(2));
}

}  // namespace

grpc::Status FakeCatalog::GetDatabase(grpc::ServerContext* context,
                                      const v1::GetDatabaseRequest* request,
                                      v1::GetDatabaseResponse* response) {
  const std::string& name = request->database();
  context->AddInitialMetadata("served-by", "fake");
  if (name == "missing") return NoSuchDatabase();
  if (name == "locked") return {grpc::StatusCode::UNAUTHENTICATED, "who are you?"};
  if (name == "busy") {
    google::rpc::RetryInfo retry;
    retry.mutable_retry_delay()->set_seconds(3);
    return Rich(grpc::StatusCode::UNAVAILABLE, "busy", retry);
  }
  if (name == "plain") return {grpc::StatusCode::UNAVAILABLE, "back at noon"};
  if (name == "slow") {
    ++waiting;
    WaitForCancel(context);
    ++cancelled;
    return grpc::Status::CANCELLED;
  }
  response->mutable_database()->set_name(name);
  if (name == "echo") {
    std::string* text = response->mutable_database()->mutable_state_reason();
    for (const auto& [key, value] : context->client_metadata()) {
      absl::StrAppend(text, std::string(key.data(), key.size()), "=",
                      std::string(value.data(), value.size()), ";");
    }
  }
  return grpc::Status::OK;
}

grpc::Status FakeQuery::Query(grpc::ServerContext*, const v1::QueryRequest* request,
                              v1::QueryResponse* response) {
  response->add_columns()->set_name(request->sql());
  v1::Row* row = response->add_rows();
  for (const v1::Value& value : request->params()) *row->add_values() = value;
  for (const auto& [name, value] : request->named_params()) *row->add_values() = value;
  return grpc::Status::OK;
}

grpc::Status FakeQuery::StreamQuery(grpc::ServerContext*, const v1::StreamQueryRequest* request,
                                    grpc::ServerWriter<v1::StreamQueryResponse>* writer) {
  if (request->database() == "missing") return NoSuchDatabase();
  int count = 0;
  if (!absl::SimpleAtoi(request->sql(), &count)) return {grpc::StatusCode::INVALID_ARGUMENT, "sql"};
  for (int i = 0; i < count; ++i) {
    v1::StreamQueryResponse message;
    message.add_rows()->add_values()->set_integer(i);
    writer->Write(message);
  }
  if (request->database() == "broken") return {grpc::StatusCode::DATA_LOSS, "corrupt"};
  return grpc::Status::OK;
}

grpc::Status FakeQuery::ExportQuery(grpc::ServerContext* context,
                                    const v1::ExportQueryRequest* request,
                                    grpc::ServerWriter<google::api::HttpBody>* writer) {
  if (request->database() == "missing") return NoSuchDatabase();
  google::api::HttpBody message;
  message.set_content_type("text/csv; charset=utf-8");
  if (request->database() == "endless") {
    message.set_data(std::string(100'000, 'x'));
    while (!context->IsCancelled() && writer->Write(message)) written += message.data().size();
    ++cancelled;
    return grpc::Status::CANCELLED;
  }
  int count = 0;
  if (!absl::SimpleAtoi(request->sql(), &count)) return {grpc::StatusCode::INVALID_ARGUMENT, "sql"};
  for (int i = 0; i < count; ++i) {
    message.set_data(absl::StrCat("row,", i, "\n"));
    writer->Write(message);
    message.clear_content_type();
  }
  if (request->database() == "broken") return {grpc::StatusCode::DATA_LOSS, "corrupt"};
  return grpc::Status::OK;
}

grpc::Status FakeRows::BrowseRows(grpc::ServerContext* context,
                                  const v1::BrowseRowsRequest* request,
                                  google::api::HttpBody* response) {
  context->AddInitialMetadata("sluice-next-page-token", "next");
  response->set_content_type("text/csv; charset=utf-8");
  response->set_data(
      absl::StrCat(request->table(), ",", request->page_size(), ",", request->format(), "\n"));
  return grpc::Status::OK;
}

grpc::Status FakeRows::InsertRows(grpc::ServerContext*, const v1::InsertRowsRequest* request,
                                  v1::InsertRowsResponse* response) {
  response->set_inserted_count(request->objects_size());
  for (const auto& object : request->objects()) {
    response->add_keys(object.fields().begin()->first);
  }
  return grpc::Status::OK;
}

grpc::Status FakeSnapshots::ReadDatabaseFile(grpc::ServerContext* context,
                                             const v1::ReadDatabaseFileRequest* request,
                                             grpc::ServerWriter<google::api::HttpBody>* writer) {
  context->AddInitialMetadata("x-http-content-length", absl::StrCat(kFileBytes));
  context->AddInitialMetadata("x-http-content-disposition", "attachment; filename=\"a.db\"");
  google::api::HttpBody message;
  message.set_content_type("application/vnd.sqlite3");
  for (size_t sent = 0; sent < kFileBytes; sent += 100'000) {
    if (request->database() == "cut" && sent > kFileBytes / 2) {
      return {grpc::StatusCode::DATA_LOSS, "corrupt"};
    }
    message.set_data(std::string(100'000, static_cast<char>('a' + sent / 100'000 % 26)));
    if (!writer->Write(message)) {
      ++cancelled;
      return grpc::Status::CANCELLED;
    }
  }
  return grpc::Status::OK;
}

}  // namespace sluice::gateway::testing
