// What writes of rows are made of; Client has the calls.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "clients/cpp/row_stream.h"
#include "clients/cpp/value.h"
#include "sluice/v1/write.pb.h"

namespace sluice {

// What the answer tells of the rows.
enum class Return { kNothing, kKeys, kRows };

// What all writes take.
struct WriteOptions {
  // Everything runs and nothing is kept.
  bool validate_only = false;
  // Of the caller's own, such as a UUID: the same request with the same id takes effect once and is
  // answered alike.
  std::string request_id = {};
  // The write is answered when the replica has it too; refused while no replication runs.
  bool replicated = false;
};

// Which rows to change or delete when they are not named by their keys.
struct Matching {
  // A condition as AIP-160 writes it; see RowChoice.
  std::string filter = {};
  // Every row of the table, in the place of a filter.
  bool all_rows = false;
  // When there are more, nothing is changed: RESOURCE_EXHAUSTED (`LIMIT`). 0 for 10 000.
  int64_t max_affected = 0;
};

// Rows by their values: `columns` with `rows`, or `objects`, not both.
struct RowsGiven {
  std::string database = {};
  std::string table = {};
  // The columns that `rows` give.
  std::vector<std::string> columns = {};
  // Each with as many values as `columns`.
  std::vector<std::vector<Value>> rows = {};
  // Rows that each say which columns they give.
  std::vector<Object> objects = {};
  Return returning = Return::kKeys;
  // Rows that fail are left out and told in WriteResult::errors.
  bool continue_on_error = false;
  WriteOptions options = {};
};

// A column that is not given takes its default.
struct InsertRequest : RowsGiven {
  // What becomes of a row that clashes with one that is there.
  enum class Conflict { kAbort, kIgnore, kReplace, kUpdate };
  Conflict conflict = Conflict::kAbort;
  // The columns of the constraint that is meant, for kIgnore and kUpdate.
  std::vector<std::string> target = {};
  // For kUpdate; empty for all that the row gives.
  std::vector<std::string> update_columns = {};
  // Columns that a row does not give are NULL, not their default.
  bool missing_is_null = false;
};

struct UpsertRequest : RowsGiven {
  // The columns that tell whether a row is there; empty for the primary key.
  std::vector<std::string> target = {};
  bool missing_is_null = false;
};

struct UpdateRequest : RowsGiven {
  // Whose rows they are, one for each; empty when `objects` give their primary keys themselves.
  std::vector<std::string> keys = {};
  // A row that is not there is left out; else it fails with NOT_FOUND (`NO_SUCH_ROW`).
  bool allow_missing = false;
  // In the place of keys: the one row of `rows` or `objects` holds the values that all take.
  Matching matching = {};
};

struct DeleteRequest {
  std::string database = {};
  std::string table = {};
  std::vector<std::string> keys = {};
  // In the place of keys.
  Matching matching = {};
  Return returning = Return::kNothing;
  bool allow_missing = false;
  bool continue_on_error = false;
  WriteOptions options = {};
};

// One row of a table.
struct RowName {
  std::string database = {};
  std::string table = {};
  std::string key = {};
  // When not empty, the etag that the row must still have.
  std::string if_match = {};
};

// Why a row was not written.
struct RowError {
  // Index in the request.
  int64_t row = 0;
  absl::Status status;
  std::string reason;
  std::map<std::string, std::string> metadata;
};

// What one statement did.
struct ExecuteResult {
  // Those of RETURNING or of a select; at most 1 000 and 4 MiB, and `truncated` says that there
  // were more.
  std::vector<Column> columns;
  std::vector<Row> rows;
  bool truncated = false;
  // Rows that the statement inserted, updated or deleted itself.
  int64_t affected_count = 0;
  // The rowid of the last row that it inserted; 0 when there is none.
  int64_t last_insert_rowid = 0;
  std::string commit_token;
  bool replayed = false;
};

struct WriteResult {
  int64_t inserted_count = 0;
  int64_t updated_count = 0;
  int64_t deleted_count = 0;
  int64_t ignored_count = 0;
  // One for each row of the request, in its order, unless Return::kNothing; empty for a row that
  // was not written.
  std::vector<std::string> keys;
  // For Return::kRows.
  std::vector<Column> columns;
  // One for each row of the request; without values for a row that was not written.
  std::vector<Row> rows;
  // With continue_on_error.
  std::vector<RowError> errors;
  // Where the sequence of the database's commits stands after this write; opaque.
  std::string commit_token;
  // This is what an earlier request with the same request_id was answered.
  bool replayed = false;
};

}  // namespace sluice
