#include "server/engine/resume.h"

#include <set>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "server/base/limits.h"
#include "server/base/status.h"
#include "server/sqlite/quote.h"

namespace sluice::engine {
namespace {

constexpr absl::string_view kExplain = "EXPLAIN QUERY PLAN ";

// Whether the names differ, so that a subquery keeps them.
bool NamesDiffer(const sqlite::Statement& statement) {
  std::set<std::string> names;
  for (int i = 0; i < statement.column_count(); ++i) {
    if (!names.insert(absl::AsciiStrToLower(statement.column_name(i))).second) return false;
  }
  return true;
}

// A column that may be the rowid of a table; -1 when there is none.
int RowidColumn(const Schema& schema, const sqlite::Statement& statement) {
  for (int i = 0; i < statement.column_count(); ++i) {
    const Table* const table = schema.Find(statement.column_table(i));
    if (table == nullptr || table->kind != TableKind::kTable || table->without_rowid) continue;
    if (table->primary_key.size() != 1) continue;
    const TableColumn& key = table->columns[static_cast<size_t>(table->primary_key[0])];
    if (absl::EqualsIgnoreCase(key.declared_type, "INTEGER") &&
        key.name == statement.column_origin(i)) {
      return i;
    }
  }
  return -1;
}

// Whether the table's INTEGER primary key is its rowid: one that is declared DESC is not.
absl::StatusOr<bool> KeyIsRowid(sqlite::Connection& connection, absl::string_view table) {
  ASSIGN_OR_RETURN(sqlite::Statement indexes,
                   connection.Prepare("SELECT 1 FROM pragma_index_list(?1) WHERE origin = 'pk'"));
  indexes.Bind(1, sqlite::ValueView::Text(table));
  ASSIGN_OR_RETURN(const bool has_index, indexes.Step());
  return !has_index;
}

// Whether the plan is one walk over a table by its rowid, and nothing else.
absl::StatusOr<bool> WalksByRowid(sqlite::Connection& connection, absl::string_view sql) {
  // One that is just as long as allowed cannot be explained; then there is no token.
  if (sql.size() + kExplain.size() > limits::kSqlBytesMax) return false;
  ASSIGN_OR_RETURN(sqlite::Statement plan, connection.PrepareUncached(absl::StrCat(kExplain, sql)));
  std::vector<std::string> steps;
  while (true) {
    ASSIGN_OR_RETURN(const bool row, plan.Step());
    if (!row) break;
    steps.emplace_back(plan.column(3).bytes);
  }
  if (steps.size() != 1) return false;
  return (absl::StartsWith(steps[0], "SCAN ") && !absl::StrContains(steps[0], " USING ") &&
          !absl::StrContains(steps[0], "VIRTUAL TABLE")) ||
         (absl::StartsWith(steps[0], "SEARCH ") &&
          absl::StrContains(steps[0], " USING INTEGER PRIMARY KEY (rowid"));
}

}  // namespace

absl::StatusOr<std::optional<int>> FindOrderingColumn(sqlite::Connection& connection,
                                                      const Schema& schema,
                                                      const sqlite::Statement& statement) {
  const int column = RowidColumn(schema, statement);
  if (column < 0 || !NamesDiffer(statement)) return std::optional<int>();
  const std::string table(statement.column_table(column));
  ASSIGN_OR_RETURN(const bool is_rowid, KeyIsRowid(connection, table));
  if (!is_rowid) return std::optional<int>();
  ASSIGN_OR_RETURN(const bool walks, WalksByRowid(connection, statement.sql()));
  return walks ? std::optional<int>(column) : std::nullopt;
}

std::string ResumedSql(const sqlite::Statement& statement, int column, const ResumePoint& point) {
  absl::string_view sql = absl::StripTrailingAsciiWhitespace(statement.sql());
  sql = absl::StripSuffix(sql, ";");
  const std::string key = sqlite::QuoteIdentifier(statement.column_name(column));
  // The line ends before the parenthesis, since the statement may end with a comment.
  // The statement's own bounds hold; what is put around it may pass them by some bytes, which is
  // refused as too long.
  return absl::StrCat("SELECT * FROM (", sql, "\n) WHERE ", key, point.descending ? " < " : " > ",
                      point.key, " ORDER BY ", key, point.descending ? " DESC" : "");
}

}  // namespace sluice::engine
