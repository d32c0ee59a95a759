// The bytes of an upload on the disk.
#pragma once

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace sluice::engine {

// One at a time for each file.
class UploadFile {
 public:
  // Makes an empty file that has room for `size_bytes`. RESOURCE_EXHAUSTED (DISK_FULL).
  static absl::Status Create(const std::string& path, int64_t size_bytes);
  static absl::StatusOr<UploadFile> Open(const std::string& path);
  UploadFile(UploadFile&& other) noexcept : file_(other.file_) { other.file_ = -1; }
  UploadFile& operator=(UploadFile&&) = delete;
  ~UploadFile();

  // Durable when it returns; after an error the file ends where the piece was to begin.
  absl::Status Append(int64_t offset, absl::string_view piece);
  // Exactly `count` bytes; DATA_LOSS when they are not there.
  absl::Status Read(int64_t offset, char* out, size_t count) const;
  // Overwrites in place, durably.
  absl::Status Overwrite(int64_t offset, absl::string_view bytes);
  absl::StatusOr<int64_t> SizeBytes() const;

 private:
  explicit UploadFile(int file) : file_(file) {}
  absl::Status Put(int64_t offset, absl::string_view bytes);
  int file_;
};

}  // namespace sluice::engine
