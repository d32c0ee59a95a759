#include "server/engine/upload_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "server/base/error.h"
#include "server/base/status.h"
#include "server/engine/kept_snapshot.h"

namespace sluice::engine {
namespace {
constexpr char kCannotWrite[] = "the upload cannot be written";
}  // namespace

absl::Status UploadFile::Create(const std::string& path, int64_t size_bytes) {
  // As SQLite makes its files: who may read it is the operator's umask. Its folder is closed.
  const int file = open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
  if (file < 0) return FileError(errno, "a file cannot be made for the upload");
  const UploadFile made(file);
  // The size stays what has been received.
  if (fallocate(file, FALLOC_FL_KEEP_SIZE, 0, size_bytes) == 0) return absl::OkStatus();
  const int error = errno;
  if (error == EOPNOTSUPP || error == ENOSYS || error == EINVAL) return absl::OkStatus();
  unlink(path.c_str());
  return FileError(error, "room cannot be had for the upload");
}

absl::StatusOr<UploadFile> UploadFile::Open(const std::string& path) {
  const int file = open(path.c_str(), O_RDWR | O_CLOEXEC);
  if (file < 0) return FileError(errno, "the upload's file cannot be opened");
  return UploadFile(file);
}

UploadFile::~UploadFile() {
  if (file_ >= 0) close(file_);
}

absl::Status UploadFile::Put(int64_t offset, absl::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t size = pwrite(file_, bytes.data(), bytes.size(), offset);
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) return FileError(errno, kCannotWrite);
    bytes.remove_prefix(static_cast<size_t>(size));
    offset += size;
  }
  return fdatasync(file_) == 0 ? absl::OkStatus() : FileError(errno, kCannotWrite);
}

absl::Status UploadFile::Append(int64_t offset, absl::string_view piece) {
  const absl::Status put = Put(offset, piece);
  // What the caller is told of must be all there is.
  if (!put.ok() && ftruncate(file_, offset) != 0) return FileError(errno, kCannotWrite);
  return put;
}

absl::Status UploadFile::Overwrite(int64_t offset, absl::string_view bytes) {
  return Put(offset, bytes);
}

absl::Status UploadFile::Read(int64_t offset, char* out, size_t count) const {
  while (count > 0) {
    const ssize_t size = pread(file_, out, count, offset);
    if (size < 0 && errno == EINTR) continue;
    if (size <= 0) {
      return Error(absl::StatusCode::kDataLoss, reason::kCorrupt,
                   "the upload's file does not hold what was received");
    }
    out += size;
    offset += size;
    count -= static_cast<size_t>(size);
  }
  return absl::OkStatus();
}

absl::StatusOr<int64_t> UploadFile::SizeBytes() const {
  struct stat status;
  if (fstat(file_, &status) != 0) return FileError(errno, "the upload's file cannot be read");
  return static_cast<int64_t>(status.st_size);
}

}  // namespace sluice::engine
