// Bytes that wait on the disk until they are used. The file has no name once it is made, so that it
// is gone with the process.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace sluice::engine {

// Records, first written and then read in their order. Not thread-safe.
class StagingFile {
 public:
  // In this folder. RESOURCE_EXHAUSTED (DISK_FULL), UNAVAILABLE (NOT_SERVED) for any other error.
  static absl::StatusOr<std::unique_ptr<StagingFile>> Create(const std::string& folder);
  ~StagingFile();
  StagingFile(const StagingFile&) = delete;
  StagingFile& operator=(const StagingFile&) = delete;

  absl::Status Append(absl::string_view record);
  // Of all records.
  int64_t bytes() const { return bytes_; }

  void Rewind() { read_at_ = 0; }
  // The next record; false after the last.
  absl::StatusOr<bool> Read(std::string* record);

 private:
  explicit StagingFile(int descriptor) : descriptor_(descriptor) {}

  const int descriptor_;
  int64_t bytes_ = 0;
  int64_t written_ = 0;
  int64_t read_at_ = 0;
};

}  // namespace sluice::engine
