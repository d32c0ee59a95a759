#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "server/base/limits.h"
#include "server/base/status.h"
#include "server/engine/facet_counter.h"
#include "server/engine/facets.h"
#include "server/engine/filter_sql.h"
#include "server/engine/own_time.h"
#include "server/engine/selection.h"

namespace sluice::engine {
namespace {

using sqlite::Statement;
using sqlite::ValueView;

// What the first rows tell of a column.
struct Looked {
  const TableColumn* column = nullptr;
  FacetCounter counter{"", limits::kFacetBytesMax / limits::kFacetsMax};
  // There are more values than the counter keeps.
  bool full = false;
  int64_t values = 0;
  int64_t arrays = 0;
  bool dates = false;
};

// A column's value, whether it is an array of texts, and whether it is a date.
std::string Expressions(const std::string& column) {
  return absl::StrCat(
      column, ", CASE WHEN typeof(", column, ") = 'text' AND json_valid(", column,
      ") AND json_type(", column, ") = 'array' THEN NOT EXISTS (SELECT 1 FROM json_each(", column,
      ") AS j WHERE j.type <> 'text') ELSE 0 END, CASE WHEN ", column,
      " GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-*' THEN date(", column, ") IS NOT NULL ELSE 0 END");
}

absl::Status Look(Statement& rows, std::vector<Looked>& columns, int64_t* row_count) {
  while (true) {
    ASSIGN_OR_RETURN(const bool row, rows.Step());
    if (!row) return absl::OkStatus();
    ++*row_count;
    for (size_t i = 0; i < columns.size(); ++i) {
      const int at = static_cast<int>(i) * 3;
      const ValueView value = rows.column(at);
      const bool blank =
          value.is_null() || (value.type == sqlite::StorageClass::kText && value.bytes.empty());
      columns[i].full = columns[i].full || !columns[i].counter.Add(value);
      columns[i].values += blank ? 0 : 1;
      columns[i].arrays += rows.column(at + 1).integer;
      columns[i].dates = columns[i].dates || rows.column(at + 2).integer != 0;
    }
  }
}

bool HasFewValues(const Looked& column, int64_t row_count, size_t size) {
  const size_t distinct = column.counter.distinct();
  return !column.full && distinct > 1 && distinct <= size &&
         static_cast<int64_t>(distinct) < row_count && column.counter.Top(1)[0].count > 1;
}

}  // namespace

absl::StatusOr<std::vector<std::string>> SuggestFacets(sqlite::Connection& connection,
                                                       const Schema& schema, const Table& table,
                                                       const RowsSpec& spec, size_t size,
                                                       const Interrupt& interrupt) {
  std::vector<Looked> columns;
  std::vector<std::string> list;
  for (const int shown : table.statements.shown) {
    columns.push_back({.column = &table.columns[static_cast<size_t>(shown)]});
    list.push_back(Expressions(ColumnSql(table, "t0", columns.back().column->name)));
  }
  int64_t row_count = 0;
  const auto work = [&]() -> absl::Status {
    Binds binds;
    ASSIGN_OR_RETURN(const Selection chosen, MakeSelection(connection, schema, table, spec, binds));
    ASSIGN_OR_RETURN(Statement rows, connection.Prepare(absl::StrCat(
                                         "SELECT ", absl::StrJoin(list, ", "), chosen.from,
                                         chosen.where, " LIMIT ", limits::kFacetSuggestRows)));
    binds.ApplyTo(rows);
    return Look(rows, columns, &row_count);
  };
  RETURN_IF_ERROR(RunWithin(connection, interrupt, limits::kFacetSuggestTimeMax, work).status());
  std::vector<std::string> suggested;
  for (const Looked& column : columns) {
    const std::string& name = column.column->name;
    if (HasFewValues(column, row_count, size)) suggested.push_back(name);
    if (column.arrays > 0 && column.arrays == column.values) {
      suggested.push_back(absl::StrCat("array(", name, ")"));
    }
    if (column.dates) suggested.push_back(absl::StrCat("date(", name, ")"));
  }
  return suggested;
}

}  // namespace sluice::engine
