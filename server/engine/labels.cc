#include "server/engine/labels.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "server/base/error.h"
#include "server/base/status.h"
#include "server/engine/filter_sql.h"
#include "server/engine/foreign_keys.h"
#include "server/sqlite/quote.h"

namespace sluice::engine {
namespace {

// The one that is configured, if the table has it.
absl::StatusOr<std::string> LabelColumnOf(sqlite::Connection& connection, const Table& table,
                                          const DatabaseSettings* settings) {
  if (settings != nullptr) {
    const auto found = settings->tables.find(absl::AsciiStrToLower(table.name));
    if (found != settings->tables.end() && !found->second.label_column.empty()) {
      const TableColumn* const column = table.FindColumn(found->second.label_column);
      if (column != nullptr && !column->hidden) return column->name;
    }
  }
  return ReadLabelColumn(connection, table);
}

absl::StatusOr<std::vector<Label>> AllLabels(sqlite::Connection& connection, const Schema& schema,
                                             const Table& table, const DatabaseSettings* settings) {
  std::vector<Label> labels;
  if (table.kind != TableKind::kTable) return labels;
  ASSIGN_OR_RETURN(const auto keys, ReadForeignKeys(connection, schema, table));
  for (const ForeignKey& key : keys) {
    const TableColumn* const column = table.FindColumn(key.columns[0]);
    const Table* const parent = schema.Find(key.parent_table);
    const bool usable = key.columns.size() == 1 && column != nullptr && parent != nullptr &&
                        !parent->hidden && parent->unavailable_reason.empty() &&
                        parent->FindColumn(key.parent_columns[0]) != nullptr;
    const bool again = std::any_of(labels.begin(), labels.end(), [&](const Label& label) {
      return column != nullptr && label.column == column->name;
    });
    if (!usable || again) continue;
    ASSIGN_OR_RETURN(std::string label_column, LabelColumnOf(connection, *parent, settings));
    if (label_column.empty()) continue;
    labels.push_back({.column = column->name,
                      .parent = parent,
                      .parent_column = key.parent_columns[0],
                      .label_column = std::move(label_column)});
  }
  return labels;
}

}  // namespace

absl::StatusOr<std::vector<Label>> FindLabels(sqlite::Connection& connection, const Schema& schema,
                                              const Table& table,
                                              const std::vector<std::string>& wanted,
                                              const DatabaseSettings* settings) {
  ASSIGN_OR_RETURN(std::vector<Label> all, AllLabels(connection, schema, table, settings));
  std::vector<Label> labels;
  for (const std::string& column : wanted) {
    if (column == "*" && wanted.size() == 1) return all;
    const auto found = std::find_if(all.begin(), all.end(), [&](const Label& label) {
      return absl::EqualsIgnoreCase(label.column, column);
    });
    if (found == all.end()) {
      return BadField("labels", absl::StrCat(column,
                                             " is no column that refers to a row with a "
                                             "label"));
    }
    const bool again = std::any_of(labels.begin(), labels.end(), [&](const Label& label) {
      return label.column == found->column;
    });
    if (again) return BadField("labels", absl::StrCat(found->column, " comes twice"));
    labels.push_back(*found);
  }
  return labels;
}

std::string LabelSql(const Label& label, absl::string_view value) {
  return absl::StrCat("(SELECT ", ColumnSql(*label.parent, "p", label.label_column), " FROM ",
                      sqlite::QuoteIdentifier(label.parent->name), " AS p WHERE ",
                      ColumnSql(*label.parent, "p", label.parent_column), " = ", value,
                      " LIMIT 1)");
}

}  // namespace sluice::engine
