// Rows that are there: changed or deleted, by their keys.
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "server/base/error.h"
#include "server/base/status.h"
#include "server/engine/key_check.h"
#include "server/engine/table_write.h"
#include "server/sqlite/quote.h"

namespace sluice::engine {
namespace {

using sqlite::QuoteIdentifier;
using sqlite::Statement;

// Statements by key: one for keys by the primary key, one for keys by the rowid.
using ByKey = std::optional<Statement>[2];

class Updater : public TableWriter {
 public:
  using TableWriter::TableWriter;

  absl::Status Start() override {
    for (const auto& names : mutation_.column_sets) {
      Plan& plan = plans_.emplace_back();
      ASSIGN_OR_RETURN(const auto columns, WritableColumns(names));
      for (size_t i = 0; i < columns.size(); ++i) plan.given.push_back(columns[i]);
    }
    return absl::OkStatus();
  }

  absl::StatusOr<RowEffect> Write(const Mutation::Row& row) override {
    Plan& plan = plans_[row.columns];
    ASSIGN_OR_RETURN(const RowKey key, KeyOf(plan, row));
    RETURN_IF_ERROR(CheckKey(table_, key));
    RETURN_IF_ERROR(CheckEtag(key, row.etag));
    std::optional<Statement>& update = plan.statements[key.by_rowid ? 1 : 0];
    if (!update.has_value()) {
      ASSIGN_OR_RETURN(const std::string sql, MakeSql(plan, !row.key.has_value(), key.by_rowid));
      const bool keep = plans_.size() <= kPlansKept;
      if (!keep && held_ != nullptr) held_->reset();
      ASSIGN_OR_RETURN(update, Prepare(sql, keep));
      held_ = &update;
    }
    update->Reset();
    Bind(plan, row, key, *update);
    const absl::StatusOr<bool> changed =
        mutation_.with_etag && !is_virtual() ? RunAndReadBack(*update) : RunReturning(*update);
    update->Reset();
    RETURN_IF_ERROR(changed.status());
    if (!*changed) return NotChanged(key);
    if (is_virtual() && returns()) {
      ASSIGN_OR_RETURN(const auto after, FindRow(key));
      if (after.has_value()) RETURN_IF_ERROR(PushRow(*after));
    }
    return RowEffect::kUpdated;
  }

 private:
  struct Plan {
    std::vector<const TableColumn*> given;
    ByKey statements;
  };

  static bool InKey(const TableColumn* column) { return column->primary_key_position > 0; }

  // The request's, or what the row's own primary key columns say.
  absl::StatusOr<RowKey> KeyOf(const Plan& plan, const Mutation::Row& row) const {
    if (row.key.has_value()) return *row.key;
    RowKey key;
    for (const int part : table_.primary_key) {
      const TableColumn* const column = &table_.columns[static_cast<size_t>(part)];
      const auto at = std::find(plan.given.begin(), plan.given.end(), column);
      if (at == plan.given.end()) {
        return BadField("objects", absl::StrCat("the row gives no ", column->name,
                                                ", which is of its key, and no key is given"));
      }
      key.parts.emplace_back(row.values[static_cast<size_t>(at - plan.given.begin())]);
    }
    if (key.parts.empty()) {
      return BadField("keys", "the table has no primary key: rows are named by `keys`");
    }
    return key;
  }

  absl::StatusOr<std::string> MakeSql(const Plan& plan, bool key_in_row, bool by_rowid) const {
    std::vector<std::string> sets;
    for (const TableColumn* column : plan.given) {
      if (key_in_row && InKey(column)) continue;
      sets.push_back(absl::StrCat(QuoteIdentifier(column->name), " = ?", sets.size() + 1));
    }
    if (sets.empty()) return BadField("columns", "there is no column to change");
    ASSIGN_OR_RETURN(const std::string test, KeyTest(by_rowid, sets.size() + 1));
    return absl::StrCat("UPDATE ", QuoteIdentifier(table_.name), " SET ", absl::StrJoin(sets, ", "),
                        " WHERE ", test, ReturningClause());
  }

  static void Bind(const Plan& plan, const Mutation::Row& row, const RowKey& key,
                   Statement& update) {
    int next = 1;
    for (size_t i = 0; i < row.values.size(); ++i) {
      if (!row.key.has_value() && InKey(plan.given[i])) continue;
      update.Bind(next++, row.values[i]);
    }
    for (const sqlite::Value& part : key.parts) update.Bind(next++, part.view());
  }

  // An AFTER trigger may change what RETURNING has told, so the row is read again for its etag.
  absl::StatusOr<bool> RunAndReadBack(Statement& update) {
    ASSIGN_OR_RETURN(const bool changed, update.Step());
    if (!changed) return false;
    const TableSql& sql = table_.statements;
    RowKey key;
    if (sql.key.rowid >= 0) {
      key.by_rowid = true;
      key.parts.emplace_back(update.column(sql.key.rowid));
    } else {
      for (const int part : sql.key.parts) key.parts.emplace_back(update.column(part));
    }
    RETURN_IF_ERROR(update.Run());
    ASSIGN_OR_RETURN(const auto after, FindRow(key));
    if (after.has_value()) RETURN_IF_ERROR(PushRow(*after));
    return true;
  }

  // One for each column set.
  std::vector<Plan> plans_;
  std::optional<Statement>* held_ = nullptr;
};

class Deleter : public TableWriter {
 public:
  using TableWriter::TableWriter;

  absl::Status Start() override { return absl::OkStatus(); }

  absl::StatusOr<RowEffect> Write(const Mutation::Row& row) override {
    const RowKey& key = *row.key;
    RETURN_IF_ERROR(CheckKey(table_, key));
    RETURN_IF_ERROR(CheckEtag(key, row.etag));
    std::optional<Statement>& statement = statements_[key.by_rowid ? 1 : 0];
    if (!statement.has_value()) {
      ASSIGN_OR_RETURN(const std::string test, KeyTest(key.by_rowid, 1));
      ASSIGN_OR_RETURN(statement, Prepare(absl::StrCat("DELETE FROM ", QuoteIdentifier(table_.name),
                                                       " WHERE ", test, ReturningClause())));
    }
    if (is_virtual() && returns()) {
      ASSIGN_OR_RETURN(const auto before, FindRow(key));
      if (before.has_value()) RETURN_IF_ERROR(PushRow(*before));
    }
    statement->Reset();
    for (size_t i = 0; i < key.parts.size(); ++i) {
      statement->Bind(static_cast<int>(i) + 1, key.parts[i].view());
    }
    const absl::StatusOr<bool> changed = RunReturning(*statement);
    statement->Reset();
    RETURN_IF_ERROR(changed.status());
    return *changed ? RowEffect::kDeleted : NotChanged(key);
  }

 private:
  ByKey statements_;
};

}  // namespace

std::unique_ptr<TableWriter> MakeUpdater(const Database& database, sqlite::Connection& connection,
                                         const Table& table, const Mutation& mutation,
                                         absl::string_view etag_secret) {
  return std::make_unique<Updater>(database, connection, table, mutation, etag_secret);
}

std::unique_ptr<TableWriter> MakeDeleter(const Database& database, sqlite::Connection& connection,
                                         const Table& table, const Mutation& mutation,
                                         absl::string_view etag_secret) {
  return std::make_unique<Deleter>(database, connection, table, mutation, etag_secret);
}

}  // namespace sluice::engine
