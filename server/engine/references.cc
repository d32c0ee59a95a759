#include "server/engine/references.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "server/base/limits.h"
#include "server/base/status.h"
#include "server/engine/binds.h"
#include "server/engine/filter_sql.h"
#include "server/engine/foreign_keys.h"
#include "server/engine/own_time.h"
#include "server/sqlite/quote.h"

namespace sluice::engine {
namespace {

using sqlite::Statement;

// The value of a column of the table in its row; nothing when the table has no such column.
bool ValueOf(const Table& table, const Statement& row, absl::string_view column,
             sqlite::ValueView* value) {
  const TableColumn* const found = table.FindColumn(column);
  const TableSql& sql = table.statements;
  for (size_t i = 0; found != nullptr && i < sql.shown.size(); ++i) {
    if (sql.shown[i] != found - table.columns.data()) continue;
    *value = row.column(sql.lead + static_cast<int>(i));
    return true;
  }
  return false;
}

// How many rows of `child` hold the row's key; unknown when the key does not fit the tables.
absl::StatusOr<RowCount> CountChildren(sqlite::Connection& connection, const Table& child,
                                       const ForeignKey& key, const Table& table,
                                       const Statement& row) {
  Binds binds;
  std::vector<std::string> tests;
  for (size_t i = 0; i < key.columns.size(); ++i) {
    sqlite::ValueView value;
    const std::string column = ColumnSql(child, "c", key.columns[i]);
    if (column.empty() || !ValueOf(table, row, key.parent_columns[i], &value)) return RowCount();
    tests.push_back(absl::StrCat(column, " = ", binds.Add(value)));
  }
  ASSIGN_OR_RETURN(Statement count,
                   connection.Prepare(absl::StrCat("SELECT count(*) FROM (SELECT 1 FROM ",
                                                   sqlite::QuoteIdentifier(child.name),
                                                   " AS c WHERE ", absl::StrJoin(tests, " AND "),
                                                   " LIMIT ", limits::kCountRowsMax + 1, ")")));
  binds.ApplyTo(count);
  RETURN_IF_ERROR(count.Step().status());
  const int64_t rows = count.column(0).integer;
  if (rows <= limits::kCountRowsMax) return RowCount{.kind = RowCount::Kind::kExact, .value = rows};
  return RowCount{.kind = RowCount::Kind::kCapped, .value = limits::kCountRowsMax};
}

}  // namespace

absl::StatusOr<std::vector<Reference>> CountReferences(sqlite::Connection& connection,
                                                       const Schema& schema, const Table& table,
                                                       const Statement& row,
                                                       const Interrupt& interrupt) {
  ASSIGN_OR_RETURN(const auto keys, ReadReferences(connection, schema, table));
  std::vector<Reference> references;
  std::vector<const ForeignKey*> counted;
  for (const ForeignKey& key : keys) {
    const Table* const child = schema.Find(key.table);
    if (child == nullptr || child->hidden) continue;
    counted.push_back(&key);
    references.push_back({.table = child->name,
                          .columns = key.columns,
                          .count = {.kind = RowCount::Kind::kTimedOut, .value = 0}});
  }
  const auto work = [&]() -> absl::Status {
    for (size_t i = 0; i < counted.size(); ++i) {
      const Table& child = *schema.Find(counted[i]->table);
      ASSIGN_OR_RETURN(references[i].count,
                       CountChildren(connection, child, *counted[i], table, row));
    }
    return absl::OkStatus();
  };
  RETURN_IF_ERROR(RunWithin(connection, interrupt, limits::kReferencesTimeMax, work).status());
  return references;
}

}  // namespace sluice::engine
