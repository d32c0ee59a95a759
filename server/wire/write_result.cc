#include "server/wire/write_result.h"

#include "server/base/error.h"
#include "server/base/status.h"
#include "server/wire/proto_writer.h"
#include "server/wire/utf8.h"
#include "sluice/v1/write.pb.h"

namespace sluice::wire {
namespace {

static_assert(kWriteInsertedCountField == v1::InsertRowsResponse::kInsertedCountFieldNumber);
static_assert(kWriteKeysField == v1::InsertRowsResponse::kKeysFieldNumber);
static_assert(kWriteColumnsField == v1::InsertRowsResponse::kColumnsFieldNumber);
static_assert(kWriteRowsField == v1::InsertRowsResponse::kRowsFieldNumber);
static_assert(kWriteCommitTokenField == v1::InsertRowsResponse::kCommitTokenFieldNumber);
static_assert(kWriteErrorsField == v1::InsertRowsResponse::kErrorsFieldNumber);
static_assert(kWriteUpdatedCountField == v1::UpdateRowsResponse::kUpdatedCountFieldNumber);
static_assert(kWriteIgnoredCountField == v1::InsertRowsResponse::kIgnoredCountFieldNumber);
static_assert(kWriteReplayedField == v1::CommitResponse::kReplayedFieldNumber);
static_assert(kWriteDeletedCountField == v1::DeleteRowsResponse::kDeletedCountFieldNumber);
static_assert(kWriteRowsField == v1::UpdateRowResponse::kRowFieldNumber);

std::string ErrorMessage(const engine::RowFailure& failure) {
  v1::RowError error;
  error.set_row(static_cast<int32_t>(failure.row));
  error.set_code(static_cast<int32_t>(failure.status.code()));
  error.set_reason(ReasonOf(failure.status));
  error.set_message(ReplaceInvalidUtf8(failure.status.message()));
  VisitMetadata(failure.status, [&](absl::string_view key, absl::string_view value) {
    (*error.mutable_metadata())[std::string(key)] = ReplaceInvalidUtf8(value);
  });
  return error.SerializeAsString();
}

}  // namespace

Buffer FinishAnswer(Buffer answer, const std::optional<std::string>& replayed,
                    absl::string_view commit_token, int commit_token_field) {
  if (replayed.has_value()) {
    answer.Append(*replayed);
    PutBool(answer, kWriteReplayedField, true);
  }
  if (!commit_token.empty()) PutBytes(answer, commit_token_field, commit_token);
  return answer;
}

absl::Status WriteResult::OnColumns(const std::vector<engine::ColumnView>& columns) {
  return with_rows_ ? rows_.OnColumns(columns) : absl::OkStatus();
}

absl::Status WriteResult::OnRow(const engine::RowView& row) {
  ++entries_;
  keys_before_ = keys_.keys().size();
  row_bytes_before_ = rows_.bytes();
  RETURN_IF_ERROR(keys_.OnRow(row));
  return with_rows_ ? rows_.OnRow(row) : absl::OkStatus();
}

absl::Status WriteResult::OnNoRow(bool keyed) {
  ++entries_;
  keys_before_ = keys_.keys().size();
  row_bytes_before_ = rows_.bytes();
  if (keyed) keys_.AddNone();
  if (with_rows_) PutBytes(rows_.buffer(), kWriteRowsField, "");
  return absl::OkStatus();
}

void WriteResult::ForgetLast() {
  --entries_;
  keys_.Truncate(keys_before_);
  rows_.buffer().Truncate(row_bytes_before_);
}

void WriteResult::Clear() {
  entries_ = 0;
  keys_.Clear();
  rows_.Clear();
}

void WriteResult::AppendRows(Buffer& out) const { out.Append(rows_.view()); }

void WriteResult::AppendTo(Buffer& out, const engine::MutationOutcome& outcome) const {
  PutInt64(out, kWriteInsertedCountField, outcome.inserted_count);
  for (const std::string& key : keys_.keys()) PutBytes(out, kWriteKeysField, key);
  AppendRows(out);
  for (const engine::RowFailure& failure : outcome.failures) {
    PutBytes(out, kWriteErrorsField, ErrorMessage(failure));
  }
  PutInt64(out, kWriteUpdatedCountField, outcome.updated_count);
  PutInt64(out, kWriteIgnoredCountField, outcome.ignored_count);
  PutInt64(out, kWriteDeletedCountField, outcome.deleted_count);
}

}  // namespace sluice::wire
