// The pages of a live database as of one moment: the bytes of a file that holds exactly that state.
#pragma once

#include <cstdint>

#include "absl/status/statusor.h"
#include "server/sqlite/pool.h"

namespace sluice::sqlite {

// Holds a read connection and an open read transaction: writers go on, but the write-ahead log
// cannot be cut behind it. Page 1 says rollback journal instead of WAL (bytes 18 and 19 of its
// header are 1), so that the copy opens anywhere, read-only folders included. Not thread-safe.
class PageReader {
 public:
  // `interrupt` is looked at by every Read; its flag must outlive the reader.
  static absl::StatusOr<PageReader> Open(ReadLease lease, const Interrupt& interrupt);
  PageReader(PageReader&&) noexcept = default;

  int32_t page_size_bytes() const { return page_size_bytes_; }
  int64_t page_count() const { return page_count_; }
  int64_t size_bytes() const { return page_count_ * page_size_bytes_; }
  // Whatever else is to be read as of the same moment.
  Connection& connection() { return *lease_; }

  // Copies the next whole pages that fit into `capacity` bytes (at least one page). 0 at the end.
  // DATA_LOSS when the file does not hold what its header promises.
  absl::StatusOr<size_t> Read(char* buffer, size_t capacity);
  // Read goes on from this page; 0 for the first. At most page_count().
  void Seek(int64_t page) { next_page_ = page + 1; }

 private:
  explicit PageReader(ReadLease lease) : lease_(std::move(lease)) {}

  ReadLease lease_;
  int32_t page_size_bytes_ = 0;
  int64_t page_count_ = 0;
  int64_t next_page_ = 1;
};

}  // namespace sluice::sqlite
