#include "server/engine/staging_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "server/base/error.h"
#include "server/base/status.h"

namespace sluice::engine {
namespace {

absl::Status DiskError(int error) {
  if (error == ENOSPC || error == EDQUOT) {
    return Error(absl::StatusCode::kResourceExhausted, reason::kDiskFull,
                 "the disk is full; nothing was kept");
  }
  return Error(absl::StatusCode::kUnavailable, reason::kNotServed,
               absl::StrCat("rows cannot be staged beside the database: ", std::strerror(error)));
}

absl::Status WriteAt(int descriptor, absl::string_view bytes, int64_t at) {
  while (!bytes.empty()) {
    const ssize_t count = pwrite(descriptor, bytes.data(), bytes.size(), at);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return DiskError(count < 0 ? errno : ENOSPC);
    bytes.remove_prefix(static_cast<size_t>(count));
    at += count;
  }
  return absl::OkStatus();
}

absl::Status ReadAt(int descriptor, char* out, size_t size, int64_t at) {
  while (size > 0) {
    const ssize_t count = pread(descriptor, out, size, at);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return DiskError(count < 0 ? errno : EIO);
    out += count;
    at += count;
    size -= static_cast<size_t>(count);
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::unique_ptr<StagingFile>> StagingFile::Create(const std::string& folder) {
  // Hidden, so that it is taken for no database while it has a name.
  std::string name = absl::StrCat(folder, "/.sluice-load-XXXXXX");
  const int descriptor = mkostemp(name.data(), O_CLOEXEC);
  if (descriptor < 0) return DiskError(errno);
  unlink(name.c_str());
  return std::unique_ptr<StagingFile>(new StagingFile(descriptor));
}

StagingFile::~StagingFile() { close(descriptor_); }

absl::Status StagingFile::Append(absl::string_view record) {
  const uint64_t size = record.size();
  char head[sizeof(size)];
  std::memcpy(head, &size, sizeof(size));
  RETURN_IF_ERROR(WriteAt(descriptor_, absl::string_view(head, sizeof(head)), written_));
  RETURN_IF_ERROR(WriteAt(descriptor_, record, written_ + static_cast<int64_t>(sizeof(head))));
  written_ += static_cast<int64_t>(sizeof(head) + record.size());
  bytes_ += static_cast<int64_t>(record.size());
  return absl::OkStatus();
}

absl::StatusOr<bool> StagingFile::Read(std::string* record) {
  if (read_at_ == written_) return false;
  uint64_t size = 0;
  char head[sizeof(size)];
  RETURN_IF_ERROR(ReadAt(descriptor_, head, sizeof(head), read_at_));
  std::memcpy(&size, head, sizeof(size));
  record->resize(size);
  RETURN_IF_ERROR(
      ReadAt(descriptor_, record->data(), size, read_at_ + static_cast<int64_t>(sizeof(head))));
  read_at_ += static_cast<int64_t>(sizeof(head) + size);
  return true;
}

}  // namespace sluice::engine
