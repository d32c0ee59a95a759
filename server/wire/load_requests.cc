#include "server/wire/load_requests.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/base/error.h"
#include "server/base/limits.h"
#include "server/base/status.h"
#include "server/wire/load_rows.h"
#include "server/wire/mutations.h"
#include "server/wire/utf8.h"
#include "server/wire/write_requests.h"

namespace sluice::wire {
namespace {

absl::StatusOr<bool> ParseAtomic(const v1::LoadRowsStart& start) {
  switch (start.mode()) {
    case v1::LOAD_MODE_UNSPECIFIED:
    case v1::LOAD_MODE_DURABLE:
      if (!start.validate_only()) return false;
      return BadField("start.validate_only", "goes with LOAD_MODE_ATOMIC only");
    case v1::LOAD_MODE_ATOMIC:
      if (start.rows_per_commit() == 0) return true;
      return BadField("start.rows_per_commit", "goes with LOAD_MODE_DURABLE only");
    default:
      return BadField("start.mode", "is not one of LOAD_MODE_DURABLE, LOAD_MODE_ATOMIC");
  }
}

absl::StatusOr<int64_t> ParseRowsPerPart(int32_t rows) {
  if (rows == 0) return limits::kLoadPartRowsDefault;
  if (rows > 0 && rows <= limits::kLoadPartRowsMax) return rows;
  return BadField("start.rows_per_commit",
                  absl::StrCat("must be from 1 to ", limits::kLoadPartRowsMax));
}

void FillError(const engine::RowFailure& failure, v1::LoadError* error) {
  error->set_row(static_cast<int64_t>(failure.row));
  error->set_code(static_cast<int32_t>(failure.status.code()));
  error->set_reason(ReasonOf(failure.status));
  error->set_message(ReplaceInvalidUtf8(failure.status.message()));
  VisitMetadata(failure.status, [&](absl::string_view key, absl::string_view value) {
    (*error->mutable_metadata())[std::string(key)] = ReplaceInvalidUtf8(value);
  });
}

}  // namespace

absl::StatusOr<ParsedLoad> ParseLoadStart(const v1::LoadRowsRequest& first,
                                          const std::string& caller) {
  if (!first.has_start()) return BadField("start", "must be in the first message");
  const v1::LoadRowsStart& start = first.start();
  if (start.load_id().size() > limits::kRequestIdBytesMax) {
    return BadField("start.load_id",
                    absl::StrCat("is longer than ", limits::kRequestIdBytesMax, " bytes"));
  }
  if (start.columns_size() == 0) return BadField("start.columns", "are none");
  ParsedLoad load;
  load.columns = start.columns_size();
  ASSIGN_OR_RETURN(load.spec.atomic, ParseAtomic(start));
  ASSIGN_OR_RETURN(load.rows_per_part, ParseRowsPerPart(start.rows_per_commit()));
  engine::Mutation& mutation = load.spec.mutation;
  mutation.table = start.table();
  mutation.returned = engine::Mutation::Return::kNone;
  mutation.column_sets.emplace_back(start.columns().begin(), start.columns().end());
  ASSIGN_OR_RETURN(mutation.missing_is_null, ParseMissing(start.missing_columns()));
  if (start.has_on_conflict()) {
    ASSIGN_OR_RETURN(mutation.conflict, ParseConflict(start.on_conflict()));
  }
  using Action = engine::ConflictPolicy::Action;
  load.updates =
      mutation.conflict.action == Action::kReplace || mutation.conflict.action == Action::kUpdate;
  load.spec.continue_on_error = start.continue_on_error();
  load.spec.kept.validate_only = start.validate_only();
  ASSIGN_OR_RETURN(load.spec.kept.durability, ParseDurability(start.durability()));
  // How large the parts are is no part of what is loaded: whoever finds that they take too long
  // resumes with smaller ones.
  v1::LoadRowsStart what = start;
  what.clear_rows_per_commit();
  ASSIGN_OR_RETURN(load.spec.kept.receipt, ParseReceiptKey(what, start.load_id(), caller));
  return load;
}

absl::StatusOr<int64_t> RowsToSkip(const v1::LoadRowsRequest& message, int64_t next,
                                   std::optional<int64_t> previous_end) {
  const int64_t count = LoadRowCount(message);
  const int64_t first = message.first_row();
  if (first < 0) return BadField("first_row", "is negative");
  if (count == 0) return 0;
  if (previous_end.has_value() && first != *previous_end) {
    return BadField(
        "first_row",
        absl::StrCat("is not where the message before has ended, which is ", *previous_end));
  }
  if (first > next) {
    return BadField("first_row", absl::StrCat("leaves a gap: row ", next, " is expected"));
  }
  return std::min(count, next - first);
}

v1::LoadRowsResponse MakeLoadAnswer(const engine::LoadOutcome& outcome) {
  v1::LoadRowsResponse response;
  const engine::LoadProgress& progress = outcome.progress;
  response.set_acknowledged_rows(progress.rows);
  response.set_inserted_count(progress.inserted);
  response.set_updated_count(progress.updated);
  response.set_ignored_count(progress.ignored);
  response.set_failed_count(progress.failed);
  response.set_commit_token(outcome.commit_token);
  response.set_done(progress.done);
  for (const engine::RowFailure& failure : outcome.failures) {
    FillError(failure, response.add_errors());
  }
  return response;
}

}  // namespace sluice::wire
