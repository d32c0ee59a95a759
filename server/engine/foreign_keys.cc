#include "server/engine/foreign_keys.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "server/base/status.h"

namespace sluice::engine {
namespace {

using sqlite::Statement;
using sqlite::ValueView;

constexpr char kKeyColumns[] =
    "f.id, f.seq, f.\"table\", f.\"from\", f.\"to\", f.on_update, f.on_delete ";

std::string TextAt(const Statement& row, int column) {
  return std::string(row.column(column).bytes);
}

// Rows of `table, id, seq, parent, from, to, on_update, on_delete`, ordered by table, id and seq.
void AddForeignKeyRow(const Schema& schema, const Statement& row, std::vector<ForeignKey>* keys) {
  if (row.column(2).integer == 0) {
    ForeignKey key;
    key.table = TextAt(row, 0);
    key.parent_table = TextAt(row, 3);
    key.on_update = TextAt(row, 6);
    key.on_delete = TextAt(row, 7);
    keys->push_back(std::move(key));
  }
  if (keys->empty()) return;
  ForeignKey& key = keys->back();
  key.columns.push_back(TextAt(row, 4));
  std::string parent_column = TextAt(row, 5);
  const Table* const parent = schema.Find(key.parent_table);
  // Where the schema names no column it means the primary key's.
  if (row.column(5).is_null() && parent != nullptr &&
      key.columns.size() <= parent->primary_key.size()) {
    const int column = parent->primary_key[key.columns.size() - 1];
    parent_column = parent->columns[static_cast<size_t>(column)].name;
  }
  key.parent_columns.push_back(std::move(parent_column));
}

absl::StatusOr<std::vector<ForeignKey>> ReadKeys(sqlite::Connection& connection,
                                                 const Schema& schema, absl::string_view sql,
                                                 const Table& table) {
  std::vector<ForeignKey> keys;
  ASSIGN_OR_RETURN(Statement rows, connection.Prepare(sql));
  rows.Bind(1, ValueView::Text(table.name));
  while (true) {
    ASSIGN_OR_RETURN(const bool row, rows.Step());
    if (!row) return keys;
    AddForeignKeyRow(schema, rows, &keys);
  }
}

}  // namespace

absl::StatusOr<std::vector<ForeignKey>> ReadForeignKeys(sqlite::Connection& connection,
                                                        const Schema& schema, const Table& table) {
  return ReadKeys(connection, schema,
                  absl::StrCat("SELECT ?1, ", kKeyColumns,
                               "FROM pragma_foreign_key_list(?1) AS f ORDER BY f.id, f.seq"),
                  table);
}

absl::StatusOr<std::vector<ForeignKey>> ReadReferences(sqlite::Connection& connection,
                                                       const Schema& schema, const Table& table) {
  return ReadKeys(connection, schema,
                  absl::StrCat("SELECT s.name, ", kKeyColumns,
                               "FROM sqlite_schema AS s, pragma_foreign_key_list(s.name) AS f "
                               "WHERE s.type = 'table' AND s.rootpage <> 0 "
                               "AND f.\"table\" = ?1 COLLATE NOCASE ORDER BY s.name, f.id, f.seq"),
                  table);
}

absl::StatusOr<std::string> ReadLabelColumn(sqlite::Connection& connection, const Table& table) {
  if (table.is_view() || !table.unavailable_reason.empty()) return LabelColumn(table, {});
  ASSIGN_OR_RETURN(
      Statement rows,
      connection.Prepare("SELECT min(i.name) FROM pragma_index_list(?1) AS l, "
                         "pragma_index_info(l.name) AS i WHERE l.\"unique\" AND NOT l.partial "
                         "GROUP BY l.name HAVING count(*) = 1 AND min(i.name) IS NOT NULL"));
  rows.Bind(1, ValueView::Text(table.name));
  std::vector<std::string> unique_columns;
  while (true) {
    ASSIGN_OR_RETURN(const bool row, rows.Step());
    if (!row) break;
    unique_columns.push_back(TextAt(rows, 0));
  }
  return LabelColumn(table, unique_columns);
}

}  // namespace sluice::engine
