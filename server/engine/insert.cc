#include "server/engine/insert.h"

#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "server/base/error.h"
#include "server/base/status.h"
#include "server/sqlite/quote.h"

namespace sluice::engine {
namespace {

using sqlite::Statement;

absl::Status InRow(absl::Status status, size_t row) {
  return WithMetadata(std::move(status), "row", absl::StrCat(row));
}

absl::Status ReadOnly(absl::string_view what) {
  return Error(absl::StatusCode::kFailedPrecondition, reason::kReadOnly, what);
}

class InsertMember : public WriteMember {
 public:
  InsertMember(Database* database, InsertSpec spec, const Interrupt& interrupt, RowSink* sink,
               InsertDone done)
      : database_(database),
        spec_(std::move(spec)),
        interrupt_(interrupt),
        sink_(sink),
        done_(std::move(done)) {}

  absl::Status Apply(sqlite::Connection& connection) override {
    sink_->Clear();
    inserted_count_ = 0;
    ASSIGN_OR_RETURN(schema_, database_->CurrentSchema(connection));
    ASSIGN_OR_RETURN(table_, FindTable(*schema_, database_->name(), spec_.table));
    RETURN_IF_ERROR(PushColumns());
    std::vector<std::string> statements(spec_.column_sets.size());
    for (size_t i = 0; i < spec_.column_sets.size(); ++i) {
      ASSIGN_OR_RETURN(statements[i], MakeInsert(spec_.column_sets[i]));
    }
    for (size_t i = 0; i < spec_.rows.size(); ++i) {
      const absl::Status status =
          InsertOne(connection, statements[spec_.rows[i].columns], spec_.rows[i]);
      if (!status.ok()) return InRow(status, i);
    }
    return absl::OkStatus();
  }

  size_t bytes() const override { return spec_.bytes; }
  const Interrupt& interrupt() const override { return interrupt_; }

  void Done(const absl::Status& status, const std::string& commit_token) override {
    if (!status.ok()) return done_(status);
    done_(InsertOutcome{.inserted_count = inserted_count_, .commit_token = commit_token});
  }

 private:
  // A virtual table does not know RETURNING.
  bool reads_back() const {
    return table_->kind == TableKind::kVirtual && spec_.returned != InsertSpec::Return::kNone;
  }
  bool returns() const {
    return table_->kind != TableKind::kVirtual && spec_.returned != InsertSpec::Return::kNone &&
           (spec_.returned == InsertSpec::Return::kRows || table_->statements.key.exists());
  }

  absl::Status PushColumns() {
    std::vector<ColumnView> columns;
    if (spec_.returned == InsertSpec::Return::kRows) {
      for (const int shown : table_->statements.shown) {
        const TableColumn& column = table_->columns[static_cast<size_t>(shown)];
        columns.push_back({column.name, column.declared_type});
      }
    }
    return sink_->OnColumns(columns);
  }

  absl::StatusOr<std::string> MakeInsert(const std::vector<absl::string_view>& names) const {
    std::vector<std::string> columns;
    std::vector<std::string> parameters;
    absl::flat_hash_set<std::string> seen;
    for (const absl::string_view name : names) {
      const TableColumn* const column = table_->FindColumn(name);
      if (column == nullptr || column->hidden) {
        return BadField("columns", absl::StrCat("the table has no column ", name));
      }
      if (column->generated != Generated::kNo) {
        return ReadOnly(absl::StrCat("the column ", column->name, " is generated"));
      }
      if (!seen.insert(absl::AsciiStrToLower(name)).second) {
        return BadField("columns", absl::StrCat("the column ", column->name, " is given twice"));
      }
      columns.push_back(sqlite::QuoteIdentifier(column->name));
      parameters.push_back(absl::StrCat("?", columns.size()));
    }
    std::string sql = absl::StrCat("INSERT INTO ", sqlite::QuoteIdentifier(table_->name));
    if (columns.empty()) {
      absl::StrAppend(&sql, " DEFAULT VALUES");
    } else {
      absl::StrAppend(&sql, "(", absl::StrJoin(columns, ", "), ") VALUES (",
                      absl::StrJoin(parameters, ", "), ")");
    }
    if (returns()) absl::StrAppend(&sql, " RETURNING ", table_->statements.returning);
    return sql;
  }

  absl::Status InsertOne(sqlite::Connection& connection, const std::string& sql,
                         const InsertSpec::Row& row) {
    absl::StatusOr<Statement> insert = connection.Prepare(sql);
    if (!insert.ok() && table_->is_view()) return ReadOnly("the view cannot be written");
    RETURN_IF_ERROR(insert.status());
    for (size_t i = 0; i < row.values.size(); ++i) {
      insert->Bind(static_cast<int>(i) + 1, row.values[i]);
    }
    if (returns()) {
      ASSIGN_OR_RETURN(const bool returned, insert->Step());
      if (returned) RETURN_IF_ERROR(PushRow(*insert));
      if (returned) ++inserted_count_;
      return insert->Run();
    }
    RETURN_IF_ERROR(insert->Run());
    // An INSTEAD OF trigger changes other tables; the row counts as added. RAISE(IGNORE) adds none.
    inserted_count_ += table_->is_view() ? 1 : connection.changes();
    return reads_back() ? ReadBack(connection) : absl::OkStatus();
  }

  absl::Status ReadBack(sqlite::Connection& connection) {
    if (table_->statements.get_by_rowid.empty()) return absl::OkStatus();
    ASSIGN_OR_RETURN(Statement select, connection.Prepare(table_->statements.get_by_rowid));
    select.Bind(1, sqlite::ValueView::Integer(connection.last_insert_rowid()));
    ASSIGN_OR_RETURN(const bool row, select.Step());
    return row ? PushRow(select) : absl::OkStatus();
  }

  absl::Status PushRow(const Statement& statement) {
    const TableSql& sql = table_->statements;
    const int count =
        spec_.returned == InsertSpec::Return::kRows ? static_cast<int>(sql.shown.size()) : 0;
    return sink_->OnRow(RowView(statement, sql.lead, count, &sql.key));
  }

  // Not owned: a database answers its writes before it dies, and could not die on its own writer's
  // thread, where this does.
  Database* const database_;
  const InsertSpec spec_;
  const Interrupt interrupt_;
  RowSink* const sink_;
  const InsertDone done_;
  // Of the latest Apply.
  std::shared_ptr<const Schema> schema_;
  const Table* table_ = nullptr;
  int64_t inserted_count_ = 0;
};

}  // namespace

absl::Status SubmitInsert(std::shared_ptr<Database> database, InsertSpec spec,
                          const Interrupt& interrupt, RowSink* sink, InsertDone done) {
  ASSIGN_OR_RETURN(Writer* const writer, database->FindWriter());
  return writer->Submit(std::make_unique<InsertMember>(database.get(), std::move(spec), interrupt,
                                                       sink, std::move(done)));
}

}  // namespace sluice::engine
