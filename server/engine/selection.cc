#include "server/engine/selection.h"

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "server/base/error.h"
#include "server/base/status.h"
#include "server/engine/filter_sql.h"
#include "server/sqlite/quote.h"

namespace sluice::engine {
namespace {

using sqlite::QuoteIdentifier;

absl::StatusOr<SearchSql> MakeSearch(const Schema& schema, const Table& table, const Search& search,
                                     Binds& binds) {
  const auto index = FindFullText(schema, table);
  if (!index.has_value() || (index->table != &table && table.rowid_name.empty())) {
    return WithField(Error(absl::StatusCode::kFailedPrecondition, reason::kUnsupported,
                           "no full-text index covers the table"),
                     "search", "no full-text index covers the table");
  }
  if (search.text.find('\0') != std::string::npos) {
    return BadField("search", "holds a NUL character");
  }
  if (!search.raw && EscapeSearch(search.text).empty()) {
    return BadField("search", "holds no word");
  }
  return MakeSearchSql(*index, table, search, binds);
}

}  // namespace

std::string Selection::And(const std::string& condition) const {
  if (condition.empty()) return where;
  return where.empty() ? absl::StrCat(" WHERE ", condition)
                       : absl::StrCat(where, " AND ", condition);
}

absl::StatusOr<Selection> MakeSelection(sqlite::Connection& connection, const Schema& schema,
                                        const Table& table, const RowsSpec& spec, Binds& binds) {
  Selection selection;
  std::string condition;
  selection.from = absl::StrCat(" FROM ", QuoteIdentifier(table.name), " AS t0");
  if (spec.search.has_value()) {
    ASSIGN_OR_RETURN(SearchSql search, MakeSearch(schema, table, *spec.search, binds));
    selection.from += search.join;
    selection.where = absl::StrCat(" WHERE ", search.condition);
    selection.rank = std::move(search.rank);
    selection.snippet = std::move(search.snippet);
  }
  if (spec.filter.has_value()) {
    ASSIGN_OR_RETURN(condition, FilterSql(*spec.filter, connection, schema, table, "t0", binds));
  }
  selection.where = selection.And(condition);
  if (!table.is_view()) return selection;
  // SQLite moves a page's WHERE into a view that it can, below its DISTINCT too; there it picks
  // another one of the rows that a collation holds for equal. A LIMIT keeps it out.
  std::vector<std::string> names;
  for (const int column : table.statements.shown) {
    names.push_back(
        absl::StrCat("t0.", QuoteIdentifier(table.columns[static_cast<size_t>(column)].name)));
  }
  selection.from = absl::StrCat(" FROM (SELECT ", absl::StrJoin(names, ", "), selection.from,
                                selection.where, " LIMIT -1) AS t0");
  selection.where.clear();
  return selection;
}

}  // namespace sluice::engine
