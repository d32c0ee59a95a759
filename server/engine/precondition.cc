#include "server/engine/precondition.h"

#include "absl/strings/str_cat.h"
#include "server/base/error.h"
#include "server/base/status.h"
#include "server/engine/table_write.h"
#include "server/sqlite/quote.h"

namespace sluice::engine {
namespace {

using sqlite::Statement;

absl::string_view SqlOf(Precondition::Operator op) {
  switch (op) {
    case Precondition::Operator::kEqual:
      return "IS";
    case Precondition::Operator::kNotEqual:
      return "IS NOT";
    case Precondition::Operator::kLess:
      return "<";
    case Precondition::Operator::kLessOrEqual:
      return "<=";
    case Precondition::Operator::kGreater:
      return ">";
    case Precondition::Operator::kGreaterOrEqual:
      return ">=";
  }
  return "";
}

// The row itself has been found by its key; its place (rowid or key values) is taken from there, so
// that the comparison runs with the column's own affinity and collation.
absl::StatusOr<bool> Compares(sqlite::Connection& connection, const Table& table, const RowKey& key,
                              const Precondition::Comparison& comparison) {
  const TableColumn* const column = table.FindColumn(comparison.column);
  if (column == nullptr || column->hidden) {
    return BadField("preconditions", absl::StrCat("the table has no column ", comparison.column));
  }
  const TableSql& sql = table.statements;
  std::string test;
  if (key.by_rowid || sql.key_columns.empty()) {
    test = absl::StrCat(table.rowid_name, " = ?2");
  } else {
    for (size_t i = 0; i < sql.key_columns.size(); ++i) {
      absl::StrAppend(&test, i == 0 ? "" : " AND ", sql.key_columns[i], " = ?", i + 2);
    }
  }
  ASSIGN_OR_RETURN(Statement select,
                   connection.Prepare(absl::StrCat(
                       "SELECT ", sqlite::QuoteIdentifier(column->name), " ", SqlOf(comparison.op),
                       " ?1 FROM ", sqlite::QuoteIdentifier(table.name), " WHERE ", test)));
  select.Bind(1, comparison.value);
  for (size_t i = 0; i < key.parts.size(); ++i) {
    select.Bind(static_cast<int>(i) + 2, key.parts[i].view());
  }
  ASSIGN_OR_RETURN(const bool row, select.Step());
  return row && select.column(0).integer != 0;
}

}  // namespace

absl::StatusOr<bool> Holds(Database& database, sqlite::Connection& connection,
                           const Precondition& precondition, absl::string_view etag_secret) {
  ASSIGN_OR_RETURN(const auto schema, database.CurrentSchema(connection));
  ASSIGN_OR_RETURN(const Table* const table,
                   FindTable(*schema, database.name(), precondition.table));
  ASSIGN_OR_RETURN(const auto row, SelectByKey(connection, *table, precondition.key));
  if (precondition.comparison.has_value()) {
    return Compares(connection, *table, precondition.key, *precondition.comparison);
  }
  if (!precondition.etag.empty()) {
    return row.has_value() && EtagAt(*table, *row, etag_secret) == precondition.etag;
  }
  return row.has_value() == precondition.exists;
}

}  // namespace sluice::engine
