#include "server/engine/catalog.h"

#include <algorithm>
#include <functional>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "server/base/error.h"
#include "server/base/status.h"
#include "server/engine/commit_sequence.h"
#include "server/engine/full_text.h"
#include "server/sqlite/quote.h"

namespace sluice::engine {
namespace {

using sqlite::Statement;
using sqlite::ValueView;

using OnRow = std::function<void(const Statement&)>;

absl::Status ForEachRow(sqlite::Connection& connection, absl::string_view sql,
                        absl::string_view parameter, const OnRow& on_row) {
  ASSIGN_OR_RETURN(Statement rows, connection.Prepare(sql));
  if (rows.parameter_count() > 0) rows.Bind(1, ValueView::Text(parameter));
  while (true) {
    ASSIGN_OR_RETURN(const bool row, rows.Step());
    if (!row) return absl::OkStatus();
    on_row(rows);
  }
}

std::string TextAt(const Statement& row, int column) {
  return std::string(row.column(column).bytes);
}

absl::Status DescribeIndexes(sqlite::Connection& connection, TableDescription* description) {
  RETURN_IF_ERROR(ForEachRow(
      connection,
      "SELECT l.name, l.\"unique\", l.partial, l.origin, s.sql FROM pragma_index_list(?1) AS l "
      "LEFT JOIN sqlite_schema AS s ON s.name = l.name AND s.type = 'index' ORDER BY l.seq",
      description->table->name, [&](const Statement& row) {
        Index index;
        index.name = TextAt(row, 0);
        index.unique = row.column(1).integer != 0;
        index.partial = row.column(2).integer != 0;
        index.origin = TextAt(row, 3);
        index.sql = TextAt(row, 4);
        description->indexes.push_back(std::move(index));
      }));
  for (Index& index : description->indexes) {
    RETURN_IF_ERROR(
        ForEachRow(connection, "SELECT name FROM pragma_index_info(?1) ORDER BY seqno", index.name,
                   [&](const Statement& row) { index.columns.push_back(TextAt(row, 0)); }));
  }
  return absl::OkStatus();
}

absl::Status DescribeTriggers(sqlite::Connection& connection, TableDescription* description) {
  return ForEachRow(connection,
                    "SELECT name, sql FROM sqlite_schema WHERE type = 'trigger' "
                    "AND tbl_name = ?1 COLLATE NOCASE ORDER BY name",
                    description->table->name, [&](const Statement& row) {
                      description->triggers.push_back({TextAt(row, 0), TextAt(row, 1)});
                    });
}

// The index that covers the table; a full-text table itself needs none.
std::string FindFullTextTable(const Schema& schema, const Table& table) {
  const auto index = FindFullText(schema, table);
  return index.has_value() && index->table != &table ? index->table->name : "";
}

// A description does without a count that takes too long or fails.
RowCount CountAll(sqlite::Connection& connection, const Schema& schema, const Table& table,
                  const Interrupt& interrupt) {
  if (!table.unavailable_reason.empty()) return {};
  const auto counted =
      CountRows(connection, schema, table, RowsSpec(), CountMode::kCapped, interrupt);
  return counted.ok() && counted->kind != RowCount::Kind::kTimedOut ? *counted : RowCount();
}

// Of a file that never changes.
std::optional<RowCount> KnownCount(const Database& database, const Table& table) {
  if (database.inspection() == nullptr) return std::nullopt;
  const auto& counts = database.inspection()->row_counts;
  const auto found = counts.find(table.name);
  if (found == counts.end()) return std::nullopt;
  return RowCount{.kind = RowCount::Kind::kExact, .value = found->second};
}

}  // namespace

absl::StatusOr<std::shared_ptr<const Schema>> ReadSchema(Database& database,
                                                         const Interrupt& interrupt) {
  ASSIGN_OR_RETURN(const sqlite::ReadLease lease, database.Acquire(interrupt, sqlite::Use::kShort));
  lease->guard().Arm({.interrupt = interrupt});
  return database.CurrentSchema(*lease);
}

absl::StatusOr<DatabaseDescription> DescribeDatabase(Database& database,
                                                     const Interrupt& interrupt) {
  ASSIGN_OR_RETURN(const sqlite::ReadLease lease, database.Acquire(interrupt, sqlite::Use::kShort));
  sqlite::Connection& connection = *lease;
  connection.guard().Arm({.interrupt = interrupt});
  DatabaseDescription description;
  ASSIGN_OR_RETURN(const auto schema, database.CurrentSchema(connection));
  for (const Table& table : schema->tables()) {
    int32_t& count = table.hidden      ? description.hidden_table_count
                     : table.is_view() ? description.view_count
                                       : description.table_count;
    ++count;
  }
  ASSIGN_OR_RETURN(const int64_t page_size, connection.QueryInteger("PRAGMA page_size"));
  ASSIGN_OR_RETURN(const int64_t page_count, connection.QueryInteger("PRAGMA page_count"));
  ASSIGN_OR_RETURN(const sqlite::Value journal, connection.QueryValue("PRAGMA journal_mode"));
  ASSIGN_OR_RETURN(const sqlite::Value encoding, connection.QueryValue("PRAGMA encoding"));
  ASSIGN_OR_RETURN(const int64_t application, connection.QueryInteger("PRAGMA application_id"));
  ASSIGN_OR_RETURN(const int64_t user, connection.QueryInteger("PRAGMA user_version"));
  ASSIGN_OR_RETURN(description.commit_token, ReadCommitToken(connection));
  description.read_only = database.read_only();
  description.size_bytes = page_size * page_count;
  description.page_size_bytes = static_cast<int32_t>(page_size);
  description.journal_mode = std::string(journal.view().bytes);
  description.encoding = std::string(encoding.view().bytes);
  description.application_id = static_cast<int32_t>(application);
  description.user_version = static_cast<int32_t>(user);
  description.wal_bytes = database.WalBytes();
  description.legacy_string_literals = database.legacy_string_literals();
  if (database.inspection() != nullptr) description.sha256 = database.inspection()->sha256;
  return description;
}

absl::StatusOr<TableDescription> DescribeTable(Database& database, absl::string_view table,
                                               const Interrupt& interrupt) {
  ASSIGN_OR_RETURN(const sqlite::ReadLease lease, database.Acquire(interrupt, sqlite::Use::kShort));
  sqlite::Connection& connection = *lease;
  connection.guard().Arm({.interrupt = interrupt});
  TableDescription description;
  ASSIGN_OR_RETURN(description.schema, database.CurrentSchema(connection));
  description.table = description.schema->Find(table);
  if (description.table == nullptr || description.table->hidden) {
    return FindTable(*description.schema, database.name(), table).status();
  }
  const Table& found = *description.table;
  if (found.unavailable_reason.empty() && !found.is_view()) {
    const Schema& schema = *description.schema;
    ASSIGN_OR_RETURN(description.foreign_keys, ReadForeignKeys(connection, schema, found));
    ASSIGN_OR_RETURN(description.referenced_by, ReadReferences(connection, schema, found));
    RETURN_IF_ERROR(DescribeIndexes(connection, &description));
  }
  RETURN_IF_ERROR(DescribeTriggers(connection, &description));
  ASSIGN_OR_RETURN(description.label_column, ReadLabelColumn(connection, found));
  description.fts_table = FindFullTextTable(*description.schema, found);
  const auto counted = KnownCount(database, found);
  description.row_count =
      counted.has_value() ? *counted : CountAll(connection, *description.schema, found, interrupt);
  return description;
}

}  // namespace sluice::engine
