// Rows as packed columns, written by hand from the cursor: the same bytes that the generated
// classes would serialise.
#pragma once

#include <string>
#include <vector>

#include "server/sqlite/value.h"
#include "server/wire/message_encoder.h"

namespace sluice::wire {

// Writes `repeated Column` and one PackedRows field of a response message. Each column grows in a
// buffer of its own; EndRows puts them together.
class ColumnsEncoder final : public MessageEncoder {
 public:
  ColumnsEncoder(int columns_field, int packed_field)
      : MessageEncoder(columns_field), packed_field_(packed_field) {}

  absl::Status OnRow(const engine::RowView& row) override;
  void Clear() override;
  // A row counts for a byte at least: one of NULLs alone takes none, and a chunk must end.
  size_t bytes() const override { return buffer_.size() + packed_bytes_ + row_count_; }
  void EndRows() override;

 private:
  // One PackedColumn in the making.
  struct Column {
    // Of the array; NULL as long as every value was.
    sqlite::StorageClass array_class = sqlite::StorageClass::kNull;
    // The array's elements, with their tags where it is not a packed one.
    Buffer array;
    Buffer nulls;
    Buffer other_rows;
    // With their tags.
    Buffer others;

    void Clear();
    size_t Size() const;
    void AppendTo(Buffer& out) const;
  };

  void Add(Column& column, const sqlite::ValueView& value);
  // Chooses the array by the column's first value; the rows so far are NULL.
  void Begin(Column& column, sqlite::StorageClass array_class);
  void AddElement(Column& column, const sqlite::ValueView& value);
  void AddPlaceholder(Column& column);
  void AddOther(Column& column, const sqlite::ValueView& value);

  const int packed_field_;
  uint32_t row_count_ = 0;
  std::vector<Column> columns_;
  // With their tags.
  Buffer keys_;
  size_t packed_bytes_ = 0;
  // Of the row being written; kept for its memory.
  std::string key_;
};

}  // namespace sluice::wire
