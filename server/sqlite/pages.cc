#include "server/sqlite/pages.h"

#include <algorithm>

#include "server/base/check.h"
#include "server/base/status.h"

namespace sluice::sqlite {
namespace {
// File format write and read versions in the header of page 1: 2 for WAL, 1 for a rollback journal.
constexpr size_t kWriteVersionOffset = 18;
constexpr size_t kReadVersionOffset = 19;
}  // namespace

absl::StatusOr<PageReader> PageReader::Open(ReadLease lease, const Interrupt& interrupt) {
  lease->guard().Arm(GuardSpec{.interrupt = interrupt});
  RETURN_IF_ERROR(lease->Execute("BEGIN"));
  PageReader reader(std::move(lease));
  // The first read inside the transaction fixes the moment.
  ASSIGN_OR_RETURN(reader.page_count_, reader.lease_->QueryInteger("PRAGMA page_count"));
  ASSIGN_OR_RETURN(const int64_t page_size, reader.lease_->QueryInteger("PRAGMA page_size"));
  reader.page_size_bytes_ = static_cast<int32_t>(page_size);
  return reader;
}

absl::StatusOr<size_t> PageReader::Read(char* buffer, size_t capacity) {
  const size_t page_bytes = static_cast<size_t>(page_size_bytes_);
  CHECK(capacity >= page_bytes);
  RETURN_IF_ERROR(lease_->guard().spec().interrupt.Check());
  const int64_t count =
      std::min(static_cast<int64_t>(capacity / page_bytes), page_count_ - (next_page_ - 1));
  if (count <= 0) return 0;
  RETURN_IF_ERROR(lease_->ReadPages(static_cast<uint32_t>(next_page_), static_cast<uint32_t>(count),
                                    page_size_bytes_, buffer));
  if (next_page_ == 1) {
    buffer[kWriteVersionOffset] = 1;
    buffer[kReadVersionOffset] = 1;
  }
  next_page_ += count;
  return static_cast<size_t>(count) * page_bytes;
}

}  // namespace sluice::sqlite
