#include "server/engine/table_sql.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "server/engine/schema.h"
#include "server/sqlite/quote.h"

namespace sluice::engine {

using sqlite::QuoteIdentifier;

TableSql MakeTableSql(const Table& table) {
  TableSql sql;
  std::vector<std::string> list;
  std::vector<std::string> shown_names;
  std::vector<int> statement_column(table.columns.size(), -1);
  if (!table.rowid_name.empty()) list.push_back(table.rowid_name);
  sql.lead = static_cast<int>(list.size());
  for (size_t i = 0; i < table.columns.size(); ++i) {
    if (table.columns[i].hidden) continue;
    statement_column[i] = static_cast<int>(list.size());
    sql.shown.push_back(static_cast<int>(i));
    shown_names.push_back(QuoteIdentifier(table.columns[i].name));
    list.push_back(shown_names.back());
  }
  if (shown_names.empty()) return sql;
  sql.returning = absl::StrJoin(list, ", ");
  const std::string from = absl::StrCat(" FROM ", QuoteIdentifier(table.name));
  const std::string select = absl::StrCat("SELECT ", sql.returning, from);

  std::vector<std::string> key_tests;
  for (const int column : table.primary_key) {
    const TableColumn& part = table.columns[static_cast<size_t>(column)];
    sql.key.parts.push_back(statement_column[static_cast<size_t>(column)]);
    std::string name = QuoteIdentifier(part.name);
    if (!part.key_collation.empty()) {
      absl::StrAppend(&name, " COLLATE ", QuoteIdentifier(part.key_collation));
    }
    key_tests.push_back(absl::StrCat(name, " = ?", key_tests.size() + 1));
    sql.key_columns.push_back(std::move(name));
  }
  if (sql.lead > 0) {
    sql.key.rowid = 0;
    if (sql.key.parts.empty()) {
      sql.key.parts = {0};
      key_tests = {absl::StrCat(table.rowid_name, " = ?1")};
    }
    sql.rowid_condition = absl::StrCat(table.rowid_name, " = ?1");
    sql.get_by_rowid = absl::StrCat(select, " WHERE ", sql.rowid_condition);
  }
  if (!key_tests.empty()) {
    sql.key_condition = absl::StrJoin(key_tests, " AND ");
    sql.get_by_key = absl::StrCat(select, " WHERE ", sql.key_condition);
  }
  return sql;
}

}  // namespace sluice::engine
