#include "server/wire/rows_encoder.h"

#include <cstring>

#include "server/base/status.h"
#include "server/wire/proto_writer.h"
#include "server/wire/row_key.h"
#include "server/wire/row_limit.h"
#include "server/wire/value_bytes.h"

namespace sluice::wire {
namespace {

// Field numbers of sluice.v1.Row.
constexpr char kRowValue = 1 << 3 | 2;
constexpr int kRowKeyField = 2;
constexpr int kRowEtagField = 3;

}  // namespace

absl::Status RowsEncoder::OnRow(const engine::RowView& row) {
  const size_t begin = buffer_.size();
  PutTag(buffer_, rows_field_, WireType::kBytes);
  // The length is known when the row is written. Rows of one result are alike, so the last one says
  // how many bytes it will take.
  const size_t length_at = buffer_.size();
  buffer_.Reserve(length_bytes_);
  buffer_.Advance(length_bytes_);
  if (absl::Status status = PutValues(row); !status.ok()) {
    buffer_.Truncate(begin);
    return status;
  }
  if (row.has_key()) {
    key_.clear();
    AppendRowKey(key_, row);
    if (!key_.empty()) PutBytes(buffer_, kRowKeyField, key_);
  }
  if (!row.etag().empty()) PutBytes(buffer_, kRowEtagField, row.etag());
  FillLength(length_at);
  return absl::OkStatus();
}

absl::Status RowsEncoder::PutValues(const engine::RowView& row) {
  RowLimit limit;
  for (int i = 0; i < row.count(); ++i) {
    const sqlite::ValueView value = row.value(i);
    RETURN_IF_ERROR(limit.Add(value));
    char* const out = buffer_.Reserve(kValueFieldBytesMax + value.bytes.size());
    buffer_.Advance(static_cast<size_t>(WriteValueField(out, kRowValue, value) - out));
  }
  return absl::OkStatus();
}

void RowsEncoder::FillLength(size_t length_at) {
  const size_t payload = buffer_.size() - length_at - length_bytes_;
  const size_t needed = VarintSize(payload);
  if (needed != length_bytes_) {
    buffer_.Reserve(needed);
    std::memmove(buffer_.At(length_at + needed), buffer_.At(length_at + length_bytes_), payload);
    buffer_.Truncate(length_at + needed + payload);
    length_bytes_ = needed;
  }
  WriteVarint(buffer_.At(length_at), payload);
}

absl::Status KeysCollector::OnRow(const engine::RowView& row) {
  if (!row.has_key()) return absl::OkStatus();
  AppendRowKey(keys_.emplace_back(), row);
  bytes_ += keys_.back().size();
  return absl::OkStatus();
}

void KeysCollector::Clear() {
  keys_.clear();
  bytes_ = 0;
}

}  // namespace sluice::wire
