#include "clients/cpp/row_stream.h"

#include <utility>

#include "clients/cpp/row_source.h"

namespace sluice {

RowStream::RowStream(std::unique_ptr<client::RowSource> source) : source_(std::move(source)) {}
RowStream::~RowStream() = default;
RowStream::RowStream(RowStream&&) noexcept = default;
RowStream& RowStream::operator=(RowStream&&) noexcept = default;

const std::vector<Column>& RowStream::columns() const { return source_->columns(); }

const std::optional<QueryStats>& RowStream::stats() const { return source_->stats(); }

absl::StatusOr<std::optional<Row>> RowStream::Next() {
  while (next_ == batch_.size()) {
    if (!status_.ok()) break;
    status_ = Refill();
  }
  if (next_ < batch_.size()) return std::optional<Row>(std::move(batch_[next_++]));
  if (absl::IsOutOfRange(status_)) return std::optional<Row>();
  return status_;
}

// OUT_OF_RANGE stands for the end: no call of ours ends so, and a source that does is at fault.
absl::Status RowStream::Refill() {
  auto batch = source_->NextBatch();
  if (!batch.ok()) {
    return absl::IsOutOfRange(batch.status())
               ? absl::InternalError("the server ended a stream with OUT_OF_RANGE")
               : batch.status();
  }
  if (!batch->has_value()) return absl::OutOfRangeError("end");
  batch_ = *std::move(*batch);
  next_ = 0;
  return absl::OkStatus();
}

}  // namespace sluice
