#include "server/engine/browse.h"

#include <functional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/base/error.h"
#include "server/base/limits.h"
#include "server/base/status.h"
#include "server/engine/etag.h"

namespace sluice::engine {
namespace {

using sqlite::Statement;
using sqlite::StorageClass;
using sqlite::Value;
using sqlite::ValueView;

// A statement over a table, standing on its first row if it has one, and the table as it was then.
struct Started {
  std::shared_ptr<const Schema> schema;
  const Table* table = nullptr;
  Statement statement;
  bool row = false;
};

// Makes the statement's text and binds its parameters. The error ends the request.
using Begin = std::function<absl::StatusOr<Statement>(const Table&)>;

// Starts a statement over `table` under the schema as last seen, and again under the present one
// when the file has changed meanwhile. That costs nothing while it has not: a statement from the
// cache tells when SQLite had to prepare it anew, and only a fresh one asks for the schema's
// version.
absl::StatusOr<Started> StartOn(Database& database, sqlite::Connection& connection,
                                absl::string_view table, const Begin& begin) {
  Started started;
  started.schema = database.CachedSchema();
  for (const bool last : {false, true}) {
    const auto refresh = [&]() -> absl::StatusOr<bool> {
      ASSIGN_OR_RETURN(auto current, database.CurrentSchema(connection));
      const bool changed = current != started.schema;
      started.schema = std::move(current);
      return changed;
    };
    const absl::StatusOr<const Table*> found = FindTable(*started.schema, database.name(), table);
    if (!found.ok()) {
      if (last) return found.status();
      ASSIGN_OR_RETURN(const bool changed, refresh());
      if (!changed) return found.status();
      continue;
    }
    started.table = *found;
    absl::StatusOr<Statement> statement = begin(**found);
    if (!last && (!statement.ok() || statement->fresh())) {
      ASSIGN_OR_RETURN(const bool changed, refresh());
      if (changed) continue;
    }
    RETURN_IF_ERROR(statement.status());
    started.statement = *std::move(statement);
    const absl::StatusOr<bool> row = started.statement.Step();
    if (!last && (!row.ok() || started.statement.reprepared())) {
      ASSIGN_OR_RETURN(const bool changed, refresh());
      if (changed) continue;
    }
    RETURN_IF_ERROR(row.status());
    started.row = *row;
    return started;
  }
  return Error(absl::StatusCode::kUnavailable, reason::kOverloaded, "the schema keeps changing");
}

absl::Status PushColumns(const Table& table, RowSink& sink) {
  std::vector<ColumnView> columns;
  for (const int shown : table.statements.shown) {
    const TableColumn& column = table.columns[static_cast<size_t>(shown)];
    columns.push_back({column.name, column.declared_type});
  }
  return sink.OnColumns(columns);
}

RowView RowOf(const Table& table, const Statement& statement) {
  const TableSql& sql = table.statements;
  return RowView(statement, sql.lead, static_cast<int>(sql.shown.size()), &sql.key);
}

// Equal as SQLite compares without affinity: 1 and 1.0 are, 1 and '1' are not.
bool ComparesEqual(const ValueView& a, const ValueView& b) {
  const auto numeric = [](const ValueView& value) {
    return value.type == StorageClass::kInteger || value.type == StorageClass::kReal;
  };
  if (numeric(a) && numeric(b) && a.type != b.type) {
    const double real = a.type == StorageClass::kReal ? a.real : b.real;
    const int64_t integer = a.type == StorageClass::kReal ? b.integer : a.integer;
    return real >= -9223372036854775808.0 && real < 9223372036854775808.0 &&
           static_cast<int64_t>(real) == integer && static_cast<double>(integer) == real;
  }
  if (a.type != b.type) return false;
  if (a.type == StorageClass::kInteger) return a.integer == b.integer;
  if (a.type == StorageClass::kReal) return a.real == b.real;
  return a.bytes == b.bytes;
}

// The columns of a page's order, as statement columns.
std::vector<int> PositionColumns(const TableSql& sql) {
  if (sql.keyset) return sql.position;
  std::vector<int> all;
  for (size_t i = 0; i < sql.shown.size(); ++i) all.push_back(sql.lead + static_cast<int>(i));
  return all;
}

// Follows the rows of a page to know where it ends.
class PositionTracker {
 public:
  PositionTracker(const TableSql& sql, const std::optional<PagePosition>& after)
      : keyset_(sql.keyset), columns_(PositionColumns(sql)) {
    if (!keyset_ && after.has_value()) position_ = *after;
  }

  void Pass(const Statement& statement) {
    if (!keyset_ && EqualsLast(statement)) {
      ++position_.equal_rows;
      return;
    }
    position_.values.clear();
    for (const int column : columns_) position_.values.emplace_back(statement.column(column));
    position_.equal_rows = 1;
  }
  PagePosition Take() { return std::move(position_); }

 private:
  bool EqualsLast(const Statement& statement) const {
    if (position_.values.size() != columns_.size()) return false;
    for (size_t i = 0; i < columns_.size(); ++i) {
      if (!ComparesEqual(position_.values[i].view(), statement.column(columns_[i]))) return false;
    }
    return true;
  }

  const bool keyset_;
  const std::vector<int> columns_;
  PagePosition position_;
};

absl::StatusOr<Statement> BeginPage(sqlite::Connection& connection, const Table& table,
                                    const PageSpec& spec) {
  const TableSql& sql = table.statements;
  ASSIGN_OR_RETURN(Statement statement,
                   connection.Prepare(spec.after.has_value() ? sql.next_page : sql.first_page));
  statement.Bind(1, ValueView::Integer(spec.rows_max + 1));
  if (!spec.after.has_value()) return statement;
  const std::vector<Value>& values = spec.after->values;
  if (values.size() != PositionColumns(sql).size()) {
    return BadField("page_token", "the table has changed since this token was given");
  }
  for (size_t i = 0; i < values.size(); ++i)
    statement.Bind(static_cast<int>(i) + 2, values[i].view());
  if (!sql.keyset) {
    statement.Bind(static_cast<int>(values.size()) + 2, ValueView::Integer(spec.after->equal_rows));
  }
  return statement;
}

}  // namespace

absl::StatusOr<std::optional<PagePosition>> ListRows(Database& database, const PageSpec& spec,
                                                     const Interrupt& interrupt, RowSink& sink) {
  ASSIGN_OR_RETURN(const sqlite::ReadLease lease, database.Acquire(interrupt));
  lease->guard().Arm({.interrupt = interrupt.Within(Deadline::After(limits::kStatementTimeMax))});
  ASSIGN_OR_RETURN(Started page, StartOn(database, *lease, spec.table, [&](const Table& table) {
                     return BeginPage(*lease, table, spec);
                   }));
  RETURN_IF_ERROR(PushColumns(*page.table, sink));
  PositionTracker tracker(page.table->statements, spec.after);
  for (int64_t pushed = 0; page.row; ++pushed) {
    if (pushed == spec.rows_max || (pushed > 0 && sink.bytes() >= spec.bytes_max)) {
      return tracker.Take();
    }
    RETURN_IF_ERROR(sink.OnRow(RowOf(*page.table, page.statement)));
    tracker.Pass(page.statement);
    ASSIGN_OR_RETURN(page.row, page.statement.Step());
  }
  return std::nullopt;
}

absl::Status GetRow(Database& database, sqlite::ReadLease lease, absl::string_view table,
                    const RowKey& key, absl::string_view etag_secret, const Interrupt& interrupt,
                    RowSink& sink) {
  lease->guard().Arm({.interrupt = interrupt.Within(Deadline::After(limits::kStatementTimeMax))});
  const auto begin = [&](const Table& found) -> absl::StatusOr<Statement> {
    const TableSql& sql = found.statements;
    const std::string& text = key.by_rowid ? sql.get_by_rowid : sql.get_by_key;
    if (text.empty()) {
      return Error(
          absl::StatusCode::kFailedPrecondition, reason::kUnsupported,
          found.is_view() ? "the rows of a view have no keys" : "the rows have no such keys");
    }
    const size_t parts = key.by_rowid ? 1 : sql.key.parts.size();
    if (key.parts.size() != parts) {
      return BadField("key", absl::StrCat("the table's key has ", parts, " parts and this one has ",
                                          key.parts.size()));
    }
    ASSIGN_OR_RETURN(Statement statement, lease->Prepare(text));
    for (size_t i = 0; i < parts; ++i) statement.Bind(static_cast<int>(i) + 1, key.parts[i].view());
    return statement;
  };
  ASSIGN_OR_RETURN(const Started found, StartOn(database, *lease, table, begin));
  if (!found.row) {
    return WithMetadata(WithMetadata(Error(absl::StatusCode::kNotFound, reason::kNoSuchRow,
                                           "no row of the table has this key"),
                                     "database", database.name()),
                        "table", found.table->name);
  }
  RETURN_IF_ERROR(PushColumns(*found.table, sink));
  const RowView row = RowOf(*found.table, found.statement);
  const std::string etag = EtagOf(*found.table, row, etag_secret);
  return sink.OnRow(row.WithEtag(etag));
}

}  // namespace sluice::engine
