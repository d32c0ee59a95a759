#include "server/wire/rows_encoder.h"

#include <cstring>

#include "server/wire/proto_writer.h"
#include "server/wire/row_key.h"
#include "server/wire/utf8.h"

namespace sluice::wire {
namespace {

using sqlite::StorageClass;
using sqlite::ValueView;

// Field numbers of sluice.v1.Value, Row and Column, as the bytes that begin a field.
constexpr char kValueNull = 1 << 3;
constexpr char kValueInteger = 2 << 3;
constexpr char kValueReal = 3 << 3 | 1;
constexpr char kValueText = 4 << 3 | 2;
constexpr char kValueBlob = 5 << 3 | 2;
constexpr char kValueRawText = 6 << 3 | 2;
constexpr char kRowValue = 1 << 3 | 2;
constexpr int kRowKeyField = 2;
constexpr int kRowEtagField = 3;
constexpr int kColumnNameField = 1;
constexpr int kColumnTypeField = 2;
constexpr int kColumnLabelOfField = 3;

// Bytes of the Value message.
size_t ValueSize(const ValueView& value) {
  switch (value.type) {
    case StorageClass::kInteger:
      return 1 + VarintSize(ZigZag(value.integer));
    case StorageClass::kReal:
      return 1 + sizeof(double);
    case StorageClass::kText:
    case StorageClass::kBlob:
      return 1 + VarintSize(value.bytes.size()) + value.bytes.size();
    case StorageClass::kNull:
      return 2;
  }
  return 0;
}

char* WriteValue(char* out, const ValueView& value) {
  switch (value.type) {
    case StorageClass::kInteger:
      *out++ = kValueInteger;
      return WriteVarint(out, ZigZag(value.integer));
    case StorageClass::kReal:
      *out++ = kValueReal;
      std::memcpy(out, &value.real, sizeof(double));
      return out + sizeof(double);
    case StorageClass::kText:
    case StorageClass::kBlob:
      *out++ = value.type == StorageClass::kBlob ? kValueBlob
               : IsValidUtf8(value.bytes)        ? kValueText
                                                 : kValueRawText;
      out = WriteVarint(out, value.bytes.size());
      if (!value.bytes.empty()) std::memcpy(out, value.bytes.data(), value.bytes.size());
      return out + value.bytes.size();
    case StorageClass::kNull:
      *out++ = kValueNull;
      *out++ = 0;
      return out;
  }
  return out;
}

size_t FieldSize(size_t payload) { return 1 + VarintSize(payload) + payload; }

char* WriteBytesField(char* out, int field, absl::string_view bytes) {
  out = WriteVarint(out, Tag(field, WireType::kBytes));
  out = WriteVarint(out, bytes.size());
  std::memcpy(out, bytes.data(), bytes.size());
  return out + bytes.size();
}

}  // namespace

absl::Status RowsEncoder::OnColumns(const std::vector<engine::ColumnView>& columns) {
  for (const engine::ColumnView& column : columns) {
    // Names come from the schema or from the statement, and neither promises UTF-8.
    const std::string name = ReplaceInvalidUtf8(column.name);
    const std::string type = ReplaceInvalidUtf8(column.declared_type);
    const std::string label_of = ReplaceInvalidUtf8(column.label_of);
    Buffer message;
    if (!name.empty()) PutBytes(message, kColumnNameField, name);
    if (!type.empty()) PutBytes(message, kColumnTypeField, type);
    if (!label_of.empty()) PutBytes(message, kColumnLabelOfField, label_of);
    PutBytes(buffer_, columns_field_, message.view());
  }
  return absl::OkStatus();
}

absl::Status RowsEncoder::OnRow(const engine::RowView& row) {
  const size_t count = static_cast<size_t>(row.count());
  values_.resize(count);
  sizes_.resize(count);
  size_t payload = 0;
  for (size_t i = 0; i < count; ++i) {
    values_[i] = row.value(static_cast<int>(i));
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
