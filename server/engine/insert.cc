// New rows.
#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "server/base/error.h"
#include "server/base/status.h"
#include "server/engine/table_write.h"
#include "server/sqlite/quote.h"
#include "server/sqlite/row_changes.h"

namespace sluice::engine {
namespace {

using sqlite::QuoteIdentifier;
using sqlite::Statement;
using Action = ConflictPolicy::Action;
using Columns = std::vector<const TableColumn*>;

absl::Status Unsupported(absl::string_view what) {
  return Error(absl::StatusCode::kFailedPrecondition, reason::kUnsupported, what);
}

std::string Quoted(const Columns& columns) {
  return absl::StrJoin(columns, ", ", [](std::string* out, const TableColumn* column) {
    absl::StrAppend(out, QuoteIdentifier(column->name));
  });
}

bool Holds(const Columns& columns, const TableColumn* column) {
  return std::find(columns.begin(), columns.end(), column) != columns.end();
}

class Inserter : public TableWriter {
 public:
  Inserter(const Database& database, sqlite::Connection& connection, const Table& table,
           const Mutation& mutation)
      : TableWriter(database, connection, table, mutation, {}) {}

  absl::Status Start() override {
    RETURN_IF_ERROR(FindTarget());
    for (const auto& names : mutation_.column_sets) {
      Plan& plan = plans_.emplace_back();
      ASSIGN_OR_RETURN(const Columns columns, WritableColumns(names));
      ASSIGN_OR_RETURN(plan.sql, MakeSql(columns));
      if (!mutation_.whole_target) continue;
      for (const TableColumn* column : target_) {
        const auto at = std::find(columns.begin(), columns.end(), column);
        plan.target.push_back(at == columns.end() ? names.size()
                                                  : static_cast<size_t>(at - columns.begin()));
      }
    }
    // What an upsert did, only SQLite's hook tells.
    if (mutation_.conflict.action == Action::kUpdate) changes_.emplace(connection_);
    return absl::OkStatus();
  }

  absl::StatusOr<RowEffect> Write(const Mutation::Row& row) override {
    Plan& plan = plans_[row.columns];
    RETURN_IF_ERROR(CheckTarget(plan, row));
    if (!plan.statement.has_value()) {
      const bool keep = plans_.size() <= kPlansKept;
      if (!keep && held_ != nullptr) held_->statement.reset();
      ASSIGN_OR_RETURN(plan.statement, Prepare(plan.sql, keep));
      held_ = &plan;
    }
    Statement& insert = *plan.statement;
    insert.Reset();
    for (size_t i = 0; i < row.values.size(); ++i) {
      insert.Bind(static_cast<int>(i) + 1, row.values[i]);
    }
    if (changes_.has_value()) changes_->Clear();
    absl::StatusOr<bool> changed = RunReturning(insert);
    // A statement that failed keeps what it bound and, inside a savepoint, stands in the way.
    insert.Reset();
    RETURN_IF_ERROR(changed.status());
    if (!*changed) return RowEffect::kIgnored;
    if (is_virtual() && returns()) RETURN_IF_ERROR(ReadBack());
    return changes_.has_value() && changes_->updated() > 0 ? RowEffect::kUpdated
                                                           : RowEffect::kInserted;
  }

 private:
  struct Plan {
    std::string sql;
    // Where the target's columns stand among the row's values; beyond them when not given.
    std::vector<size_t> target;
    std::optional<Statement> statement;
  };

  absl::Status FindTarget() {
    const ConflictPolicy& conflict = mutation_.conflict;
    if (conflict.action == Action::kAbort) return absl::OkStatus();
    if (table_.is_view() || is_virtual()) {
      return Unsupported("views and virtual tables have no constraints that rows could clash with");
    }
    for (const absl::string_view name : conflict.target) {
      const TableColumn* const column = table_.FindColumn(name);
      if (column == nullptr) {
        return BadField("target", absl::StrCat("the table has no column ", name));
      }
      target_.push_back(column);
    }
    if (!target_.empty() || conflict.action != Action::kUpdate) return absl::OkStatus();
    for (const int column : table_.primary_key) {
      target_.push_back(&table_.columns[static_cast<size_t>(column)]);
    }
    return target_.empty() ? Unsupported("the table has no primary key: name a target")
                           : absl::OkStatus();
  }

  absl::Status CheckTarget(const Plan& plan, const Mutation::Row& row) const {
    for (size_t i = 0; i < plan.target.size(); ++i) {
      const size_t at = plan.target[i];
      if (at < row.values.size() && !row.values[at].is_null()) continue;
      return BadField("rows", absl::StrCat("the row gives no ", target_[i]->name,
                                           ", by which it is told whether it is there"));
    }
    return absl::OkStatus();
  }

  absl::StatusOr<std::string> MakeSql(Columns columns) const {
    std::vector<std::string> values;
    for (size_t i = 1; i <= columns.size(); ++i) values.push_back(absl::StrCat("?", i));
    if (mutation_.missing_is_null) {
      for (const TableColumn& column : table_.columns) {
        if (column.hidden || column.generated != Generated::kNo ||
            column.primary_key_position > 0 || Holds(columns, &column)) {
          continue;
        }
        columns.push_back(&column);
        values.emplace_back("NULL");
      }
    }
    std::string sql =
        mutation_.conflict.action == Action::kReplace ? "INSERT OR REPLACE INTO " : "INSERT INTO ";
    absl::StrAppend(&sql, QuoteIdentifier(table_.name));
    if (columns.empty()) {
      absl::StrAppend(&sql, " DEFAULT VALUES");
    } else {
      absl::StrAppend(&sql, "(", Quoted(columns), ") VALUES (", absl::StrJoin(values, ", "), ")");
    }
    ASSIGN_OR_RETURN(const std::string clause, ConflictClause(columns));
    return absl::StrCat(sql, clause, ReturningClause());
  }

  absl::StatusOr<std::string> ConflictClause(const Columns& given) const {
    const Action action = mutation_.conflict.action;
    if (action == Action::kAbort || action == Action::kReplace) return std::string();
    // SQLite's grammar has no DEFAULT VALUES ON CONFLICT.
    if (given.empty())
      return BadField("columns", "a row of defaults cannot say what it clashes by");
    std::string clause = " ON CONFLICT";
    if (!target_.empty()) absl::StrAppend(&clause, "(", Quoted(target_), ")");
    if (action == Action::kIgnore) return clause + " DO NOTHING";
    ASSIGN_OR_RETURN(Columns updated, WritableColumns(mutation_.conflict.update_columns));
    if (updated.empty()) {
      for (const TableColumn* column : given) {
        if (!Holds(target_, column)) updated.push_back(column);
      }
    }
    std::vector<std::string> sets;
    for (const TableColumn* column : updated) {
      const std::string name = QuoteIdentifier(column->name);
      sets.push_back(absl::StrCat(name, " = excluded.", name));
    }
    if (sets.empty()) {
      // Nothing to change, but the row is to be told: DO NOTHING would return none.
      const std::string name = QuoteIdentifier(target_[0]->name);
      sets.push_back(absl::StrCat(name, " = ", QuoteIdentifier(table_.name), ".", name));
    }
    return absl::StrCat(clause, " DO UPDATE SET ", absl::StrJoin(sets, ", "));
  }

  absl::Status ReadBack() {
    if (table_.statements.get_by_rowid.empty()) return absl::OkStatus();
    ASSIGN_OR_RETURN(Statement select, connection_.Prepare(table_.statements.get_by_rowid));
    select.Bind(1, sqlite::ValueView::Integer(connection_.last_insert_rowid()));
    ASSIGN_OR_RETURN(const bool row, select.Step());
    return row ? PushRow(select) : absl::OkStatus();
  }

  Columns target_;
  // One for each column set.
  std::vector<Plan> plans_;
  Plan* held_ = nullptr;
  std::optional<sqlite::RowChanges> changes_;
};

}  // namespace

std::unique_ptr<TableWriter> MakeInserter(const Database& database, sqlite::Connection& connection,
                                          const Table& table, const Mutation& mutation) {
  return std::make_unique<Inserter>(database, connection, table, mutation);
}

}  // namespace sluice::engine
