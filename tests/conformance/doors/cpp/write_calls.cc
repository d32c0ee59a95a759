#include "tests/conformance/doors/cpp/write_calls.h"

#include <string>

#include "tests/conformance/doors/cpp/messages.h"

namespace sluice::conformance {
namespace {

Return ReturnOf(v1::Return returned) {
  if (returned == v1::RETURN_NONE) return Return::kNothing;
  return returned == v1::RETURN_ROWS ? Return::kRows : Return::kKeys;
}

template <typename Request>
WriteOptions OptionsOf(const Request& request) {
  return {.validate_only = request.validate_only(), .request_id = request.request_id()};
}

template <typename Request>
void SetRows(const Request& request, RowsGiven* given) {
  given->database = request.database();
  given->table = request.table();
  given->columns = {request.columns().begin(), request.columns().end()};
  for (const auto& row : request.rows()) {
    auto& values = given->rows.emplace_back();
    for (const auto& value : row.values()) values.push_back(FromMessage(value));
  }
  given->returning = ReturnOf(request.return_());
  given->continue_on_error = request.continue_on_error();
  given->options = OptionsOf(request);
}

template <typename Response>
Answer ToAnswer(const absl::StatusOr<WriteResult>& result) {
  if (!result.ok()) return result.status();
  Response response;
  if constexpr (requires { response.set_inserted_count(0); }) {
    response.set_inserted_count(result->inserted_count);
  }
  if constexpr (requires { response.set_updated_count(0); }) {
    response.set_updated_count(result->updated_count);
  }
  if constexpr (requires { response.set_deleted_count(0); }) {
    response.set_deleted_count(result->deleted_count);
  }
  response.set_ignored_count(result->ignored_count);
  for (const auto& key : result->keys) response.add_keys(key);
  AddColumns(result->columns, &response);
  for (const auto& row : result->rows) ToMessage(row, response.add_rows());
  for (const auto& error : result->errors) {
    auto* out = response.add_errors();
    out->set_row(static_cast<int32_t>(error.row));
    out->set_code(static_cast<int32_t>(error.status.code()));
    out->set_reason(error.reason);
    out->set_message(std::string(error.status.message()));
    out->mutable_metadata()->insert(error.metadata.begin(), error.metadata.end());
  }
  response.set_commit_token(result->commit_token);
  response.set_replayed(result->replayed);
  return ToJson(response);
}

}  // namespace

Answer InsertRows(const Client& client, const v1::InsertRowsRequest& request) {
  using Conflict = InsertRequest::Conflict;
  InsertRequest insert;
  SetRows(request, &insert);
  const auto& conflict = request.on_conflict();
  const auto action = conflict.action();
  if (action == v1::OnConflict::ACTION_IGNORE) insert.conflict = Conflict::kIgnore;
  if (action == v1::OnConflict::ACTION_REPLACE) insert.conflict = Conflict::kReplace;
  if (action == v1::OnConflict::ACTION_UPDATE) insert.conflict = Conflict::kUpdate;
  insert.target = {conflict.target().begin(), conflict.target().end()};
  insert.update_columns = {conflict.update_columns().begin(), conflict.update_columns().end()};
  insert.missing_is_null = request.missing_columns() == v1::MISSING_COLUMNS_NULL;
  return ToAnswer<v1::InsertRowsResponse>(client.InsertRows(insert));
}

Answer UpsertRows(const Client& client, const v1::UpsertRowsRequest& request) {
  UpsertRequest upsert;
  SetRows(request, &upsert);
  upsert.target = {request.target().begin(), request.target().end()};
  return ToAnswer<v1::UpsertRowsResponse>(client.UpsertRows(upsert));
}

Answer UpdateRows(const Client& client, const v1::UpdateRowsRequest& request) {
  UpdateRequest update;
  SetRows(request, &update);
  for (const auto& row : request.rows()) update.keys.push_back(row.key());
  update.allow_missing = request.allow_missing();
  return ToAnswer<v1::UpdateRowsResponse>(client.UpdateRows(update));
}

Answer DeleteRows(const Client& client, const v1::DeleteRowsRequest& request) {
  DeleteRequest deletion;
  deletion.database = request.database();
  deletion.table = request.table();
  deletion.keys = {request.keys().begin(), request.keys().end()};
  deletion.returning = ReturnOf(request.return_());
  deletion.allow_missing = request.allow_missing();
  deletion.continue_on_error = request.continue_on_error();
  deletion.options = OptionsOf(request);
  return ToAnswer<v1::DeleteRowsResponse>(client.DeleteRows(deletion));
}

Answer UpdateRow(const Client& client, const v1::UpdateRowRequest& request) {
  Object values;
  for (int i = 0; i < request.columns_size(); ++i) {
    values[request.columns(i)] = FromMessage(request.values(i));
  }
  const auto row = client.UpdateRow({.database = request.database(),
                                     .table = request.table(),
                                     .key = request.key(),
                                     .if_match = request.if_match()},
                                    values, OptionsOf(request));
  if (!row.ok()) return row.status();
  v1::UpdateRowResponse response;
  AddColumns(row->columns, &response);
  ToMessage(row->row, response.mutable_row());
  return ToJson(response);
}

Answer DeleteRow(const Client& client, const v1::DeleteRowRequest& request) {
  const auto status = client.DeleteRow({.database = request.database(),
                                        .table = request.table(),
                                        .key = request.key(),
                                        .if_match = request.if_match()},
                                       OptionsOf(request));
  if (!status.ok()) return status;
  return ToJson(v1::DeleteRowResponse());
}

}  // namespace sluice::conformance
