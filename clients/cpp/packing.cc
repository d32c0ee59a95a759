#include "clients/cpp/packing.h"

#include <utility>

#include "clients/cpp/conversion.h"
#include "clients/cpp/utf8.h"

namespace sluice::client {
namespace {

// Indexes of Value::Variant that have an array.
constexpr size_t kNone = 0;
constexpr size_t kInteger = 1;
constexpr size_t kReal = 2;
constexpr size_t kText = 3;
constexpr size_t kBlob = 4;

// The array that holds the value; kNone for one that no array can hold.
size_t KindOf(const Value& value) {
  const size_t kind = value.variant().index();
  if (kind > kBlob) return kNone;
  return kind == kText && !IsValidUtf8(*value.text()) ? kNone : kind;
}

}  // namespace

void RowPacker::Add(const std::vector<Value>& row) {
  for (size_t i = 0; i < columns_.size(); ++i) AddValue(row[i], &columns_[i]);
  ++row_count_;
}

void RowPacker::AddFiller(Column* column, size_t count) {
  for (size_t i = 0; i < count; ++i) {
    if (column->kind == kInteger) column->packed.add_integers(0);
    if (column->kind == kReal) column->packed.add_reals(0);
    if (column->kind == kText) column->packed.add_texts();
    if (column->kind == kBlob) column->packed.add_blobs();
  }
}

void RowPacker::AddValue(const Value& value, Column* column) {
  const size_t kind = KindOf(value);
  v1::PackedColumn& packed = column->packed;
  if (column->kind == kNone && kind != kNone) {
    column->kind = kind;
    // What stands before it is listed as an exception.
    AddFiller(column, row_count_);
  }
  bytes_ += 9;
  if (kind != kNone && kind == column->kind) {
    if (kind == kInteger) packed.add_integers(*value.integer());
    if (kind == kReal) packed.add_reals(*value.real());
    if (kind == kText) packed.add_texts(*value.text());
    if (kind == kBlob) packed.add_blobs(value.blob()->bytes);
    if (kind == kText) bytes_ += value.text()->size();
    if (kind == kBlob) bytes_ += value.blob()->bytes.size();
    return;
  }
  AddFiller(column, 1);
  if (value.is_null()) {
    packed.add_nulls(row_count_);
    return;
  }
  packed.add_other_rows(row_count_);
  ToProto(value, packed.add_others());
  bytes_ += packed.others(packed.others_size() - 1).ByteSizeLong();
}

v1::PackedRows RowPacker::Take() {
  v1::PackedRows rows;
  rows.set_row_count(row_count_);
  for (Column& column : columns_) {
    // Exceptions are from an array, so one without any value of its own gets one of zeros.
    if (column.kind == kNone && column.packed.other_rows_size() > 0) {
      column.kind = kInteger;
      AddFiller(&column, row_count_);
    }
    if (column.kind == kNone) column.packed.clear_nulls();
    *rows.add_columns() = std::move(column.packed);
    column = Column();
  }
  row_count_ = 0;
  bytes_ = 0;
  return rows;
}

}  // namespace sluice::client
