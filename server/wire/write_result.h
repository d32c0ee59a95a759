// What a write answers of its rows, as protobuf bytes.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "server/engine/mutation.h"
#include "server/wire/buffer.h"
#include "server/wire/rows_encoder.h"

namespace sluice::wire {

// The fields of a write's answer; sluice/v1/write.proto gives them the same numbers in every
// message that has them.
inline constexpr int kWriteInsertedCountField = 1;
inline constexpr int kWriteKeysField = 2;
inline constexpr int kWriteColumnsField = 3;
inline constexpr int kWriteRowsField = 4;
inline constexpr int kWriteCommitTokenField = 5;
inline constexpr int kWriteErrorsField = 6;
inline constexpr int kWriteUpdatedCountField = 7;
inline constexpr int kWriteIgnoredCountField = 8;
inline constexpr int kWriteReplayedField = 9;
inline constexpr int kWriteDeletedCountField = 10;

// Adds to an answer what became known last: that it is an earlier one, which then takes its place,
// and the commit token, in this field.
Buffer FinishAnswer(Buffer answer, const std::optional<std::string>& replayed,
                    absl::string_view commit_token,
                    int commit_token_field = kWriteCommitTokenField);

// Collects the keys and the rows of one mutation. Keys stand in the rows too: rows are encoded once
// and their keys collected beside.
class WriteResult : public engine::WriteSink {
 public:
  explicit WriteResult(engine::Mutation::Return returned)
      : with_rows_(returned == engine::Mutation::Return::kRows) {}

  absl::Status OnColumns(const std::vector<engine::ColumnView>& columns) override;
  absl::Status OnRow(const engine::RowView& row) override;
  absl::Status OnNoRow(bool keyed) override;
  void ForgetLast() override;
  size_t entries() const override { return entries_; }
  void Clear() override;
  size_t bytes() const override { return keys_.bytes() + rows_.bytes(); }

  // The columns and the rows, or the one row.
  void AppendRows(Buffer& out) const;
  // All of it: counts, keys, rows, and the rows that failed.
  void AppendTo(Buffer& out, const engine::MutationOutcome& outcome) const;

 private:
  const bool with_rows_;
  size_t entries_ = 0;
  // Before the last entry.
  size_t keys_before_ = 0;
  size_t row_bytes_before_ = 0;
  KeysCollector keys_;
  RowsEncoder rows_{kWriteColumnsField, kWriteRowsField};
};

}  // namespace sluice::wire
