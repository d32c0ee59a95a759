// What a load is made of; Client::Load does it.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "clients/cpp/value.h"
#include "clients/cpp/write.h"

namespace sluice {

// How far a load has come.
struct LoadProgress {
  // Rows that the server has on its disk, or left out.
  int64_t acknowledged_rows = 0;
  int64_t inserted_count = 0;
  int64_t updated_count = 0;
  int64_t ignored_count = 0;
  int64_t failed_count = 0;
};

struct LoadRequest {
  std::string database = {};
  std::string table = {};
  // The columns that each row gives.
  std::vector<std::string> columns = {};
  InsertRequest::Conflict conflict = InsertRequest::Conflict::kAbort;
  std::vector<std::string> target = {};
  std::vector<std::string> update_columns = {};
  bool missing_is_null = false;
  // All rows in one transaction, or none; such a load is not resumed. Otherwise parts of
  // `rows_per_commit` rows (0 for 10 000), each on the disk when it is acknowledged.
  bool atomic = false;
  int32_t rows_per_commit = 0;
  // Names the load: another Load with the same request and rows goes on where this one stopped,
  // from another process too. Empty for one that the library makes up; LoadResult::load_id tells
  // it.
  std::string load_id = {};
  // Rows that fail are left out and told.
  bool continue_on_error = false;
  // With `atomic`.
  bool validate_only = false;
  bool replicated = false;
  // In the thread of Load, now and then.
  std::function<void(const LoadProgress&)> progress = {};
  // In the thread of Load, when the connection broke and the load goes on.
  std::function<void(const absl::Status&)> resumed = {};
};

struct LoadResult : LoadProgress {
  // Names the load, for LoadRequest::load_id; empty for one that is atomic.
  std::string load_id;
  // Why rows were left out, `row` being the place in the load; at most 1 000 for each connection.
  std::vector<RowError> errors;
  std::string commit_token;
};

// Sets the next row's values, one for each column; false after the last row.
using RowSupplier = std::function<absl::StatusOr<bool>(std::vector<Value>* row)>;

}  // namespace sluice
