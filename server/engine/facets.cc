#include "server/engine/facets.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "server/base/error.h"
#include "server/base/limits.h"
#include "server/base/status.h"
#include "server/engine/facet_counter.h"
#include "server/engine/filter_sql.h"
#include "server/engine/labels.h"
#include "server/engine/own_time.h"
#include "server/engine/selection.h"

namespace sluice::engine {
namespace {

using sqlite::Statement;
using sqlite::Value;
using sqlite::ValueView;

enum class FacetKind { kColumn, kArray, kDate };

// A facet while it is being counted.
struct Work {
  FacetKind kind = FacetKind::kColumn;
  const TableColumn* column = nullptr;
  // What is counted, in the statement's words.
  std::string expression;
  std::unique_ptr<FacetCounter> counter;
  // There are more values than the counter keeps: SQLite must count.
  bool overflown = false;
  bool done = false;
};

// Where, and what, the facets are counted.
struct Place {
  sqlite::Connection& connection;
  const Schema& schema;
  const Table& table;
  const RowsSpec& spec;
  // What each counter may hold.
  size_t counter_bytes = 0;
};

absl::StatusOr<Work> Resolve(const Place& place, const std::string& name) {
  Work work;
  absl::string_view column = name;
  // A column may be called `date(x)`.
  if (place.table.FindColumn(name) == nullptr && absl::ConsumeSuffix(&column, ")")) {
    if (absl::ConsumePrefix(&column, "array(")) {
      work.kind = FacetKind::kArray;
    } else if (absl::ConsumePrefix(&column, "date(")) {
      work.kind = FacetKind::kDate;
    } else {
      column = name;
    }
  }
  work.column = place.table.FindColumn(column);
  work.expression = ColumnSql(place.table, "t0", column);
  if (work.column == nullptr || work.expression.empty()) {
    return BadField("facets", absl::StrCat("there is no column called ", column));
  }
  std::string collation;
  if (work.kind == FacetKind::kDate) {
    work.expression = absl::StrCat("date(", work.expression, ")");
  } else if (work.kind == FacetKind::kColumn && place.table.kind == TableKind::kTable) {
    ASSIGN_OR_RETURN(collation,
                     place.connection.ColumnCollation(place.table.name, work.column->name));
  }
  work.counter = std::make_unique<FacetCounter>(collation, place.counter_bytes);
  return work;
}

// Starts `SELECT <what> FROM <rows><and>`.
absl::StatusOr<Statement> Select(const Place& place, absl::string_view what, absl::string_view join,
                                 absl::string_view tail, Binds& binds) {
  ASSIGN_OR_RETURN(const Selection rows,
                   MakeSelection(place.connection, place.schema, place.table, place.spec, binds));
  ASSIGN_OR_RETURN(Statement statement, place.connection.Prepare(absl::StrCat(
                                            "SELECT ", what, rows.from, join, rows.where, tail)));
  binds.ApplyTo(statement);
  return statement;
}

// Columns and dates: one scan counts them all.
absl::Status ScanTogether(const Place& place, const std::vector<Work*>& facets) {
  const std::string what = absl::StrJoin(facets, ", ", [](std::string* out, const Work* facet) {
    absl::StrAppend(out, facet->expression);
  });
  Binds binds;
  ASSIGN_OR_RETURN(Statement rows, Select(place, what, "", "", binds));
  while (true) {
    ASSIGN_OR_RETURN(const bool row, rows.Step());
    if (!row) break;
    for (size_t i = 0; i < facets.size(); ++i) {
      Work& facet = *facets[i];
      if (!facet.overflown) facet.overflown = !facet.counter->Add(rows.column(static_cast<int>(i)));
    }
  }
  for (Work* const facet : facets) facet->done = !facet->overflown;
  return absl::OkStatus();
}

std::string ArrayOf(const std::string& column) {
  return absl::StrCat("CASE WHEN json_valid(", column, ") AND json_type(", column,
                      ") = 'array' THEN ", column, " END");
}

// The elements of arrays, each once for a row that holds it more often.
absl::Status ScanArray(const Place& place, Work& facet) {
  Binds binds;
  ASSIGN_OR_RETURN(
      Statement elements,
      Select(place, "j.key, j.value",
             absl::StrCat(" JOIN json_each(", ArrayOf(facet.expression), ") AS j"), "", binds));
  FacetCounter in_row("", place.counter_bytes);
  while (true) {
    ASSIGN_OR_RETURN(const bool element, elements.Step());
    if (!element) break;
    // The index of an element; a row's first is 0.
    if (elements.column(0).integer == 0) in_row = FacetCounter("", place.counter_bytes);
    const size_t before = in_row.distinct();
    in_row.Add(elements.column(1));
    if (in_row.distinct() == before) continue;
    // Elements stand in no column that SQLite could group by.
    facet.overflown = !facet.counter->Add(elements.column(1));
    if (facet.overflown) return absl::OkStatus();
  }
  facet.done = true;
  return absl::OkStatus();
}

// What the counter could not keep: SQLite sorts. The counter is given what came out.
absl::Status GroupInSql(const Place& place, Work& facet, size_t size,
                        std::vector<FacetCounter::Entry>* entries) {
  Binds binds;
  ASSIGN_OR_RETURN(
      Statement groups,
      Select(place, absl::StrCat(facet.expression, " AS v, count(*) AS n"), "",
             absl::StrCat(" GROUP BY 1 HAVING v IS NOT NULL ORDER BY n DESC, v LIMIT ", size + 1),
             binds));
  while (true) {
    ASSIGN_OR_RETURN(const bool group, groups.Step());
    if (!group) break;
    entries->push_back({.value = Value(groups.column(0)), .count = groups.column(1).integer});
  }
  facet.done = true;
  return absl::OkStatus();
}

absl::StatusOr<Value> ReadLabel(const Place& place, const Label& label, const ValueView& value) {
  ASSIGN_OR_RETURN(Statement statement,
                   place.connection.Prepare(absl::StrCat("SELECT ", LabelSql(label, "?1"))));
  statement.Bind(1, value);
  ASSIGN_OR_RETURN(const bool row, statement.Step());
  return row ? Value(statement.column(0)) : Value();
}

absl::Status AddLabels(const Place& place, const Work& work, Facet& facet) {
  if (work.kind != FacetKind::kColumn) return absl::OkStatus();
  ASSIGN_OR_RETURN(
      const std::vector<Label> labels,
      FindLabels(place.connection, place.schema, place.table, {"*"}, place.spec.settings));
  for (const Label& label : labels) {
    if (label.column != work.column->name) continue;
    for (FacetValue& value : facet.values) {
      ASSIGN_OR_RETURN(value.label, ReadLabel(place, label, value.value.view()));
    }
  }
  return absl::OkStatus();
}

// Counts one after the other what takes a statement of its own. An error when the time is over.
absl::Status CountAll(const Place& place, std::vector<Work>& works, std::vector<Facet>& facets,
                      size_t size) {
  std::vector<Work*> together;
  for (Work& work : works) {
    if (work.kind != FacetKind::kArray) together.push_back(&work);
  }
  if (!together.empty()) RETURN_IF_ERROR(ScanTogether(place, together));
  for (size_t i = 0; i < works.size(); ++i) {
    std::vector<FacetCounter::Entry> entries;
    if (works[i].kind == FacetKind::kArray) {
      RETURN_IF_ERROR(ScanArray(place, works[i]));
      if (works[i].overflown) continue;
      entries = works[i].counter->Top(size + 1);
    } else if (works[i].overflown) {
      RETURN_IF_ERROR(GroupInSql(place, works[i], size, &entries));
    } else {
      entries = works[i].counter->Top(size + 1);
    }
    facets[i].truncated = entries.size() > size;
    if (facets[i].truncated) entries.pop_back();
    for (FacetCounter::Entry& entry : entries) {
      facets[i].values.push_back(
          {.value = std::move(entry.value), .count = entry.count, .label = Value()});
    }
    RETURN_IF_ERROR(AddLabels(place, works[i], facets[i]));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::vector<Facet>> CountFacets(sqlite::Connection& connection, const Schema& schema,
                                               const Table& table, const RowsSpec& spec,
                                               const std::vector<std::string>& names, size_t size,
                                               const Interrupt& interrupt) {
  const Place place{connection, schema, table, spec,
                    limits::kFacetBytesMax / std::max<size_t>(1, names.size())};
  std::vector<Work> works;
  std::vector<Facet> facets;
  for (const std::string& name : names) {
    if (std::count(names.begin(), names.end(), name) > 1) {
      return BadField("facets", absl::StrCat(name, " comes twice"));
    }
    ASSIGN_OR_RETURN(Work work, Resolve(place, name));
    works.push_back(std::move(work));
    facets.emplace_back().name = name;
  }
  ASSIGN_OR_RETURN(const bool done,
                   RunWithin(connection, interrupt, limits::kFacetTimeMax, [&]() -> absl::Status {
                     return CountAll(place, works, facets, size);
                   }));
  for (size_t i = 0; i < facets.size(); ++i) {
    // Also when the time was over while its labels were read.
    facets[i].timed_out = !works[i].done || (!done && facets[i].values.empty());
    if (facets[i].timed_out) facets[i].values.clear();
  }
  return facets;
}

}  // namespace sluice::engine
