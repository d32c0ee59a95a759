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

size_t FieldSize(size_t payload) { return 1 + VarintSize(payload) + payload; }

char* WriteBytesField(char* out, int field, absl::string_view bytes) {
  out = WriteVarint(out, Tag(field, WireType::kBytes));
  out = WriteVarint(out, bytes.size());
  std::memcpy(out, bytes.data(), bytes.size());
  return out + bytes.size();
}

}  // namespace

absl::Status RowsEncoder::OnRow(const engine::RowView& row) {
  const size_t count = static_cast<size_t>(row.count());
  values_.resize(count);
  sizes_.resize(count);
  size_t payload = 0;
  RowLimit limit;
  for (size_t i = 0; i < count; ++i) {
    values_[i] = row.value(static_cast<int>(i));
    RETURN_IF_ERROR(limit.Add(values_[i]));
    sizes_[i] = ValueSize(values_[i]);
    payload += FieldSize(sizes_[i]);
  }
  key_.clear();
  if (row.has_key()) AppendRowKey(key_, row);
  if (!key_.empty()) payload += FieldSize(key_.size());
  if (!row.etag().empty()) payload += FieldSize(row.etag().size());

  char* const begin = buffer_.Reserve(2 * kVarintBytesMax + payload);
  char* out = WriteVarint(begin, Tag(rows_field_, WireType::kBytes));
  out = WriteVarint(out, payload);
  for (size_t i = 0; i < count; ++i) {
    *out++ = kRowValue;
    out = WriteVarint(out, sizes_[i]);
    out = WriteValue(out, values_[i]);
  }
  if (!key_.empty()) out = WriteBytesField(out, kRowKeyField, key_);
  if (!row.etag().empty()) out = WriteBytesField(out, kRowEtagField, row.etag());
  buffer_.Advance(static_cast<size_t>(out - begin));
  return absl::OkStatus();
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
