// Rows that are there and match: changed or deleted, all by one statement.
#include <algorithm>
#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "server/base/error.h"
#include "server/base/status.h"
#include "server/engine/binds.h"
#include "server/engine/filter_sql.h"
#include "server/engine/table_write.h"
#include "server/sqlite/quote.h"

namespace sluice::engine {
namespace {

using sqlite::QuoteIdentifier;
using sqlite::Statement;

class MatchingChange : public TableStatements {
 public:
  MatchingChange(Database& database, sqlite::Connection& connection, const Schema& schema,
                 const Table& table, const Mutation& mutation)
      : TableStatements(database, connection, table, mutation, {}),
        served_(database),
        schema_(schema) {}

  absl::Status Run(MutationOutcome* outcome) {
    ASSIGN_OR_RETURN(const std::string sets, MakeSets());
    ASSIGN_OR_RETURN(const std::string where, MakeWhere());
    ASSIGN_OR_RETURN(const int64_t matching, Count(where));
    if (matching > mutation_.matching->rows_max) return TooMany();
    if (is_virtual() && returns()) return ChangeOneByOne(where, outcome);
    ASSIGN_OR_RETURN(Statement change, Prepare(absl::StrCat(sets, where, ReturningClause())));
    binds_.ApplyTo(change);
    RETURN_IF_ERROR(RunToEnd(change));
    // An INSTEAD OF trigger changes other tables, and SQLite counts none of the view's rows.
    const int64_t changed = table_.is_view() ? matching : connection_.changes();
    (deletes() ? outcome->deleted_count : outcome->updated_count) = changed;
    outcome->ignored_count = std::max<int64_t>(matching - changed, 0);
    return absl::OkStatus();
  }

 private:
  bool deletes() const { return mutation_.kind == Mutation::Kind::kDelete; }

  // What the filter calls the table by. A view that a trigger changes knows no other name in
  // SQLite.
  std::string Alias() const { return table_.is_view() ? QuoteIdentifier(table_.name) : "t0"; }
  std::string NameInStatement() const {
    const std::string name = QuoteIdentifier(table_.name);
    return table_.is_view() ? name : absl::StrCat(name, " AS t0");
  }

  // The statement up to its WHERE. Its values are bound first.
  absl::StatusOr<std::string> MakeSets() {
    const std::string name = NameInStatement();
    if (deletes()) return absl::StrCat("DELETE FROM ", name);
    const Mutation::Row& row = mutation_.rows.at(0);
    ASSIGN_OR_RETURN(const auto columns, WritableColumns(mutation_.column_sets[row.columns]));
    if (columns.empty()) return BadField("columns", "there is no column to change");
    std::vector<std::string> sets;
    for (size_t i = 0; i < columns.size(); ++i) {
      sets.push_back(
          absl::StrCat(QuoteIdentifier(columns[i]->name), " = ", binds_.Add(row.values[i])));
    }
    return absl::StrCat("UPDATE ", name, " SET ", absl::StrJoin(sets, ", "));
  }

  absl::StatusOr<std::string> MakeWhere() {
    const auto& filter = mutation_.matching->filter;
    if (!filter.has_value()) return std::string();
    ASSIGN_OR_RETURN(const std::string condition,
                     FilterSql(*filter, connection_, schema_, table_, Alias(), binds_));
    return absl::StrCat(" WHERE ", condition);
  }

  // How many rows match, up to one more than may; looked at first, since a statement of SQLite
  // changes all of its rows before it gives the first.
  absl::StatusOr<int64_t> Count(const std::string& where) {
    const int64_t rows_max = mutation_.matching->rows_max;
    const int64_t limit = rows_max == std::numeric_limits<int64_t>::max() ? -1 : rows_max + 1;
    ASSIGN_OR_RETURN(Statement count,
                     connection_.Prepare(absl::StrCat(
                         "SELECT count(*) FROM (SELECT 1 FROM ", NameInStatement(), where,
                         " LIMIT ", binds_.Add(sqlite::ValueView::Integer(limit)), ")")));
    binds_.ApplyTo(count);
    RETURN_IF_ERROR(count.Step().status());
    return count.column(0).integer;
  }

  absl::Status TooMany() const {
    const int64_t rows_max = mutation_.matching->rows_max;
    const std::string what = absl::StrCat("more rows match than the ", rows_max, " that may");
    return WithMetadata(WithField(Error(absl::StatusCode::kResourceExhausted, reason::kLimit, what),
                                  "max_affected", what),
                        "limit", absl::StrCat(rows_max));
  }

  absl::Status RunToEnd(Statement& change) {
    const bool pushes = !is_virtual() && returns();
    while (true) {
      ASSIGN_OR_RETURN(const bool row, change.Step());
      if (!row) return absl::OkStatus();
      if (!pushes) continue;
      RETURN_IF_ERROR(PushRow(change));
      RETURN_IF_ERROR(CheckReturnedBytes(*mutation_.sink));
    }
  }

  // A virtual table does not know RETURNING: its rows are looked up and then changed by their keys.
  absl::Status ChangeOneByOne(const std::string& where, MutationOutcome* outcome) {
    Mutation by_key = mutation_;
    by_key.matching.reset();
    by_key.rows.clear();
    const TableSql& sql = table_.statements;
    ASSIGN_OR_RETURN(Statement select, connection_.Prepare(absl::StrCat(
                                           "SELECT ", sql.returning, " FROM ",
                                           QuoteIdentifier(table_.name), " AS t0", where)));
    binds_.ApplyTo(select);
    while (true) {
      ASSIGN_OR_RETURN(const bool found, select.Step());
      if (!found) break;
      Mutation::Row& row = by_key.rows.emplace_back();
      if (!deletes()) row = mutation_.rows.at(0);
      row.key.emplace();
      for (const int part : sql.key.parts) row.key->parts.emplace_back(select.column(part));
    }
    return ApplyMutation(served_, connection_, by_key, {}, outcome);
  }

  Database& served_;
  const Schema& schema_;
  Binds binds_;
};

}  // namespace

absl::Status WriteMatching(Database& database, sqlite::Connection& connection, const Schema& schema,
                           const Table& table, const Mutation& mutation, MutationOutcome* outcome) {
  return MatchingChange(database, connection, schema, table, mutation).Run(outcome);
}

}  // namespace sluice::engine
