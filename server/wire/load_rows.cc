#include "server/wire/load_rows.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/base/error.h"
#include "server/base/limits.h"
#include "server/base/status.h"
#include "server/wire/values.h"

namespace sluice::wire {
namespace {

using sqlite::ValueView;

int ArraySize(const v1::PackedColumn& column) {
  return column.integers_size() + column.reals_size() + column.texts_size() + column.blobs_size();
}

int ArrayCount(const v1::PackedColumn& column) {
  return (column.integers_size() > 0 ? 1 : 0) + (column.reals_size() > 0 ? 1 : 0) +
         (column.texts_size() > 0 ? 1 : 0) + (column.blobs_size() > 0 ? 1 : 0);
}

bool Ascend(const google::protobuf::RepeatedField<uint32_t>& rows, uint32_t end) {
  for (int i = 0; i < rows.size(); ++i) {
    if (rows[i] >= end || (i > 0 && rows[i] <= rows[i - 1])) return false;
  }
  return true;
}

absl::Status CheckColumn(const v1::PackedColumn& column, uint32_t rows, const std::string& field) {
  const int arrays = ArrayCount(column);
  if (arrays > 1) return BadField(field, "has more than one array");
  if (arrays == 1 && static_cast<uint32_t>(ArraySize(column)) != rows) {
    return BadField(field, absl::StrCat("has ", ArraySize(column), " values for ", rows, " rows"));
  }
  if (arrays == 0 && column.nulls_size() + column.other_rows_size() > 0) {
    return BadField(field, "has exceptions from no array");
  }
  if (!Ascend(column.nulls(), rows)) return BadField(field + ".nulls", "are no ascending rows");
  if (!Ascend(column.other_rows(), rows)) {
    return BadField(field + ".other_rows", "are no ascending rows");
  }
  if (column.other_rows_size() != column.others_size()) {
    return BadField(field + ".others", "are not one for each of other_rows");
  }
  return absl::OkStatus();
}

absl::Status CheckPacked(const v1::PackedRows& packed, int columns) {
  if (packed.keys_size() > 0) return BadField("packed.keys", "rows to load have none");
  if (packed.columns_size() != columns) {
    return BadField("packed.columns", absl::StrCat("there are ", packed.columns_size(), " and ",
                                                   columns, " were named"));
  }
  for (int i = 0; i < packed.columns_size(); ++i) {
    RETURN_IF_ERROR(CheckColumn(packed.columns(i), packed.row_count(),
                                absl::StrCat("packed.columns[", i, "]")));
  }
  return absl::OkStatus();
}

}  // namespace

int64_t LoadRowCount(const v1::LoadRowsRequest& message) {
  return message.has_packed() ? int64_t{message.packed().row_count()} : message.rows_size();
}

absl::Status CheckLoadRows(const v1::LoadRowsRequest& message, int columns) {
  if (message.has_packed() && message.rows_size() > 0) {
    return BadField("packed", "rows come by row or by column, not both");
  }
  if (LoadRowCount(message) > limits::kLoadMessageRowsMax) {
    return BadField(message.has_packed() ? "packed.row_count" : "rows",
                    absl::StrCat("at most ", limits::kLoadMessageRowsMax, " are allowed"));
  }
  if (message.has_packed()) return CheckPacked(message.packed(), columns);
  for (int i = 0; i < message.rows_size(); ++i) {
    const v1::Row& row = message.rows(i);
    if (row.values_size() != columns) {
      return BadField(absl::StrCat("rows[", i, "]"),
                      absl::StrCat("has ", row.values_size(), " values for ", columns, " columns"));
    }
    if (!row.key().empty() || !row.etag().empty()) {
      return BadField(absl::StrCat("rows[", i, "]"), "a row to load has neither key nor etag");
    }
  }
  return absl::OkStatus();
}

LoadRowsReader::LoadRowsReader(const v1::LoadRowsRequest& message, int64_t skip)
    : message_(message),
      count_(LoadRowCount(message)),
      next_(skip),
      columns_(static_cast<size_t>(message.packed().columns_size())) {
  for (size_t i = 0; i < columns_.size(); ++i) {
    const v1::PackedColumn& column = message.packed().columns(static_cast<int>(i));
    const auto place = [&](const auto& rows) {
      return static_cast<int>(
          std::lower_bound(rows.begin(), rows.end(), static_cast<uint32_t>(skip)) - rows.begin());
    };
    columns_[i] = {.next_null = place(column.nulls()), .next_other = place(column.other_rows())};
  }
}

absl::StatusOr<bool> LoadRowsReader::Next(std::vector<ValueView>* values) {
  if (next_ == count_) return false;
  values->clear();
  RETURN_IF_ERROR(message_.has_packed() ? ReadPacked(values) : ReadRow(values));
  ++next_;
  return true;
}

absl::Status LoadRowsReader::ReadRow(std::vector<ValueView>* values) const {
  for (const v1::Value& value : message_.rows(static_cast<int>(next_)).values()) {
    ASSIGN_OR_RETURN(const ValueView parsed, ParseValue(value, "rows.values"));
    values->push_back(parsed);
  }
  return absl::OkStatus();
}

absl::Status LoadRowsReader::ReadPacked(std::vector<ValueView>* values) {
  for (size_t i = 0; i < columns_.size(); ++i) {
    ASSIGN_OR_RETURN(const ValueView value,
                     ReadPacked(message_.packed().columns(static_cast<int>(i)), &columns_[i]));
    values->push_back(value);
  }
  return absl::OkStatus();
}

absl::StatusOr<ValueView> LoadRowsReader::ReadPacked(const v1::PackedColumn& column,
                                                     Column* read) const {
  const auto row = static_cast<int>(next_);
  const auto is_next = [row](const auto& rows, int next) {
    return next < rows.size() && rows[next] == static_cast<uint32_t>(row);
  };
  if (is_next(column.nulls(), read->next_null)) {
    ++read->next_null;
    return ValueView::Null();
  }
  if (is_next(column.other_rows(), read->next_other)) {
    return ParseValue(column.others(read->next_other++), "packed.columns.others");
  }
  if (column.integers_size() > 0) return ValueView::Integer(column.integers(row));
  if (column.texts_size() > 0) return ValueView::Text(column.texts(row));
  if (column.blobs_size() > 0) return ValueView::Blob(column.blobs(row));
  if (column.reals_size() == 0) return ValueView::Null();
  const double real = column.reals(row);
  if (real != real) return BadField("packed.columns.reals", "is not a number");
  return ValueView::Real(real);
}

void LoadBatch::Add(std::unique_ptr<v1::LoadRowsRequest> message, int64_t skip,
                    std::shared_ptr<const void> place) {
  bytes_ += message->ByteSizeLong();
  row_count_ += LoadRowCount(*message) - skip;
  parts_.push_back({std::move(message), skip, std::move(place)});
}

absl::Status LoadBatch::Rewind() {
  part_ = 0;
  reader_ = nullptr;
  return absl::OkStatus();
}

absl::StatusOr<bool> LoadBatch::Next(std::vector<ValueView>* values) {
  while (part_ < parts_.size()) {
    if (reader_ == nullptr) {
      reader_ = std::make_unique<LoadRowsReader>(*parts_[part_].message, parts_[part_].skip);
    }
    ASSIGN_OR_RETURN(const bool row, reader_->Next(values));
    if (row) return true;
    reader_ = nullptr;
    ++part_;
  }
  return false;
}

absl::Status StagedLoad::Add(const std::string& folder, absl::string_view message, int64_t rows) {
  if (file_ == nullptr) {
    ASSIGN_OR_RETURN(file_, engine::StagingFile::Create(folder));
  }
  if (file_->bytes() + static_cast<int64_t>(message.size()) > limits::kAtomicLoadBytesMax) {
    return WithMetadata(Error(absl::StatusCode::kResourceExhausted, reason::kLimit,
                              "more rows than fit one transaction: load them in parts"),
                        "limit", absl::StrCat(limits::kAtomicLoadBytesMax));
  }
  message_bytes_max_ = std::max(message_bytes_max_, message.size());
  row_count_ += rows;
  return file_->Append(message);
}

absl::Status StagedLoad::Rewind() {
  if (file_ != nullptr) file_->Rewind();
  reader_ = nullptr;
  return absl::OkStatus();
}

absl::StatusOr<bool> StagedLoad::Next(std::vector<ValueView>* values) {
  while (file_ != nullptr) {
    if (reader_ != nullptr) {
      ASSIGN_OR_RETURN(const bool row, reader_->Next(values));
      if (row) return true;
      reader_ = nullptr;
    }
    ASSIGN_OR_RETURN(const bool more, file_->Read(&record_));
    if (!more) break;
    if (!message_.ParseFromString(record_)) return absl::InternalError("a staged row is damaged");
    reader_ = std::make_unique<LoadRowsReader>(message_, 0);
  }
  return false;
}

}  // namespace sluice::wire
