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

Cursor::Cursor(std::shared_ptr<Database> database, const QuerySpec& spec,
               const Interrupt& interrupt)
    : database_(std::move(database)),
      interrupt_(interrupt),
      begun_(absl::Now()),
      profile_(spec.known_caller ? sqlite::LimitProfile::kKnownCaller
                                 : sqlite::LimitProfile::kCaller),
      time_max_(std::min(spec.time_max, limits::kStatementTimeMax)) {}

void Cursor::Arm() {
  connection().guard().Arm({.policy = policy_.get(),
                            .interrupt = interrupt_.Within(Deadline::After(time_max_)),
                            .profile = profile_});
}

absl::StatusOr<std::unique_ptr<Cursor>> Cursor::Open(std::shared_ptr<Database> database,
                                                     const QuerySpec& spec,
                                                     const Interrupt& interrupt) {
  auto cursor = std::unique_ptr<Cursor>(new Cursor(std::move(database), spec, interrupt));
  const Interrupt within = interrupt.Within(Deadline::After(cursor->time_max_));
  if (spec.others.empty()) {
    ASSIGN_OR_RETURN(cursor->lease_, cursor->database_->Acquire(interrupt));
    cursor->connection().guard().Arm({.interrupt = within});
  } else {
    ASSIGN_OR_RETURN(cursor->cross_, CrossRead::Open(*cursor->database_, spec.others, within));
  }
  RETURN_IF_ERROR(cursor->Begin());
  cursor->Arm();
  ASSIGN_OR_RETURN(cursor->statement_, cursor->connection().Prepare(spec.sql));
  if (!cursor->statement_.read_only()) return NotReading();
  if (spec.resumable && spec.others.empty()) RETURN_IF_ERROR(cursor->PrepareResume(spec));
  RETURN_IF_ERROR(BindParameters(spec, cursor->statement_));
  return cursor;
}

// The schema that the policy is of is the one that the statement runs under: what SQLite prepares
// anew in a step is not checked.
absl::Status Cursor::Begin() {
  if (cross_ != nullptr) {
    ASSIGN_OR_RETURN(policy_, cross_->Begin());
    return absl::OkStatus();
  }
  RETURN_IF_ERROR(connection().Execute("BEGIN"));
  ASSIGN_OR_RETURN(auto policy, database_->CurrentPolicy(connection()));
  schema_ = policy->schema();
  policy_ = std::move(policy);
  return absl::OkStatus();
}

absl::Status Cursor::PrepareResume(const QuerySpec& spec) {
  ASSIGN_OR_RETURN(key_column_, FindOrderingColumn(connection(), *schema_, statement_));
  if (!spec.resume_after.has_value()) return absl::OkStatus();
  if (!key_column_.has_value()) {
    return BadField("resume_token", "the statement's rows come no longer in the order of a key");
  }
  const std::string sql = ResumedSql(statement_, *key_column_, *spec.resume_after);
  ASSIGN_OR_RETURN(statement_, connection().Prepare(sql));
  return absl::OkStatus();
}

std::optional<ResumePoint> Cursor::position() const {
  if (!first_key_.has_value() || *first_key_ == last_key_) return std::nullopt;
  return ResumePoint{.key = last_key_, .descending = last_key_ < *first_key_};
}

void Cursor::NoteKey() {
  last_key_ = statement_.column(*key_column_).integer;
  if (!first_key_.has_value()) first_key_ = last_key_;
}

absl::Status Cursor::PushColumns(RowSink& sink) {
  std::vector<ColumnView> columns;
  for (int i = 0; i < statement_.column_count(); ++i) {
    columns.push_back({statement_.column_name(i), statement_.column_declared_type(i)});
  }
  columns_pushed_ = true;
  return sink.OnColumns(columns);
}

absl::StatusOr<bool> Cursor::Fill(RowSink& sink, int64_t rows_max, size_t bytes_target,
                                  Deadline flush) {
  Arm();
  if (!columns_pushed_) {
    ASSIGN_OR_RETURN(pending_row_, statement_.Step());
    RETURN_IF_ERROR(PushColumns(sink));
  }
  int64_t pushed = 0;
  while (pending_row_ && pushed < rows_max && sink.bytes() < bytes_target) {
    RETURN_IF_ERROR(sink.OnRow(RowView(statement_, 0, statement_.column_count(), nullptr)));
    ++pushed;
    ++row_count_;
    if (key_column_.has_value()) NoteKey();
    ASSIGN_OR_RETURN(pending_row_, statement_.Step());
    if (connection().guard().TakeProgress() && flush.expired()) break;
  }
  return pending_row_;
}

QueryStats Cursor::stats() const {
  return {
      .row_count = row_count_, .vm_steps = statement_.vm_steps(), .elapsed = absl::Now() - begun_};
}

}  // namespace sluice::engine
