// The commands, one function each: they call the client and write what it answers. None prints an
// error; all return it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "clients/cpp/cli/session.h"

namespace sluice::cli {

struct LsArguments {
  std::string database;
  bool show_hidden = false;
  // The stored queries instead of the tables.
  bool queries = false;
};
absl::Status Ls(Session* session, const LsArguments& arguments);

struct DescribeArguments {
  std::string database;
  std::string table;
  // A statement instead of a table, and the other databases that it reads.
  std::string sql;
  std::vector<std::string> databases;
};
absl::Status Describe(Session* session, const DescribeArguments& arguments);

struct QueryArguments {
  std::string database;
  // `-` for the standard input.
  std::string sql;
  std::vector<std::string> params;
  std::string params_json;
  // `sql` is the name of a stored query.
  bool stored = false;
  // Other databases that a statement reads.
  std::vector<std::string> databases;
};
absl::Status Query(Session* session, const QueryArguments& arguments);
// The statement with its parameters. INVALID_ARGUMENT, as a usage error.
absl::StatusOr<Statement> MakeStatement(const QueryArguments& arguments);

struct ExecArguments {
  QueryArguments statement;
  WriteOptions options;
};
absl::Status Exec(Session* session, const ExecArguments& arguments);

// What Ls and Describe do for stored queries and for statements.
absl::Status LsQueries(Session* session, const std::string& database);
absl::Status DescribeStatement(Session* session, const DescribeArguments& arguments);

struct RowsArguments {
  std::string database;
  std::string table;
  int64_t limit = 100;
  std::string key;
  bool show_keys = false;
  RowChoice choice;
  // Of the row with the key: write this value and nothing else, or show who refers to the row.
  std::string value;
  // Write it to a terminal too.
  bool raw = false;
  bool references = false;
  // Show counts instead of rows.
  bool count = false;
  std::vector<std::string> facets;
};
absl::Status Rows(Session* session, const RowsArguments& arguments);

struct InsertArguments {
  std::string database;
  std::string table;
  // `column=value`, or one `-`.
  std::vector<std::string> assignments;
  std::vector<std::string> objects;
  // The rows that are there already are changed.
  bool upsert = false;
  // abort, ignore, replace or update.
  std::string on_conflict = "abort";
  // The columns by which rows clash, or by which an upsert finds them.
  std::vector<std::string> target;
  WriteOptions options;
};
// `insert` and `upsert`.
absl::Status Insert(Session* session, const InsertArguments& arguments);

struct UpdateArguments {
  // Without `matching`, the row with the key; else the key is one more assignment.
  RowName row;
  Matching matching;
  std::vector<std::string> assignments;
  std::string object;
  WriteOptions options;
};
absl::Status Update(Session* session, const UpdateArguments& arguments);

struct DeleteArguments {
  std::string database;
  std::string table;
  std::vector<std::string> keys;
  // In the place of keys.
  Matching matching;
  // Of the one key.
  std::string if_match;
  bool allow_missing = false;
  WriteOptions options;
};
absl::Status Delete(Session* session, const DeleteArguments& arguments);

struct LoadArguments {
  std::string database;
  std::string table;
  // `-` for the standard input.
  std::string file = "-";
  // csv, tsv, ndjson or json; empty for what the file's name says, else csv.
  std::string format;
  std::string delimiter;
  bool no_header = false;
  std::string null_text;
  std::vector<std::string> columns;
  // `column=type` each.
  std::vector<std::string> types;
  // Make the table when it is not there.
  bool create = false;
  std::vector<std::string> primary_key;
  std::string on_conflict = "abort";
  std::vector<std::string> target;
  bool atomic = false;
  bool dry_run = false;
  bool skip_errors = false;
  int32_t rows_per_commit = 0;
  std::string load_id;
};
absl::Status Load(Session* session, const LoadArguments& arguments);

struct SnapshotGetArguments {
  std::string database;
  std::string file;
  // A kept one, instead of the present state.
  std::string snapshot;
  // An older copy to be made the present state; the result takes its place unless `file` is given.
  std::string refresh;
  bool force = false;
  bool compress = false;
};
absl::Status SnapshotGet(Session* session, const SnapshotGetArguments& arguments);

struct SnapshotCreateArguments {
  std::string database;
  std::string ttl;
  bool compact = false;
  std::vector<std::string> tables = {};
  bool compress = false;
};
absl::Status SnapshotCreate(Session* session, const SnapshotCreateArguments& arguments);
absl::Status SnapshotLs(Session* session, const std::string& database);
absl::Status SnapshotRm(Session* session, const std::string& database, const std::string& snapshot);

struct SnapshotRestoreArguments {
  std::string database;
  // A kept one by its name; or a file.
  std::string snapshot;
  std::string file;
  RestoreOptions options;
};
absl::Status SnapshotRestore(Session* session, const SnapshotRestoreArguments& arguments);

struct SnapshotVerifyArguments {
  std::string file;
  std::string database;
  std::string sha256;
};
absl::Status SnapshotVerify(Session* session, const SnapshotVerifyArguments& arguments);

absl::Status CheckHealth(Session* session, const std::string& service);

}  // namespace sluice::cli
