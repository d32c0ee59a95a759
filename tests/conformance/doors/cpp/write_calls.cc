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
  return {.validate_only = request.validate_only(),
          .request_id = request.request_id(),
          .replicated = request.durability() == v1::DURABILITY_REPLICATED};
}

template <typename Request>
Matching MatchingOf(const Request& request) {
  return {.filter = request.filter(),
          .all_rows = request.all_rows(),
          .max_affected = request.max_affected()};
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

// InsertRequest and LoadRequest say alike what becomes of clashes.
template <typename Request>
void SetConflict(const v1::OnConflict& conflict, Request* request) {
  using Conflict = InsertRequest::Conflict;
  const auto action = conflict.action();
  if (action == v1::OnConflict::ACTION_IGNORE) request->conflict = Conflict::kIgnore;
  if (action == v1::OnConflict::ACTION_REPLACE) request->conflict = Conflict::kReplace;
  if (action == v1::OnConflict::ACTION_UPDATE) request->conflict = Conflict::kUpdate;
  request->target = {conflict.target().begin(), conflict.target().end()};
  request->update_columns = {conflict.update_columns().begin(), conflict.update_columns().end()};
}

LoadRequest LoadRequestOf(const v1::LoadRowsStart& start) {
  LoadRequest load;
  load.database = start.database();
  load.table = start.table();
  load.columns = {start.columns().begin(), start.columns().end()};
  SetConflict(start.on_conflict(), &load);
  load.missing_is_null = start.missing_columns() == v1::MISSING_COLUMNS_NULL;
  load.atomic = start.mode() == v1::LOAD_MODE_ATOMIC;
  load.rows_per_commit = start.rows_per_commit();
  load.load_id = start.load_id();
  load.continue_on_error = start.continue_on_error();
  load.validate_only = start.validate_only();
  load.replicated = start.durability() == v1::DURABILITY_REPLICATED;
  return load;
}

}  // namespace

Answer LoadRows(const Client& client, const v1::LoadRowsRequest& request) {
  int next = 0;
  const auto supply = [&](std::vector<Value>* row) -> absl::StatusOr<bool> {
    if (next == request.rows_size()) return false;
    for (const auto& value : request.rows(next).values()) row->push_back(FromMessage(value));
    ++next;
    return true;
  };
  LoadResult loaded;
  const auto status = client.Load(LoadRequestOf(request.start()), supply, &loaded);
  if (!status.ok()) return status;
  v1::LoadRowsResponse response;
  response.set_acknowledged_rows(loaded.acknowledged_rows);
  response.set_inserted_count(loaded.inserted_count);
  response.set_updated_count(loaded.updated_count);
  response.set_ignored_count(loaded.ignored_count);
  response.set_failed_count(loaded.failed_count);
  response.set_commit_token(loaded.commit_token);
  response.set_done(true);
  for (const auto& error : loaded.errors) {
    auto* out = response.add_errors();
    out->set_row(error.row);
    out->set_code(static_cast<int32_t>(error.status.code()));
    out->set_reason(error.reason);
    out->set_message(std::string(error.status.message()));
    out->mutable_metadata()->insert(error.metadata.begin(), error.metadata.end());
  }
  return ToJson(response);
}

Answer InsertRows(const Client& client, const v1::InsertRowsRequest& request) {
  InsertRequest insert;
  SetRows(request, &insert);
  SetConflict(request.on_conflict(), &insert);
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
  update.matching = MatchingOf(request);
  const bool by_key = update.matching.filter.empty() && !update.matching.all_rows;
  for (const auto& row : request.rows()) {
    if (by_key) update.keys.push_back(row.key());
  }
  update.allow_missing = request.allow_missing();
  return ToAnswer<v1::UpdateRowsResponse>(client.UpdateRows(update));
}

Answer DeleteRows(const Client& client, const v1::DeleteRowsRequest& request) {
  DeleteRequest deletion;
  deletion.database = request.database();
  deletion.table = request.table();
  deletion.keys = {request.keys().begin(), request.keys().end()};
  deletion.matching = MatchingOf(request);
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
  const auto result = client.UpdateRow({.database = request.database(),
                                        .table = request.table(),
                                        .key = request.key(),
                                        .if_match = request.if_match()},
                                       values, OptionsOf(request));
  if (!result.ok()) return result.status();
  v1::UpdateRowResponse response;
  AddColumns(result->columns, &response);
  ToMessage(result->rows[0], response.mutable_row());
  response.set_commit_token(result->commit_token);
  response.set_replayed(result->replayed);
  return ToJson(response);
}

Answer DeleteRow(const Client& client, const v1::DeleteRowRequest& request) {
  const auto result = client.DeleteRow({.database = request.database(),
                                        .table = request.table(),
                                        .key = request.key(),
                                        .if_match = request.if_match()},
                                       OptionsOf(request));
  if (!result.ok()) return result.status();
  v1::DeleteRowResponse response;
  response.set_commit_token(result->commit_token);
  response.set_replayed(result->replayed);
  return ToJson(response);
}

}  // namespace sluice::conformance
