#include "server/engine/query.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "server/base/error.h"
#include "server/base/limits.h"
#include "server/base/status.h"

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
  RETURN_IF_ERROR(cursor->Bind(spec));
  return cursor;
}

absl::Status Cursor::Bind(const QuerySpec& spec) {
  const int count = statement_.parameter_count();
  const bool named = !spec.parameters.empty() && !spec.parameters[0].name.empty();
  if (!named) {
    if (static_cast<size_t>(count) != spec.parameters.size()) {
      return BadField("params", absl::StrCat("the statement has ", count, " parameters and ",
                                             spec.parameters.size(), " were given"));
    }
    for (int i = 0; i < count; ++i)
      statement_.Bind(i + 1, spec.parameters[static_cast<size_t>(i)].value);
    return absl::OkStatus();
  }
  size_t used = 0;
  for (int i = 1; i <= count; ++i) {
    const absl::string_view name = statement_.parameter_name(i);
    if (name.empty())
      return BadField("named_params", "the statement has a parameter without a name");
    const absl::string_view bare = name.substr(1);
    const auto given =
        std::find_if(spec.parameters.begin(), spec.parameters.end(),
                     [&](const QuerySpec::Parameter& parameter) { return parameter.name == bare; });
    if (given == spec.parameters.end()) {
      return BadField("named_params", absl::StrCat("the parameter ", name, " was not given"));
    }
    statement_.Bind(i, given->value);
    ++used;
  }
  if (used < spec.parameters.size()) {
    return BadField("named_params", "a parameter was given that the statement does not have");
  }
  return absl::OkStatus();
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
