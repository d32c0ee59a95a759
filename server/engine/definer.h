// Runs the statements that change definitions, and remembers them. Of this room's own.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "server/engine/database.h"
#include "server/engine/table_definition.h"
#include "server/sqlite/connection.h"

namespace sluice::engine {

// The name that a table has while it is written anew, and of a table that is made to look at an
// expression. Nobody sees it: it is gone before the transaction ends.
inline constexpr char kScratchTable[] = "_sluice_new";

// Lives inside one attempt of a write.
class Definer {
 public:
  Definer(Database& database, sqlite::Connection& connection)
      : database_(database), connection_(connection) {}

  sqlite::Connection& connection() const { return connection_; }
  Database& database() const { return database_; }
  // In the order in which they were run.
  std::vector<std::string>& statements() { return statements_; }

  // A statement of names from the schema and nothing else.
  absl::Status Run(const std::string& sql);
  // One that holds expressions of the caller: the guard looks at it.
  absl::Status RunAsCaller(const std::string& sql);
  // The same as Run, not worth telling.
  absl::Status RunQuietly(const std::string& sql);

  // Whether SQLite and the guard take the expressions of a column that is to stand in a table with
  // these other columns. INVALID_ARGUMENT (SQL_ERROR) with the field.
  absl::Status CheckExpressions(const ColumnDefinition& column,
                                const std::vector<std::string>& others, absl::string_view field);

  // The first column of the first row of a statement with one parameter, a name; NULL without a
  // row.
  absl::StatusOr<sqlite::Value> Ask(const std::string& sql, absl::string_view name);
  // The statement that makes a table or a view.
  absl::StatusOr<std::string> SqlOf(absl::string_view table);
  absl::StatusOr<std::shared_ptr<const Schema>> CurrentSchema();

 private:
  absl::Status RunUnderPolicy(const std::string& sql);
  // Looks at a statement of callers' expressions and does not run it.
  absl::Status Compile(const std::string& sql);

  Database& database_;
  sqlite::Connection& connection_;
  std::vector<std::string> statements_;
  // The last that was read: within a transaction each version is one schema.
  std::shared_ptr<const Schema> schema_;
};

// An error of SQLite's that speaks of the scratch table, or of an offset in a statement that the
// caller has not written, as one that speaks of the table.
absl::Status InCallersWords(const absl::Status& status, absl::string_view table);

// FAILED_PRECONDITION (IN_USE).
absl::Status InUse(absl::string_view needed_by, absl::string_view message);

}  // namespace sluice::engine
