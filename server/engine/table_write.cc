#include "server/engine/table_write.h"

#include "absl/container/flat_hash_set.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "server/base/error.h"
#include "server/base/limits.h"
#include "server/base/status.h"
#include "server/engine/etag.h"
#include "server/engine/key_check.h"
#include "server/sqlite/quote.h"

namespace sluice::engine {

using sqlite::Statement;

absl::Status Conflict(absl::string_view what) {
  return Error(absl::StatusCode::kAborted, reason::kConflict, what);
}

bool IsFaultOfRow(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kAlreadyExists:
    case absl::StatusCode::kFailedPrecondition:
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kNotFound:
    case absl::StatusCode::kAborted:
      return true;
    case absl::StatusCode::kResourceExhausted:
      return ReasonOf(status) == reason::kLimit;
    default:
      return false;
  }
}

void Count(RowEffect effect, MutationOutcome* outcome) {
  switch (effect) {
    case RowEffect::kInserted:
      ++outcome->inserted_count;
      break;
    case RowEffect::kUpdated:
      ++outcome->updated_count;
      break;
    case RowEffect::kDeleted:
      ++outcome->deleted_count;
      break;
    case RowEffect::kIgnored:
      ++outcome->ignored_count;
      break;
  }
}

absl::StatusOr<RowEffect> WriteInSavepoint(sqlite::Connection& connection, TableWriter& writer,
                                           const Mutation::Row& row) {
  RETURN_IF_ERROR(connection.Execute("SAVEPOINT row"));
  absl::StatusOr<RowEffect> effect = writer.Write(row);
  // The row has ended the whole transaction.
  if (connection.autocommit()) return effect;
  absl::Status ended;
  if (!effect.ok()) ended = connection.Execute("ROLLBACK TO row");
  if (ended.ok()) ended = connection.Execute("RELEASE row");
  // What the row did can no longer be told from the others': the whole transaction goes.
  if (!ended.ok()) {
    connection.Execute("ROLLBACK").IgnoreError();
    return ended;
  }
  return effect;
}

absl::Status FlushVirtualTables(sqlite::Connection& connection) {
  RETURN_IF_ERROR(connection.Execute("SAVEPOINT flush"));
  return connection.Execute("RELEASE flush");
}

absl::Status CheckReturnedBytes(const WriteSink& sink) {
  return sink.entries() > 1 ? CheckAnswerBytes(sink.bytes()) : absl::OkStatus();
}

absl::StatusOr<std::optional<Statement>> SelectByKey(sqlite::Connection& connection,
                                                     const Table& table, const RowKey& key) {
  RETURN_IF_ERROR(CheckKey(table, key));
  const TableSql& sql = table.statements;
  ASSIGN_OR_RETURN(Statement select,
                   connection.Prepare(key.by_rowid ? sql.get_by_rowid : sql.get_by_key));
  for (size_t i = 0; i < key.parts.size(); ++i) {
    select.Bind(static_cast<int>(i) + 1, key.parts[i].view());
  }
  ASSIGN_OR_RETURN(const bool row, select.Step());
  if (!row) return std::nullopt;
  return select;
}

std::string EtagAt(const Table& table, const Statement& statement, absl::string_view secret) {
  const TableSql& sql = table.statements;
  return EtagOf(table, RowView(statement, sql.lead, static_cast<int>(sql.shown.size()), &sql.key),
                secret);
}

std::string TableStatements::ReturningClause() const {
  if (is_virtual() || !returns()) return "";
  return absl::StrCat(" RETURNING ", table_.statements.returning);
}

absl::StatusOr<std::string> TableStatements::KeyTest(bool by_rowid, size_t first) const {
  const std::vector<std::string>& columns = table_.statements.key_columns;
  if (by_rowid || columns.empty()) return absl::StrCat(table_.rowid_name, " = ?", first);
  std::vector<std::string> tests;
  for (const std::string& column : columns) {
    tests.push_back(absl::StrCat(column, " = ?", first + tests.size()));
  }
  return absl::StrJoin(tests, " AND ");
}

absl::StatusOr<std::vector<const TableColumn*>> TableStatements::WritableColumns(
    const std::vector<absl::string_view>& names) const {
  std::vector<const TableColumn*> columns;
  absl::flat_hash_set<const TableColumn*> seen;
  for (const absl::string_view name : names) {
    const TableColumn* const column = table_.FindColumn(name);
    if (column == nullptr || column->hidden) {
      return BadField("columns", absl::StrCat("the table has no column ", name));
    }
    if (column->generated != Generated::kNo) {
      return Error(absl::StatusCode::kFailedPrecondition, reason::kReadOnly,
                   absl::StrCat("the column ", column->name, " is generated"));
    }
    if (!seen.insert(column).second) {
      return BadField("columns", absl::StrCat("the column ", column->name, " is given twice"));
    }
    columns.push_back(column);
  }
  return columns;
}

absl::StatusOr<Statement> TableStatements::Prepare(const std::string& sql, bool keep) {
  absl::StatusOr<Statement> statement =
      keep ? connection_.Prepare(sql) : connection_.PrepareUncached(sql);
  if (table_.is_view() && ReasonOf(statement.status()) == reason::kSqlError) {
    return Error(absl::StatusCode::kFailedPrecondition, reason::kReadOnly,
                 "the view cannot be written");
  }
  return statement;
}

absl::StatusOr<bool> TableStatements::RunReturning(Statement& statement) {
  if (!is_virtual() && returns()) {
    ASSIGN_OR_RETURN(const bool row, statement.Step());
    if (row) RETURN_IF_ERROR(PushRow(statement));
    RETURN_IF_ERROR(statement.Run());
    return row;
  }
  RETURN_IF_ERROR(statement.Run());
  // An INSTEAD OF trigger changes other tables; the view's row counts as changed.
  return table_.is_view() || connection_.changes() > 0;
}

absl::StatusOr<std::optional<Statement>> TableStatements::FindRow(const RowKey& key) {
  return SelectByKey(connection_, table_, key);
}

absl::Status TableStatements::CheckEtag(const RowKey& key, absl::string_view etag) {
  if (etag.empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(const auto row, FindRow(key));
  if (!row.has_value()) return NoSuchRow();
  if (EtagAt(table_, *row, etag_secret_) == etag) return absl::OkStatus();
  return Conflict("the row has changed since its etag was read");
}

absl::StatusOr<RowEffect> TableStatements::NotChanged(const RowKey& key) {
  if (mutation_.allow_missing) return RowEffect::kIgnored;
  ASSIGN_OR_RETURN(const auto row, FindRow(key));
  if (row.has_value()) return RowEffect::kIgnored;
  return NoSuchRow();
}

absl::Status TableStatements::NoSuchRow() const {
  return WithMetadata(WithMetadata(Error(absl::StatusCode::kNotFound, reason::kNoSuchRow,
                                         "no row of the table has this key"),
                                   "database", database_.name()),
                      "table", table_.name);
}

absl::Status TableStatements::PushRow(const Statement& statement) {
  const TableSql& sql = table_.statements;
  const bool rows = mutation_.returned == Mutation::Return::kRows;
  const int count = rows ? static_cast<int>(sql.shown.size()) : 0;
  const RowView row(statement, sql.lead, count, &sql.key);
  if (!mutation_.with_etag || !rows) return mutation_.sink->OnRow(row);
  const std::string etag = EtagOf(table_, row, etag_secret_);
  return mutation_.sink->OnRow(row.WithEtag(etag));
}

}  // namespace sluice::engine
