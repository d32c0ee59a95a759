// Rows as fields of a response message, in one layout or the other.
#pragma once

#include <memory>
#include <utility>
#include <vector>

#include "server/engine/row_sink.h"
#include "server/wire/buffer.h"
#include "sluice/v1/value.pb.h"

namespace sluice::wire {

// Writes `repeated Column` and the rows. The message's other fields go into the buffer between
// EndRows and Take: fields may come in any order on the wire.
class MessageEncoder : public engine::RowSink {
 public:
  explicit MessageEncoder(int columns_field) : columns_field_(columns_field) {}

  absl::Status OnColumns(const std::vector<engine::ColumnView>& columns) override;
  void Clear() override { buffer_.Clear(); }
  size_t bytes() const override { return buffer_.size(); }

  // Brings the rows that were taken into the buffer, all of them. None may follow before Take.
  virtual void EndRows() {}
  Buffer& buffer() { return buffer_; }
  absl::string_view view() const { return buffer_.view(); }
  // Hands over the message and goes on with an empty one of `capacity`.
  Buffer Take(size_t capacity) {
    EndRows();
    return std::exchange(buffer_, Buffer(capacity));
  }

 protected:
  Buffer buffer_;

 private:
  const int columns_field_;
};

// Where a response message has its rows.
struct RowFields {
  int columns;
  int rows;
  int packed;
};

std::unique_ptr<MessageEncoder> MakeEncoder(v1::RowLayout layout, const RowFields& fields);

}  // namespace sluice::wire
