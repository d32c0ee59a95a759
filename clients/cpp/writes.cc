// The writing calls of Client.
#include <utility>

#include "absl/strings/str_cat.h"
#include "clients/cpp/client.h"
#include "clients/cpp/conversion.h"
#include "clients/cpp/run.h"
#include "clients/cpp/write_messages.h"

namespace sluice {
namespace {

using client::CheckUtf8;
using client::Run;
using client::SetNames;

v1::Return ToProto(Return returning) {
  switch (returning) {
    case Return::kNothing:
      return v1::RETURN_NONE;
    case Return::kKeys:
      return v1::RETURN_KEYS;
    case Return::kRows:
      return v1::RETURN_ROWS;
  }
  return v1::RETURN_UNSPECIFIED;
}

v1::OnConflict::Action ToProto(InsertRequest::Conflict conflict) {
  switch (conflict) {
    case InsertRequest::Conflict::kAbort:
      return v1::OnConflict::ACTION_ABORT;
    case InsertRequest::Conflict::kIgnore:
      return v1::OnConflict::ACTION_IGNORE;
    case InsertRequest::Conflict::kReplace:
      return v1::OnConflict::ACTION_REPLACE;
    case InsertRequest::Conflict::kUpdate:
      return v1::OnConflict::ACTION_UPDATE;
  }
  return v1::OnConflict::ACTION_UNSPECIFIED;
}

template <typename Message>
void SetOptions(const WriteOptions& options, Message* message) {
  message->set_validate_only(options.validate_only);
  message->set_request_id(options.request_id);
  if (options.replicated) message->set_durability(v1::DURABILITY_REPLICATED);
}

template <typename Message>
absl::Status SetMatching(const Matching& matching, Message* message) {
  if (auto status = CheckUtf8({matching.filter}); !status.ok()) return status;
  message->set_filter(matching.filter);
  message->set_all_rows(matching.all_rows);
  message->set_max_affected(matching.max_affected);
  return absl::OkStatus();
}

// The fields that all writes share.
template <typename Request, typename Message>
absl::Status SetCommon(const Request& request, Message* message) {
  if (auto status = CheckUtf8({request.database, request.table, request.options.request_id});
      !status.ok()) {
    return status;
  }
  message->set_database(request.database);
  message->set_table(request.table);
  message->set_return_(ToProto(request.returning));
  message->set_continue_on_error(request.continue_on_error);
  SetOptions(request.options, message);
  return absl::OkStatus();
}

template <typename Message>
absl::Status SetRows(const RowsGiven& request, Message* message) {
  if (auto status = SetCommon(request, message); !status.ok()) return status;
  if (auto status = SetNames(request.columns, message->mutable_columns()); !status.ok()) {
    return status;
  }
  for (const auto& row : request.rows) {
    v1::Row* out = message->add_rows();
    for (const Value& value : row) client::ToProto(value, out->add_values());
  }
  for (const Object& object : request.objects) {
    if (auto status = client::ToNatural(object, message->add_objects()); !status.ok()) {
      return status;
    }
  }
  return absl::OkStatus();
}

// The fields that all answers to writes share.
template <typename Response>
absl::StatusOr<WriteResult> FromAnswer(absl::StatusOr<Response> response) {
  if (!response.ok()) return std::move(response).status();
  WriteResult result;
  if constexpr (requires { response->inserted_count(); }) {
    result.inserted_count = response->inserted_count();
  }
  if constexpr (requires { response->updated_count(); }) {
    result.updated_count = response->updated_count();
  }
  if constexpr (requires { response->deleted_count(); }) {
    result.deleted_count = response->deleted_count();
  }
  result.ignored_count = response->ignored_count();
  result.keys.assign(response->keys().begin(), response->keys().end());
  result.columns = client::FromProto(std::move(*response->mutable_columns()));
  for (v1::Row& message : *response->mutable_rows()) {
    const bool written = message.values_size() > 0;
    auto row = client::FromProto(std::move(message), written ? result.columns.size() : 0);
    if (!row.ok()) return std::move(row).status();
    result.rows.push_back(*std::move(row));
  }
  for (const v1::RowError& error : response->errors())
    result.errors.push_back(client::RowErrorOf(error));
  result.commit_token = response->commit_token();
  result.replayed = response->replayed();
  return result;
}

}  // namespace

absl::Status client::SetConflict(InsertRequest::Conflict conflict,
                                 const std::vector<std::string>& target,
                                 const std::vector<std::string>& update_columns,
                                 v1::OnConflict* message) {
  message->set_action(sluice::ToProto(conflict));
  if (auto status = SetNames(target, message->mutable_target()); !status.ok()) return status;
  return SetNames(update_columns, message->mutable_update_columns());
}

absl::StatusOr<WriteResult> Client::InsertRows(const InsertRequest& request) const {
  v1::InsertRowsRequest message;
  if (auto status = SetRows(request, &message); !status.ok()) return status;
  if (request.conflict != InsertRequest::Conflict::kAbort) {
    if (auto status = client::SetConflict(request.conflict, request.target, request.update_columns,
                                          message.mutable_on_conflict());
        !status.ok()) {
      return status;
    }
  }
  if (request.missing_is_null) message.set_missing_columns(v1::MISSING_COLUMNS_NULL);
  return FromAnswer(Run(core_.get(), core_->row, &v1::RowService::Stub::InsertRows, message));
}

absl::StatusOr<WriteResult> Client::UpsertRows(const UpsertRequest& request) const {
  v1::UpsertRowsRequest message;
  if (auto status = SetRows(request, &message); !status.ok()) return status;
  if (auto status = SetNames(request.target, message.mutable_target()); !status.ok()) return status;
  if (request.missing_is_null) message.set_missing_columns(v1::MISSING_COLUMNS_NULL);
  return FromAnswer(Run(core_.get(), core_->row, &v1::RowService::Stub::UpsertRows, message));
}

absl::StatusOr<WriteResult> Client::UpdateRows(const UpdateRequest& request) const {
  v1::UpdateRowsRequest message;
  if (auto status = SetRows(request, &message); !status.ok()) return status;
  if (auto status = SetMatching(request.matching, &message); !status.ok()) return status;
  message.set_allow_missing(request.allow_missing);
  const size_t count = request.rows.size() + request.objects.size();
  if (!request.keys.empty() && request.keys.size() != count) {
    return absl::InvalidArgumentError(
        absl::StrCat("there are ", request.keys.size(), " keys for ", count, " rows"));
  }
  if (!request.objects.empty()) {
    if (auto status = SetNames(request.keys, message.mutable_keys()); !status.ok()) return status;
  } else {
    for (size_t i = 0; i < request.keys.size(); ++i) {
      message.mutable_rows(static_cast<int>(i))->set_key(request.keys[i]);
    }
  }
  return FromAnswer(Run(core_.get(), core_->row, &v1::RowService::Stub::UpdateRows, message));
}

absl::StatusOr<WriteResult> Client::DeleteRows(const DeleteRequest& request) const {
  v1::DeleteRowsRequest message;
  if (auto status = SetCommon(request, &message); !status.ok()) return status;
  if (auto status = SetNames(request.keys, message.mutable_keys()); !status.ok()) return status;
  if (auto status = SetMatching(request.matching, &message); !status.ok()) return status;
  message.set_allow_missing(request.allow_missing);
  return FromAnswer(Run(core_.get(), core_->row, &v1::RowService::Stub::DeleteRows, message));
}

absl::StatusOr<WriteResult> Client::UpdateRow(const RowName& row, const Object& values,
                                              const WriteOptions& options) const {
  if (auto status = CheckUtf8({row.database, row.table, row.key, row.if_match}); !status.ok()) {
    return status;
  }
  v1::UpdateRowRequest message;
  message.set_database(row.database);
  message.set_table(row.table);
  message.set_key(row.key);
  message.set_if_match(row.if_match);
  SetOptions(options, &message);
  for (const auto& [name, value] : values) {
    if (auto status = CheckUtf8({name}); !status.ok()) return status;
    message.add_columns(name);
    client::ToProto(value, message.add_values());
  }
  auto response = Run(core_.get(), core_->row, &v1::RowService::Stub::UpdateRow, message);
  if (!response.ok()) return std::move(response).status();
  WriteResult result;
  result.updated_count = 1;
  result.columns = client::FromProto(std::move(*response->mutable_columns()));
  auto updated = client::FromProto(std::move(*response->mutable_row()), result.columns.size());
  if (!updated.ok()) return std::move(updated).status();
  result.keys = {updated->key};
  result.rows.push_back(*std::move(updated));
  result.commit_token = response->commit_token();
  result.replayed = response->replayed();
  return result;
}

absl::StatusOr<WriteResult> Client::DeleteRow(const RowName& row,
                                              const WriteOptions& options) const {
  if (auto status = CheckUtf8({row.database, row.table, row.key, row.if_match}); !status.ok()) {
    return status;
  }
  v1::DeleteRowRequest message;
  message.set_database(row.database);
  message.set_table(row.table);
  message.set_key(row.key);
  message.set_if_match(row.if_match);
  SetOptions(options, &message);
  const auto response = Run(core_.get(), core_->row, &v1::RowService::Stub::DeleteRow, message);
  if (!response.ok()) return response.status();
  WriteResult result;
  result.deleted_count = 1;
  result.keys = {row.key};
  result.commit_token = response->commit_token();
  result.replayed = response->replayed();
  return result;
}

absl::StatusOr<v1::CommitResponse> Client::Commit(const v1::CommitRequest& request) const {
  return Run(core_.get(), core_->row, &v1::RowService::Stub::Commit, request);
}

}  // namespace sluice
