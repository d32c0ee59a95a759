#include "tests/conformance/doors/cpp/client_calls.h"

#include <google/protobuf/struct.pb.h>

#include <functional>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "clients/cpp/client.h"
#include "clients/cpp/conversion.h"
#include "sluice/v1/catalog.pb.h"
#include "sluice/v1/query.pb.h"
#include "sluice/v1/row.pb.h"
#include "tests/conformance/doors/cpp/messages.h"
#include "tests/conformance/doors/cpp/write_calls.h"

namespace sluice::conformance {
namespace {

template <typename Request>
Statement StatementOf(const Request& request) {
  Statement statement;
  statement.sql = request.sql();
  for (const auto& value : request.params()) statement.params.push_back(FromMessage(value));
  for (const auto& [name, value] : request.named_params()) {
    statement.named_params[name] = FromMessage(value);
  }
  return statement;
}

template <typename Request>
Client AtLeast(const Client& client, const Request& request) {
  return client.AtLeast(request.min_commit_token());
}

template <typename Response>
absl::Status AddRows(RowStream* stream, Response* out) {
  AddColumns(stream->columns(), out);
  while (true) {
    auto row = stream->Next();
    if (!row.ok()) return row.status();
    if (!row->has_value()) return absl::OkStatus();
    ToMessage(**row, out->add_rows());
  }
}

Answer ListDatabases(const Client& client, const v1::ListDatabasesRequest&) {
  auto databases = client.ListDatabases();
  if (!databases.ok()) return databases.status();
  v1::ListDatabasesResponse response;
  for (auto& database : *databases) *response.add_databases() = std::move(database);
  return ToJson(response);
}

Answer GetDatabase(const Client& client, const v1::GetDatabaseRequest& request) {
  auto database = client.GetDatabase(request.database());
  if (!database.ok()) return database.status();
  v1::GetDatabaseResponse response;
  *response.mutable_database() = *std::move(database);
  return ToJson(response);
}

Answer ListTables(const Client& client, const v1::ListTablesRequest& request) {
  auto tables = client.ListTables(request.database(), request.show_hidden());
  if (!tables.ok()) return tables.status();
  v1::ListTablesResponse response;
  for (auto& table : *tables) *response.add_tables() = std::move(table);
  return ToJson(response);
}

Answer GetTable(const Client& client, const v1::GetTableRequest& request) {
  auto table = client.GetTable(request.database(), request.table());
  if (!table.ok()) return table.status();
  v1::GetTableResponse response;
  *response.mutable_table() = *std::move(table);
  return ToJson(response);
}

template <typename Response>
Answer AnswerOf(const absl::StatusOr<Response>& response) {
  return response.ok() ? ToJson(*response) : Answer(response.status());
}

Answer CreateTable(const Client& client, const v1::CreateTableRequest& request) {
  return AnswerOf(client.CreateTable(request));
}

Answer AlterTable(const Client& client, const v1::AlterTableRequest& request) {
  return AnswerOf(client.AlterTable(request));
}

Answer DropTable(const Client& client, const v1::DropTableRequest& request) {
  return AnswerOf(client.DropTable(request));
}

Answer Query(const Client& client, const v1::QueryRequest& request) {
  const auto result = AtLeast(client, request).Query(request.database(), StatementOf(request));
  if (!result.ok()) return result.status();
  v1::QueryResponse response;
  AddColumns(result->columns, &response);
  for (const auto& row : result->rows) ToMessage(row, response.add_rows());
  response.set_truncated(result->truncated);
  return ToJson(response);
}

Answer StreamQuery(const Client& client, const v1::StreamQueryRequest& request) {
  auto stream = AtLeast(client, request).StreamQuery(request.database(), StatementOf(request));
  if (!stream.ok()) return stream.status();
  v1::StreamQueryResponse response;
  if (const auto status = AddRows(&*stream, &response); !status.ok()) return status;
  if (!stream->stats().has_value()) return absl::DataLossError("a stream without statistics");
  response.mutable_stats()->set_row_count(stream->stats()->row_count);
  return ToJson(response);
}

template <typename Request>
RowChoice ChoiceOf(const Request& request) {
  return {.filter = request.filter(),
          .order_by = request.order_by(),
          .search = request.search(),
          .raw_search = request.raw_search(),
          .snippets = request.snippets(),
          .columns = {request.columns().begin(), request.columns().end()},
          .labels = {request.labels().begin(), request.labels().end()}};
}

Answer ReadRows(const Client& client, const v1::ReadRowsRequest& request) {
  auto stream =
      AtLeast(client, request)
          .ReadRows(request.database(), request.table(), ChoiceOf(request), request.row_limit());
  if (!stream.ok()) return stream.status();
  v1::ReadRowsResponse response;
  if (const auto status = AddRows(&*stream, &response); !status.ok()) return status;
  return ToJson(response);
}

Answer ListRows(const Client& client, const v1::ListRowsRequest& request) {
  auto stream =
      AtLeast(client, request)
          .ListRows(request.database(), request.table(), ChoiceOf(request), request.page_size());
  if (!stream.ok()) return stream.status();
  v1::ListRowsResponse response;
  if (const auto status = AddRows(&*stream, &response); !status.ok()) return status;
  return ToJson(response);
}

Answer GetRow(const Client& client, const v1::GetRowRequest& request) {
  const auto row = AtLeast(client, request)
                       .GetRow(request.database(), request.table(), request.key(),
                               {request.labels().begin(), request.labels().end()});
  if (!row.ok()) return row.status();
  v1::GetRowResponse response;
  AddColumns(row->columns, &response);
  ToMessage(row->row, response.mutable_row());
  return ToJson(response);
}

Answer Download(const Client& client, const google::protobuf::Struct& request) {
  const auto& fields = request.fields();
  const auto result =
      client.Download(fields.at("database").string_value(), fields.at("path").string_value());
  if (!result.ok()) return result.status();
  google::protobuf::Struct response;
  (*response.mutable_fields())["sha256"].set_string_value(result->sha256);
  (*response.mutable_fields())["sizeBytes"].set_string_value(absl::StrCat(result->size_bytes));
  return ToJson(response);
}

Answer Restore(const Client& client, const google::protobuf::Struct& request) {
  const auto& fields = request.fields();
  RestoreOptions options;
  options.create = fields.at("create").bool_value();
  const auto result = client.Restore(fields.at("database").string_value(),
                                     fields.at("path").string_value(), options);
  if (!result.ok()) return result.status();
  return ToJson(*result);
}

using Calls = std::map<std::string, std::function<Answer(const Client&, const std::string&)>>;

template <typename Request>
Calls::mapped_type Reading(Answer (*call)(const Client&, const Request&)) {
  return [call](const Client& client, const std::string& text) -> Answer {
    Request request;
    if (const auto status = ParseJson(text, &request); !status.ok()) return status;
    return call(client, request);
  };
}

const Calls& AllCalls() {
  static const auto* const calls = new Calls{
      {"CatalogService/ListDatabases", Reading(ListDatabases)},
      {"CatalogService/GetDatabase", Reading(GetDatabase)},
      {"CatalogService/ListTables", Reading(ListTables)},
      {"CatalogService/GetTable", Reading(GetTable)},
      {"CatalogService/CreateTable", Reading(CreateTable)},
      {"CatalogService/AlterTable", Reading(AlterTable)},
      {"CatalogService/DropTable", Reading(DropTable)},
      {"QueryService/Query", Reading(Query)},
      {"QueryService/StreamQuery", Reading(StreamQuery)},
      {"RowService/ListRows", Reading(ListRows)},
      {"RowService/ReadRows", Reading(ReadRows)},
      {"RowService/GetRow", Reading(GetRow)},
      {"RowService/InsertRows", Reading(InsertRows)},
      {"RowService/UpsertRows", Reading(UpsertRows)},
      {"RowService/UpdateRows", Reading(UpdateRows)},
      {"RowService/DeleteRows", Reading(DeleteRows)},
      {"RowService/UpdateRow", Reading(UpdateRow)},
      {"RowService/LoadRows", Reading(LoadRows)},
      {"RowService/DeleteRow", Reading(DeleteRow)},
      {"SnapshotService/DownloadDatabase", Reading(Download)},
      {"SnapshotService/RestoreDatabase", Reading(Restore)},
  };
  return *calls;
}

}  // namespace

Answer CallClient(const Call& call) {
  const auto found = AllCalls().find(call.method);
  if (found == AllCalls().end()) {
    return absl::InternalError(absl::StrCat("the client has no ", call.method));
  }
  ClientOptions options;
  options.address = call.address;
  options.token = call.token;
  const auto client = Client::Connect(options);
  if (!client.ok()) return client.status();
  return found->second(*client, call.request);
}

}  // namespace sluice::conformance
