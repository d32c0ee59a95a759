#include "server/engine/query.h"

#include <utility>

#include "absl/time/clock.h"
#include "server/base/error.h"
#include "server/base/limits.h"
#include "server/base/status.h"
#include "server/engine/parameters.h"

namespace sluice::engine {
namespace {

absl::Status NotReading() {
  return Error(absl::StatusCode::kInvalidArgument, reason::kSqlError,
               "this method runs only statements that read");
}

}  // namespace

Cursor::Cursor(std::shared_ptr<Database> database, sqlite::ReadLease lease, const QuerySpec& spec,
               const Interrupt& interrupt)
    : database_(std::move(database)),
      lease_(std::move(lease)),
      interrupt_(interrupt),
      begun_(absl::Now()),
      profile_(spec.known_caller ? sqlite::LimitProfile::kKnownCaller
                                 : sqlite::LimitProfile::kCaller) {}

void Cursor::Arm() {
  lease_->guard().Arm({.policy = policy_.get(),
                       .interrupt = interrupt_.Within(Deadline::After(limits::kStatementTimeMax)),
                       .profile = profile_});
}

absl::StatusOr<std::unique_ptr<Cursor>> Cursor::Open(std::shared_ptr<Database> database,
                                                     const QuerySpec& spec,
                                                     const Interrupt& interrupt) {
  ASSIGN_OR_RETURN(sqlite::ReadLease lease, database->Acquire(interrupt));
  auto cursor =
      std::unique_ptr<Cursor>(new Cursor(std::move(database), std::move(lease), spec, interrupt));
  sqlite::Connection& connection = *cursor->lease_;
  connection.guard().Arm(
      {.interrupt = interrupt.Within(Deadline::After(limits::kStatementTimeMax))});
  ASSIGN_OR_RETURN(cursor->policy_, cursor->database_->CurrentPolicy(connection));
  cursor->Arm();
  ASSIGN_OR_RETURN(cursor->statement_, connection.Prepare(spec.sql));
  if (!cursor->statement_.read_only()) return NotReading();
  RETURN_IF_ERROR(BindParameters(spec, cursor->statement_));
  return cursor;
}

absl::Status Cursor::PushColumns(RowSink& sink) {
  std::vector<ColumnView> columns;
  for (int i = 0; i < statement_.column_count(); ++i) {
    columns.push_back({statement_.column_name(i), statement_.column_declared_type(i)});
  }
  columns_pushed_ = true;
  return sink.OnColumns(columns);
}

absl::StatusOr<bool> Cursor::Fill(RowSink& sink, int64_t rows_max, size_t bytes_target) {
  Arm();
  // The first step comes before the names: when the schema has just changed, it is the step that
  // prepares anew.
  if (!columns_pushed_) {
    ASSIGN_OR_RETURN(pending_row_, statement_.Step());
    RETURN_IF_ERROR(PushColumns(sink));
  }
  int64_t pushed = 0;
  while (pending_row_ && pushed < rows_max && sink.bytes() < bytes_target) {
    RETURN_IF_ERROR(sink.OnRow(RowView(statement_, 0, statement_.column_count(), nullptr)));
    ++pushed;
    ++row_count_;
    ASSIGN_OR_RETURN(pending_row_, statement_.Step());
  }
  return pending_row_;
}

QueryStats Cursor::stats() const {
  return {
      .row_count = row_count_, .vm_steps = statement_.vm_steps(), .elapsed = absl::Now() - begun_};
}

}  // namespace sluice::engine
