#include "server/engine/schema.h"

#include <algorithm>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "server/base/status.h"
#include "server/engine/sql_text.h"
#include "server/sqlite/error.h"

namespace sluice::engine {
namespace {

using sqlite::Statement;

TableKind KindOf(absl::string_view type) {
  if (type == "view") return TableKind::kView;
  if (type == "virtual") return TableKind::kVirtual;
  if (type == "shadow") return TableKind::kShadow;
  return TableKind::kTable;
}

// "CREATE VIRTUAL TABLE docs USING fts5(body)" -> "fts5"
std::string ModuleOf(absl::string_view sql) {
  const std::vector<SqlToken> tokens = Tokenize(sql);
  for (size_t i = 0; i + 1 < tokens.size(); ++i) {
    if (tokens[i].is_word("USING")) return absl::AsciiStrToLower(tokens[i + 1].name());
  }
  return "";
}

std::string RowidName(const Table& table) {
  if (table.is_view() || table.without_rowid) return "";
  for (const char* name : {"rowid", "_rowid_", "oid"}) {
    if (table.FindColumn(name) == nullptr) return name;
  }
  return "";
}

TableColumn ColumnFrom(const Statement& row) {
  TableColumn column;
  column.name = std::string(row.column(0).bytes);
  column.declared_type = std::string(row.column(1).bytes);
  column.affinity = AffinityOf(column.declared_type);
  column.not_null = row.column(2).integer != 0;
  if (!row.column(3).is_null()) column.default_sql = std::string(row.column(3).bytes);
  column.primary_key_position = static_cast<int>(row.column(4).integer);
  const int64_t hidden = row.column(5).integer;
  column.hidden = hidden == 1;
  column.generated = hidden == 2   ? Generated::kVirtual
                     : hidden == 3 ? Generated::kStored
                                   : Generated::kNo;
  return column;
}

}  // namespace

const TableColumn* Table::FindColumn(absl::string_view column) const {
  for (const TableColumn& candidate : columns) {
    if (absl::EqualsIgnoreCase(candidate.name, column)) return &candidate;
  }
  return nullptr;
}

bool IsReservedName(absl::string_view name) {
  return absl::StartsWithIgnoreCase(name, "sqlite_") ||
         absl::StartsWithIgnoreCase(name, "_sluice_") ||
         absl::StartsWithIgnoreCase(name, "_litestream_");
}

Affinity AffinityOf(absl::string_view declared_type) {
  const std::string type = absl::AsciiStrToUpper(declared_type);
  const auto has = [&](const char* part) { return absl::StrContains(type, part); };
  if (has("INT")) return Affinity::kInteger;
  if (has("CHAR") || has("CLOB") || has("TEXT")) return Affinity::kText;
  if (type.empty() || has("BLOB")) return Affinity::kBlob;
  if (has("REAL") || has("FLOA") || has("DOUB")) return Affinity::kReal;
  return Affinity::kNumeric;
}

std::string LabelColumn(const Table& table, const std::vector<std::string>& unique_columns) {
  std::vector<const TableColumn*> unique_texts;
  for (const std::string& name : unique_columns) {
    const TableColumn* column = table.FindColumn(name);
    if (column != nullptr && column->affinity == Affinity::kText &&
        column->primary_key_position == 0) {
      unique_texts.push_back(column);
    }
  }
  if (unique_texts.size() == 1) return unique_texts[0]->name;
  const auto is_called = [](const TableColumn& column, const char* name) {
    return absl::EqualsIgnoreCase(column.name, name);
  };
  for (const TableColumn& column : table.columns) {
    if (is_called(column, "name") || is_called(column, "title")) return column.name;
  }
  if (table.columns.size() != 2) return "";
  const auto is_id = [&](const TableColumn& column) {
    return column.primary_key_position > 0 || is_called(column, "id") || is_called(column, "pk");
  };
  const bool first_is_id = is_id(table.columns[0]);
  if (first_is_id == is_id(table.columns[1])) return "";
  return table.columns[first_is_id ? 1 : 0].name;
}

absl::StatusOr<std::shared_ptr<const Schema>> Schema::Load(sqlite::Connection& connection) {
  // Inside a transaction already, or in one of its own: all that is read is of one version.
  const bool own_transaction = connection.autocommit();
  if (own_transaction) RETURN_IF_ERROR(connection.Execute("BEGIN"));
  const absl::Cleanup end = [&] {
    if (own_transaction && !connection.autocommit()) connection.Execute("COMMIT").IgnoreError();
  };
  auto schema = std::make_shared<Schema>();
  ASSIGN_OR_RETURN(schema->version_, connection.QueryInteger("PRAGMA schema_version"));
  RETURN_IF_ERROR(schema->LoadTables(connection));
  for (Table& table : schema->tables_) RETURN_IF_ERROR(schema->LoadColumns(connection, table));
  schema->Index();
  return schema;
}

absl::Status Schema::LoadTables(sqlite::Connection& connection) {
  ASSIGN_OR_RETURN(Statement rows,
                   connection.Prepare(
                       "SELECT l.name, l.type, l.wr, l.strict, s.sql FROM pragma_table_list AS l "
                       "JOIN sqlite_schema AS s ON s.name = l.name AND s.type IN ('table', 'view') "
                       "WHERE l.schema = 'main' ORDER BY l.name COLLATE BINARY"));
  while (true) {
    ASSIGN_OR_RETURN(const bool row, rows.Step());
    if (!row) return absl::OkStatus();
    Table table;
    table.name = std::string(rows.column(0).bytes);
    table.kind = KindOf(rows.column(1).bytes);
    table.without_rowid = rows.column(2).integer != 0;
    table.strict = rows.column(3).integer != 0;
    table.sql = std::string(rows.column(4).bytes);
    if (table.kind == TableKind::kVirtual) table.module = ModuleOf(table.sql);
    table.hidden = table.kind == TableKind::kShadow || IsReservedName(table.name);
    tables_.push_back(std::move(table));
  }
}

absl::Status Schema::LoadColumns(sqlite::Connection& connection, Table& table) {
  ASSIGN_OR_RETURN(Statement rows,
                   connection.Prepare("SELECT name, type, \"notnull\", dflt_value, pk, hidden "
                                      "FROM pragma_table_xinfo(?1)"));
  rows.Bind(1, sqlite::ValueView::Text(table.name));
  while (true) {
    const absl::StatusOr<bool> row = rows.Step();
    if (!row.ok() && sqlite::IsCorruption(row.status())) return row.status();
    if (!row.ok()) {
      table.unavailable_reason = std::string(row.status().message());
      table.columns.clear();
      break;
    }
    if (!*row) break;
    table.columns.push_back(ColumnFrom(rows));
  }
  if (table.columns.empty() && table.unavailable_reason.empty()) {
    table.unavailable_reason = table.kind == TableKind::kVirtual
                                   ? absl::StrCat("the module ", table.module, " is not there")
                                   : "its definition cannot be read";
  }
  for (int position = 1;; ++position) {
    const auto part = std::find_if(
        table.columns.begin(), table.columns.end(),
        [&](const TableColumn& column) { return column.primary_key_position == position; });
    if (part == table.columns.end()) break;
    table.primary_key.push_back(static_cast<int>(part - table.columns.begin()));
  }
  if (!table.primary_key.empty()) RETURN_IF_ERROR(LoadKeyCollations(connection, table));
  table.rowid_name = RowidName(table);
  table.statements = MakeTableSql(table);
  return absl::OkStatus();
}

absl::Status Schema::LoadKeyCollations(sqlite::Connection& connection, Table& table) {
  ASSIGN_OR_RETURN(Statement rows,
                   connection.Prepare("SELECT x.cid, x.coll FROM pragma_index_list(?1) AS l, "
                                      "pragma_index_xinfo(l.name) AS x "
                                      "WHERE l.origin = 'pk' AND x.key AND x.cid >= 0"));
  rows.Bind(1, sqlite::ValueView::Text(table.name));
  while (true) {
    ASSIGN_OR_RETURN(const bool row, rows.Step());
    if (!row) return absl::OkStatus();
    const auto cid = static_cast<size_t>(rows.column(0).integer);
    if (cid >= table.columns.size()) continue;
    TableColumn& column = table.columns[cid];
    ASSIGN_OR_RETURN(const std::string own, connection.ColumnCollation(table.name, column.name));
    const absl::string_view of_key = rows.column(1).bytes;
    if (!absl::EqualsIgnoreCase(own, of_key)) column.key_collation = std::string(of_key);
  }
}

void Schema::Index() {
  for (size_t i = 0; i < tables_.size(); ++i) {
    by_lower_name_.emplace(absl::AsciiStrToLower(tables_[i].name), i);
  }
}

const Table* Schema::Find(absl::string_view name) const {
  const auto found = by_lower_name_.find(absl::AsciiStrToLower(name));
  return found == by_lower_name_.end() ? nullptr : &tables_[found->second];
}

}  // namespace sluice::engine
