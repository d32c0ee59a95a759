#include "server/sqlite/pages.h"

#include <cstring>

#include "server/base/check.h"
#include "server/base/error.h"
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
  ASSIGN_OR_RETURN(reader.pages_, reader.lease_->Prepare("SELECT data FROM sqlite_dbpage"));
  return reader;
}

absl::StatusOr<size_t> PageReader::Read(char* buffer, size_t capacity) {
  const size_t page_bytes = static_cast<size_t>(page_size_bytes_);
  CHECK(capacity >= page_bytes);
  // A page takes too few steps of SQLite for its progress handler to be asked each time.
  RETURN_IF_ERROR(lease_->guard().spec().interrupt.Check());
  size_t used = 0;
  while (used + page_bytes <= capacity && next_page_ <= page_count_) {
    ASSIGN_OR_RETURN(const bool row, pages_.Step());
    const absl::string_view page = row ? pages_.column(0).bytes : absl::string_view();
    if (page.size() != page_bytes) {
      return Error(absl::StatusCode::kDataLoss, reason::kCorrupt,
                   "the database file is shorter than its header says");
    }
    std::memcpy(buffer + used, page.data(), page_bytes);
    if (next_page_ == 1) {
      buffer[used + kWriteVersionOffset] = 1;
      buffer[used + kReadVersionOffset] = 1;
    }
    used += page_bytes;
    ++next_page_;
  }
  return used;
}

}  // namespace sluice::sqlite
