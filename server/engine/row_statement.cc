#include "server/engine/row_statement.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "server/base/error.h"
#include "server/base/status.h"
#include "server/engine/filter_sql.h"
#include "server/engine/labels.h"
#include "server/engine/selection.h"
#include "server/sqlite/quote.h"

namespace sluice::engine {
namespace {

using sqlite::QuoteIdentifier;
using sqlite::ValueView;

constexpr char kSnippetName[] = "_snippet";

// Puts the list of a SELECT together.
class SelectList {
 public:
  SelectList(const Table& table, RowStatement& statement)
      : table_(table), statement_(statement), places_(table.columns.size(), -1) {
    if (!table.rowid_name.empty()) list_.push_back(absl::StrCat("t0.", table.rowid_name));
    statement.lead = static_cast<int>(list_.size());
  }

  absl::Status Show(const std::vector<std::string>& columns) {
    if (columns.empty()) {
      for (const int column : table_.statements.shown) ShowColumn(column);
      return absl::OkStatus();
    }
    for (const std::string& name : columns) {
      const TableColumn* const found = table_.FindColumn(name);
      if (found == nullptr || found->hidden) {
        return BadField("columns", absl::StrCat("there is no column called ", name));
      }
      const auto column = static_cast<int>(found - table_.columns.data());
      if (places_[static_cast<size_t>(column)] >= 0) {
        return BadField("columns", absl::StrCat(name, " comes twice"));
      }
      ShowColumn(column);
    }
    return absl::OkStatus();
  }

  // A column of our own, under a name that no other has.
  void ShowExpression(std::string expression, std::string name, std::string label_of) {
    const auto taken = [&] {
      return std::any_of(statement_.shown.begin(), statement_.shown.end(), [&](const auto& column) {
        return absl::EqualsIgnoreCase(column.name, name);
      });
    };
    while (taken()) name += '_';
    list_.push_back(std::move(expression));
    statement_.shown.push_back(
        {.name = std::move(name), .declared_type = "", .label_of = std::move(label_of)});
  }

  // After everything that is shown: where a column of the table stands in the statement.
  int PlaceOf(int column) {
    if (column == SortKey::kRowid) return 0;
    int& place = places_[static_cast<size_t>(column)];
    if (place < 0) place = Add(NameOf(column));
    return place;
  }
  int Add(std::string expression) {
    list_.push_back(std::move(expression));
    return static_cast<int>(list_.size()) - 1;
  }

  std::string sql() const { return absl::StrCat("SELECT ", absl::StrJoin(list_, ", ")); }

 private:
  std::string NameOf(int column) const {
    return absl::StrCat("t0.", QuoteIdentifier(table_.columns[static_cast<size_t>(column)].name));
  }
  void ShowColumn(int column) {
    const TableColumn& shown = table_.columns[static_cast<size_t>(column)];
    places_[static_cast<size_t>(column)] = Add(NameOf(column));
    statement_.shown.push_back(
        {.name = shown.name, .declared_type = shown.declared_type, .label_of = ""});
  }

  const Table& table_;
  RowStatement& statement_;
  std::vector<std::string> list_;
  // For each column of the table its place in the list, or -1.
  std::vector<int> places_;
};

absl::Status ShowLabels(sqlite::Connection& connection, const Schema& schema, const Table& table,
                        const std::vector<std::string>& wanted, const DatabaseSettings* settings,
                        SelectList& list) {
  if (wanted.empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(const std::vector<Label> labels,
                   FindLabels(connection, schema, table, wanted, settings));
  for (const Label& label : labels) {
    list.ShowExpression(LabelSql(label, ColumnSql(table, "t0", label.column)),
                        absl::StrCat(label.column, "_label"), label.column);
  }
  return absl::OkStatus();
}

std::vector<OrderTerm> OrderOf(const Table& table, const RowsSpec& spec) {
  const bool usual = spec.order.empty() && !spec.search.has_value() &&
                     spec.usual_order.has_value() &&
                     table.FindColumn(spec.usual_order->column) != nullptr;
  return usual ? std::vector<OrderTerm>{*spec.usual_order} : spec.order;
}

void AddKey(const Table& table, SelectList& list, KeyColumns& key) {
  for (const int column : table.primary_key) key.parts.push_back(list.PlaceOf(column));
  if (table.rowid_name.empty()) return;
  key.rowid = 0;
  if (key.parts.empty()) key.parts = {0};
}

}  // namespace

absl::Status RowStatement::PushColumns(RowSink& sink) const {
  std::vector<ColumnView> columns;
  for (const Column& column : shown) {
    columns.push_back({column.name, column.declared_type, column.label_of});
  }
  return sink.OnColumns(columns);
}

absl::StatusOr<RowStatement> MakeRowStatement(sqlite::Connection& connection, const Schema& schema,
                                              const Table& table, const RowsSpec& spec,
                                              int64_t limit) {
  RowStatement statement;
  ASSIGN_OR_RETURN(const Selection selection,
                   MakeSelection(connection, schema, table, spec, statement.binds));
  SelectList list(table, statement);
  RETURN_IF_ERROR(list.Show(spec.columns));
  RETURN_IF_ERROR(ShowLabels(connection, schema, table, spec.labels, spec.settings, list));
  if (spec.snippets) {
    if (selection.snippet.empty()) return BadField("snippets", "there are none without a search");
    list.ShowExpression(selection.snippet, kSnippetName, "");
  }
  AddKey(table, list, statement.key);
  const std::vector<OrderTerm> order = OrderOf(table, spec);
  ASSIGN_OR_RETURN(statement.order,
                   MakeRowOrder(table, order, order.empty() ? selection.rank : ""));
  for (const SortKey& key : statement.order.keys) {
    statement.position.push_back(key.column == SortKey::kRank ? list.Add(key.expression)
                                                              : list.PlaceOf(key.column));
  }
  std::string after;
  if (spec.after.has_value()) {
    ASSIGN_OR_RETURN(after, AfterSql(statement.order, *spec.after, statement.binds));
  }
  statement.sql = absl::StrCat(list.sql(), selection.from, selection.And(after), " ORDER BY ",
                               OrderBySql(statement.order), " LIMIT ",
                               statement.binds.Add(ValueView::Integer(limit)));
  if (statement.order.counted && spec.after.has_value()) {
    absl::StrAppend(&statement.sql, " OFFSET ",
                    statement.binds.Add(ValueView::Integer(spec.after->equal_rows)));
  }
  return statement;
}

absl::StatusOr<RowStatement> MakeOneRowStatement(sqlite::Connection& connection,
                                                 const Schema& schema, const Table& table,
                                                 const std::vector<std::string>& labels,
                                                 const DatabaseSettings* settings,
                                                 const RowKey& key) {
  RowStatement statement;
  for (const sqlite::Value& part : key.parts) statement.binds.Add(part.view());
  SelectList list(table, statement);
  RETURN_IF_ERROR(list.Show({}));
  RETURN_IF_ERROR(ShowLabels(connection, schema, table, labels, settings, list));
  AddKey(table, list, statement.key);
  const TableSql& sql = table.statements;
  statement.sql = absl::StrCat(list.sql(), " FROM ", QuoteIdentifier(table.name), " AS t0 WHERE ",
                               key.by_rowid ? sql.rowid_condition : sql.key_condition);
  return statement;
}

}  // namespace sluice::engine
