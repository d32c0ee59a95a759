#include "server/wire/columns_encoder.h"

#include <cstring>

#include "server/base/status.h"
#include "server/wire/proto_writer.h"
#include "server/wire/row_key.h"
#include "server/wire/row_limit.h"
#include "server/wire/utf8.h"
#include "server/wire/value_bytes.h"

namespace sluice::wire {
namespace {

using sqlite::StorageClass;
using sqlite::ValueView;
using Packed = v1::PackedColumn;

constexpr char kTextTag = Packed::kTextsFieldNumber << 3 | 2;
constexpr char kBlobTag = Packed::kBlobsFieldNumber << 3 | 2;
constexpr char kOtherTag = Packed::kOthersFieldNumber << 3 | 2;
constexpr char kKeyTag = v1::PackedRows::kKeysFieldNumber << 3 | 2;

// Bytes of a field whose payload is `size` long; all tags here are one byte.
size_t FieldSize(size_t size) { return 1 + VarintSize(size) + size; }
size_t ArraySize(const Buffer& elements) {
  return elements.empty() ? 0 : FieldSize(elements.size());
}

void PutArray(Buffer& out, int field, const Buffer& elements) {
  if (!elements.empty()) PutBytes(out, field, elements.view());
}

bool HasTags(StorageClass array_class) {
  return array_class == StorageClass::kText || array_class == StorageClass::kBlob;
}

// Each adds to `out` and gives how many bytes that took.
size_t AddVarint(Buffer& out, uint64_t value) {
  char* const begin = out.Reserve(kVarintBytesMax);
  const auto size = static_cast<size_t>(WriteVarint(begin, value) - begin);
  out.Advance(size);
  return size;
}

size_t AddReal(Buffer& out, double value) {
  std::memcpy(out.Reserve(sizeof(value)), &value, sizeof(value));
  out.Advance(sizeof(value));
  return sizeof(value);
}

size_t AddBytes(Buffer& out, char tag, absl::string_view bytes) {
  char* const begin = out.Reserve(1 + kVarintBytesMax + bytes.size());
  char* end = begin;
  *end++ = tag;
  end = WriteVarint(end, bytes.size());
  if (!bytes.empty()) std::memcpy(end, bytes.data(), bytes.size());
  const auto size = static_cast<size_t>(end - begin) + bytes.size();
  out.Advance(size);
  return size;
}

}  // namespace

void ColumnsEncoder::Column::Clear() {
  array_class = StorageClass::kNull;
  for (Buffer* buffer : {&array, &nulls, &other_rows, &others}) buffer->Clear();
}

size_t ColumnsEncoder::Column::Size() const {
  return (HasTags(array_class) ? array.size() : ArraySize(array)) + ArraySize(nulls) +
         ArraySize(other_rows) + others.size();
}

void ColumnsEncoder::Column::AppendTo(Buffer& out) const {
  if (HasTags(array_class)) {
    out.Append(array.view());
  } else {
    PutArray(out,
             array_class == StorageClass::kReal ? Packed::kRealsFieldNumber
                                                : Packed::kIntegersFieldNumber,
             array);
  }
  PutArray(out, Packed::kNullsFieldNumber, nulls);
  PutArray(out, Packed::kOtherRowsFieldNumber, other_rows);
  out.Append(others.view());
}

absl::Status ColumnsEncoder::OnRow(const engine::RowView& row) {
  const auto count = static_cast<size_t>(row.count());
  if (columns_.size() != count) columns_.resize(count);
  RowLimit limit;
  for (size_t i = 0; i < count; ++i) {
    const ValueView value = row.value(static_cast<int>(i));
    RETURN_IF_ERROR(limit.Add(value));
    Add(columns_[i], value);
  }
  if (row.has_key()) {
    key_.clear();
    AppendRowKey(key_, row);
    packed_bytes_ += AddBytes(keys_, kKeyTag, key_);
  }
  ++row_count_;
  return absl::OkStatus();
}

void ColumnsEncoder::Add(Column& column, const ValueView& value) {
  if (value.type == StorageClass::kNull) {
    if (column.array_class == StorageClass::kNull) return;
    AddPlaceholder(column);
    packed_bytes_ += AddVarint(column.nulls, row_count_);
    return;
  }
  if (column.array_class == StorageClass::kNull) Begin(column, value.type);
  if (value.type == column.array_class &&
      (value.type != StorageClass::kText || IsValidUtf8(value.bytes))) {
    AddElement(column, value);
  } else {
    AddPlaceholder(column);
    AddOther(column, value);
  }
}

void ColumnsEncoder::Begin(Column& column, StorageClass array_class) {
  column.array_class = array_class;
  for (uint32_t row = 0; row < row_count_; ++row) {
    AddPlaceholder(column);
    packed_bytes_ += AddVarint(column.nulls, row);
  }
}

void ColumnsEncoder::AddElement(Column& column, const ValueView& value) {
  switch (value.type) {
    case StorageClass::kInteger:
      packed_bytes_ += AddVarint(column.array, ZigZag(value.integer));
      break;
    case StorageClass::kReal:
      packed_bytes_ += AddReal(column.array, value.real);
      break;
    case StorageClass::kText:
      packed_bytes_ += AddBytes(column.array, kTextTag, value.bytes);
      break;
    case StorageClass::kBlob:
      packed_bytes_ += AddBytes(column.array, kBlobTag, value.bytes);
      break;
    case StorageClass::kNull:
      break;
  }
}

void ColumnsEncoder::AddPlaceholder(Column& column) {
  ValueView empty;
  empty.type = column.array_class;
  AddElement(column, empty);
}

void ColumnsEncoder::AddOther(Column& column, const ValueView& value) {
  packed_bytes_ += AddVarint(column.other_rows, row_count_);
  char* const begin = column.others.Reserve(kValueFieldBytesMax + value.bytes.size());
  const auto size = static_cast<size_t>(WriteValueField(begin, kOtherTag, value) - begin);
  column.others.Advance(size);
  packed_bytes_ += size;
}

void ColumnsEncoder::EndRows() {
  if (row_count_ == 0) return;
  size_t size = 1 + VarintSize(row_count_) + keys_.size();
  for (const Column& column : columns_) size += FieldSize(column.Size());
  // At once, so that the chunk is copied only once.
  buffer_.Reserve(2 * kVarintBytesMax + size);
  PutTag(buffer_, packed_field_, WireType::kBytes);
  PutVarint(buffer_, size);
  PutInt64(buffer_, v1::PackedRows::kRowCountFieldNumber, row_count_);
  for (Column& column : columns_) {
    PutTag(buffer_, v1::PackedRows::kColumnsFieldNumber, WireType::kBytes);
    PutVarint(buffer_, column.Size());
    column.AppendTo(buffer_);
    column.Clear();
  }
  buffer_.Append(keys_.view());
  keys_.Clear();
  row_count_ = 0;
  packed_bytes_ = 0;
}

void ColumnsEncoder::Clear() {
  MessageEncoder::Clear();
  for (Column& column : columns_) column.Clear();
  keys_.Clear();
  row_count_ = 0;
  packed_bytes_ = 0;
}

}  // namespace sluice::wire
