// The calls of Client for SQL that writes.
#include <utility>

#include "clients/cpp/client.h"
#include "clients/cpp/conversion.h"
#include "clients/cpp/run.h"

namespace sluice {
namespace {

using client::CheckUtf8;
using client::Run;

template <typename Message>
absl::Status SetStatement(const Statement& statement, Message* message) {
  if (auto status = CheckUtf8({statement.sql}); !status.ok()) return status;
  if (!statement.databases.empty()) {
    return absl::InvalidArgumentError("a statement that writes has no other databases");
  }
  message->set_sql(statement.sql);
  for (const Value& value : statement.params) client::ToProto(value, message->add_params());
  for (const auto& [name, value] : statement.named_params) {
    if (auto status = CheckUtf8({name}); !status.ok()) return status;
    client::ToProto(value, &(*message->mutable_named_params())[name]);
  }
  return absl::OkStatus();
}

template <typename Message>
absl::StatusOr<ExecuteResult> FromAnswer(Message* message) {
  ExecuteResult result;
  result.columns = client::FromProto(std::move(*message->mutable_columns()));
  auto rows = client::FromProto(std::move(*message->mutable_rows()), result.columns.size());
  if (!rows.ok()) return std::move(rows).status();
  result.rows = *std::move(rows);
  result.truncated = message->truncated();
  result.affected_count = message->affected_count();
  result.last_insert_rowid = message->last_insert_rowid();
  return result;
}

}  // namespace

absl::StatusOr<ExecuteResult> Client::Execute(absl::string_view database,
                                              const Statement& statement,
                                              const WriteOptions& options) const {
  if (auto status = CheckUtf8({database, options.request_id}); !status.ok()) return status;
  v1::ExecuteRequest request;
  request.set_database(std::string(database));
  request.set_validate_only(options.validate_only);
  request.set_request_id(options.request_id);
  if (options.replicated) request.set_durability(v1::DURABILITY_REPLICATED);
  if (auto status = SetStatement(statement, &request); !status.ok()) return status;
  auto response = Run(core_.get(), core_->query, &v1::QueryService::Stub::Execute, request);
  if (!response.ok()) return std::move(response).status();
  auto result = FromAnswer(&*response);
  if (!result.ok()) return result;
  result->commit_token = response->commit_token();
  result->replayed = response->replayed();
  return result;
}

absl::StatusOr<std::vector<ExecuteResult>> Client::BatchExecute(
    absl::string_view database, const std::vector<Statement>& statements,
    const WriteOptions& options) const {
  if (auto status = CheckUtf8({database, options.request_id}); !status.ok()) return status;
  v1::BatchExecuteRequest request;
  request.set_database(std::string(database));
  request.set_validate_only(options.validate_only);
  request.set_request_id(options.request_id);
  if (options.replicated) request.set_durability(v1::DURABILITY_REPLICATED);
  for (const Statement& statement : statements) {
    if (auto status = SetStatement(statement, request.add_statements()); !status.ok()) {
      return status;
    }
  }
  auto response = Run(core_.get(), core_->query, &v1::QueryService::Stub::BatchExecute, request);
  if (!response.ok()) return std::move(response).status();
  std::vector<ExecuteResult> results;
  for (v1::StatementResult& message : *response->mutable_results()) {
    auto result = FromAnswer(&message);
    if (!result.ok()) return std::move(result).status();
    result->commit_token = response->commit_token();
    result->replayed = response->replayed();
    results.push_back(*std::move(result));
  }
  return results;
}

absl::StatusOr<ExecuteResult> Client::ExecuteQuery(absl::string_view database,
                                                   absl::string_view query, const Object& params,
                                                   const WriteOptions& options) const {
  if (auto status = CheckUtf8({database, query, options.request_id}); !status.ok()) return status;
  v1::RunQueryRequest request;
  request.set_database(std::string(database));
  request.set_query(std::string(query));
  request.set_validate_only(options.validate_only);
  request.set_request_id(options.request_id);
  if (options.replicated) request.set_durability(v1::DURABILITY_REPLICATED);
  for (const auto& [name, value] : params) {
    if (auto status = CheckUtf8({name}); !status.ok()) return status;
    client::ToProto(value, &(*request.mutable_params())[name]);
  }
  auto response = Run(core_.get(), core_->query, &v1::QueryService::Stub::RunQuery, request);
  if (!response.ok()) return std::move(response).status();
  auto result = FromAnswer(&*response);
  if (!result.ok()) return result;
  result->commit_token = response->commit_token();
  result->replayed = response->replayed();
  return result;
}

}  // namespace sluice
