#include "server/engine/table_sql.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "server/engine/schema.h"
#include "server/sqlite/quote.h"

namespace sluice::engine {
namespace {

using sqlite::QuoteIdentifier;

std::string Parameters(int first, size_t count) {
  std::vector<std::string> names;
  for (size_t i = 0; i < count; ++i)
    names.push_back(absl::StrCat("?", first + static_cast<int>(i)));
  return absl::StrJoin(names, ", ");
}

// Column `i` of `columns` and those behind it at or after the position ?2…, in SQLite's order:
// NULLs first, then numbers, texts by byte, blobs. The unary plus takes the column's affinity away,
// which would convert what is bound.
std::string AtOrAfter(const std::vector<std::string>& columns, size_t i) {
  const std::string column = absl::StrCat("+", columns[i], " COLLATE BINARY");
  const std::string at = absl::StrCat("?", i + 2);
  const std::string after =
      absl::StrCat("(", at, " IS NULL AND ", column, " IS NOT NULL) OR ", column, " > ", at);
  const std::string equal = absl::StrCat(column, " IS ", at);
  if (i + 1 == columns.size()) return absl::StrCat("(", after, " OR ", equal, ")");
  return absl::StrCat("(", after, " OR (", equal, " AND ", AtOrAfter(columns, i + 1), "))");
}

// Pages in the order of the rowid or of a primary key without NULLs.
void MakeKeysetPages(TableSql& sql, const std::string& select,
                     const std::vector<std::string>& order) {
  sql.keyset = true;
  const std::string by = absl::StrJoin(order, ", ");
  sql.first_page = absl::StrCat(select, " ORDER BY ", by, " LIMIT ?1");
  sql.next_page = absl::StrCat(select, " WHERE (", by, ") > (", Parameters(2, order.size()),
                               ") ORDER BY ", by, " LIMIT ?1");
}

// Pages in the order of all columns.
void MakeOrderedPages(TableSql& sql, const std::string& select,
                      const std::vector<std::string>& columns) {
  const std::string by =
      absl::StrJoin(columns, ", ", [](std::string* out, const std::string& name) {
        absl::StrAppend(out, name, " COLLATE BINARY");
      });
  sql.first_page = absl::StrCat(select, " ORDER BY ", by, " LIMIT ?1");
  sql.next_page = absl::StrCat(select, " WHERE ", AtOrAfter(columns, 0), " ORDER BY ", by,
                               " LIMIT ?1 OFFSET ?", columns.size() + 2);
}

}  // namespace

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
  // SQLite moves a page's WHERE into a view that it can, below its DISTINCT too; there it picks
  // another one of the rows that a collation holds for equal. A LIMIT keeps it out.
  const std::string whole =
      table.is_view() ? absl::StrCat("SELECT * FROM (", select, " LIMIT -1)") : select;

  std::vector<std::string> key_names;
  std::vector<std::string> key_tests;
  bool key_may_hold_null = false;
  for (const int column : table.primary_key) {
    const TableColumn& part = table.columns[static_cast<size_t>(column)];
    sql.key.parts.push_back(statement_column[static_cast<size_t>(column)]);
    key_names.push_back(QuoteIdentifier(part.name));
    if (!part.key_collation.empty()) {
      absl::StrAppend(&key_names.back(), " COLLATE ", QuoteIdentifier(part.key_collation));
    }
    key_tests.push_back(absl::StrCat(key_names.back(), " = ?", key_names.size()));
    key_may_hold_null = key_may_hold_null || (!part.not_null && !table.without_rowid);
  }
  sql.key_columns = key_names;
  if (sql.lead > 0) {
    sql.key.rowid = 0;
    if (sql.key.parts.empty()) {
      sql.key.parts = {0};
      key_tests = {absl::StrCat(table.rowid_name, " = ?1")};
    }
    sql.get_by_rowid = absl::StrCat(select, " WHERE ", table.rowid_name, " = ?1");
  }
  if (!key_tests.empty()) {
    sql.get_by_key = absl::StrCat(select, " WHERE ", absl::StrJoin(key_tests, " AND "));
  }

  if (sql.lead > 0) {
    sql.position = {0};
    MakeKeysetPages(sql, select, {table.rowid_name});
  } else if (!key_names.empty() && !key_may_hold_null) {
    sql.position = sql.key.parts;
    MakeKeysetPages(sql, select, key_names);
  } else {
    MakeOrderedPages(sql, whole, shown_names);
  }
  return sql;
}

}  // namespace sluice::engine
