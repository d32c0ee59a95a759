#include "clients/cpp/part_file.h"

#include <fcntl.h>
#include <linux/fs.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "clients/cpp/error_details.h"
#include "clients/cpp/rpc_status.h"

namespace sluice::client {
namespace {

absl::Status FileError(absl::StatusCode code, const std::string& path, absl::string_view what) {
  return ClientError(code, client_reason::kLocalFile, absl::StrCat(path, ": ", what));
}

absl::StatusCode CodeOf(int error) {
  switch (error) {
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
      return absl::StatusCode::kResourceExhausted;
    case EEXIST:
      return absl::StatusCode::kAlreadyExists;
    case EIO:
      return absl::StatusCode::kDataLoss;
    default:
      return absl::StatusCode::kFailedPrecondition;
  }
}

absl::Status SystemError(int error, const std::string& path, absl::string_view verb) {
  return FileError(CodeOf(error), path, absl::StrCat("cannot ", verb, ": ", std::strerror(error)));
}

bool Exists(const std::string& path) {
  struct stat found{};
  return lstat(path.c_str(), &found) == 0;
}

// Whether a file of this name may come to be here.
absl::Status CheckPlace(const std::string& path, bool overwrite) {
  struct stat found{};
  if (stat(path.c_str(), &found) == 0) {
    if (!S_ISREG(found.st_mode)) {
      return FileError(absl::StatusCode::kFailedPrecondition, path, "is not an ordinary file");
    }
    if (!overwrite) return FileError(absl::StatusCode::kAlreadyExists, path, "exists already");
  }
  for (const char* suffix : {"-wal", "-journal"}) {
    if (!Exists(path + suffix)) continue;
    return FileError(
        absl::StatusCode::kFailedPrecondition, path + suffix,
        "lies beside the file, so that the file may be a database in use; SQLite would "
        "mix it into the new one");
  }
  return absl::OkStatus();
}

// Makes the change of a name durable. A folder that cannot be synced is no error: some file systems
// do not offer it.
void SyncFolder(const std::string& path) {
  const std::filesystem::path parent = std::filesystem::path(path).parent_path();
  const std::filesystem::path folder = parent.empty() ? std::filesystem::path(".") : parent;
  const int descriptor = open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return;
  static_cast<void>(fsync(descriptor));
  close(descriptor);
}

}  // namespace

absl::Status CheckIsDatabase(const std::string& path) {
  constexpr absl::string_view kMagic("SQLite format 3\0", 16);
  const int descriptor = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  // Whoever needs it will say why there is none.
  if (descriptor < 0) return absl::OkStatus();
  char header[kMagic.size()];
  const ssize_t size = pread(descriptor, header, sizeof(header), 0);
  close(descriptor);
  if (size == 0 || (size == sizeof(header) && absl::string_view(header, kMagic.size()) == kMagic)) {
    return absl::OkStatus();
  }
  return FileError(absl::StatusCode::kFailedPrecondition, path,
                   "is no SQLite database, and would be lost");
}

absl::StatusOr<PartFile> PartFile::Create(const std::string& path, bool overwrite) {
  if (path.empty()) return absl::InvalidArgumentError("a download needs the name of a file");
  if (auto status = CheckPlace(path, overwrite); !status.ok()) return status;
  const std::string part_path = path + ".part";
  if (!overwrite || !Exists(part_path)) return Lock(path, overwrite, O_CREAT | O_EXCL);
  // An abandoned `.part` is replaced, not written over: another may read it. Its lock is held until
  // there is another under its name, so that of two who find it one goes on.
  auto stale = Lock(path, overwrite, 0);
  if (!stale.ok()) return std::move(stale).status();
  if (unlink(part_path.c_str()) != 0) return SystemError(errno, part_path, "replace the file");
  return Lock(path, overwrite, O_CREAT | O_EXCL);
}

absl::StatusOr<PartFile> PartFile::Resume(const std::string& path, bool overwrite) {
  if (path.empty()) return absl::InvalidArgumentError("a download needs the name of a file");
  if (auto status = CheckPlace(path, overwrite); !status.ok()) return status;
  auto file = Lock(path, overwrite, O_CREAT);
  if (!file.ok()) return file;
  const auto size = file->SizeBytes();
  file->found_ = size.ok() && *size > 0;
  return file;
}

absl::StatusOr<PartFile> PartFile::Lock(const std::string& path, bool overwrite, int flags) {
  const std::string part_path = path + ".part";
  const bool replaces = Exists(path);
  const int descriptor =
      open(part_path.c_str(), flags | O_RDWR | O_NOFOLLOW | O_CLOEXEC, replaces ? 0600 : 0666);
  if (descriptor < 0) return SystemError(errno, part_path, "open the file");
  PartFile file(path, overwrite, descriptor);
  // Where the file system cannot lock, nobody can tell. Whoever held it may have finished, or given
  // up and removed it, a moment ago.
  if ((flock(descriptor, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) || !file.IsOurs()) {
    file.Keep();
    return FileError(absl::StatusCode::kAlreadyExists, part_path, "is being written by another");
  }
  // One that was left may be open to more; where modes are not kept, nothing can be done.
  if (replaces) static_cast<void>(fchmod(descriptor, 0600));
  return file;
}

PartFile::PartFile(std::string path, bool overwrite, int descriptor)
    : path_(std::move(path)),
      part_path_(path_ + ".part"),
      overwrite_(overwrite),
      descriptor_(descriptor) {}

PartFile::PartFile(PartFile&& other) noexcept
    : path_(std::move(other.path_)),
      part_path_(std::move(other.part_path_)),
      overwrite_(other.overwrite_),
      descriptor_(std::exchange(other.descriptor_, -1)),
      written_(other.written_),
      keep_(other.keep_),
      found_(other.found_),
      committed_(other.committed_) {}

PartFile::~PartFile() {
  if (descriptor_ < 0) return;
  if (!committed_ && !keep_ && IsOurs()) unlink(part_path_.c_str());
  close(descriptor_);
}

bool PartFile::IsOurs() const {
  struct stat opened{};
  struct stat named{};
  return fstat(descriptor_, &opened) == 0 && lstat(part_path_.c_str(), &named) == 0 &&
         opened.st_ino == named.st_ino && opened.st_dev == named.st_dev;
}

absl::Status PartFile::Write(absl::string_view bytes) {
  auto status = WriteAt(written_, bytes);
  if (status.ok()) written_ += static_cast<int64_t>(bytes.size());
  return status;
}

absl::Status PartFile::WriteAt(int64_t offset, absl::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = pwrite(descriptor_, bytes.data(), bytes.size(), offset);
    if (written < 0) {
      if (errno == EINTR) continue;
      return SystemError(errno, part_path_, "write");
    }
    offset += written;
    bytes.remove_prefix(static_cast<size_t>(written));
  }
  return absl::OkStatus();
}

absl::StatusOr<size_t> PartFile::ReadAt(int64_t offset, char* bytes, size_t count) const {
  size_t used = 0;
  while (used < count) {
    const ssize_t size =
        pread(descriptor_, bytes + used, count - used, offset + static_cast<int64_t>(used));
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) return SystemError(errno, part_path_, "read");
    if (size == 0) break;
    used += static_cast<size_t>(size);
  }
  return used;
}

absl::StatusOr<int64_t> PartFile::SizeBytes() const {
  struct stat found{};
  if (fstat(descriptor_, &found) != 0) return SystemError(errno, part_path_, "look at");
  return found.st_size;
}

absl::Status PartFile::Resize(int64_t size_bytes) {
  written_ = size_bytes;
  if (ftruncate(descriptor_, size_bytes) == 0) return absl::OkStatus();
  return SystemError(errno, part_path_, "resize");
}

absl::Status PartFile::CopyFrom(const std::string& path) {
  const int from = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (from < 0) return SystemError(errno, path, "open the file");
  // Some file systems share the bytes until one of the two is written.
  bool copied = ioctl(descriptor_, FICLONE, from) == 0;
  std::vector<char> piece(copied ? 0 : size_t{1} << 20);
  absl::Status status;
  for (int64_t offset = 0; !copied && status.ok();) {
    const ssize_t size = pread(from, piece.data(), piece.size(), offset);
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) status = SystemError(errno, path, "read");
    if (size > 0) status = WriteAt(offset, {piece.data(), static_cast<size_t>(size)});
    copied = size == 0;
    offset += size;
  }
  close(from);
  return status;
}

absl::Status PartFile::Commit() {
  // A log may have appeared meanwhile.
  if (auto status = CheckPlace(path_, overwrite_); !status.ok()) return status;
  // If it fails, the file is open to its owner alone.
  struct stat replaced{};
  if (stat(path_.c_str(), &replaced) == 0) {
    static_cast<void>(fchmod(descriptor_, replaced.st_mode & 0777));
  }
  if (fsync(descriptor_) != 0) return SystemError(errno, part_path_, "sync");
  if (!IsOurs()) return FileError(absl::StatusCode::kAborted, part_path_, "was taken by another");
  if (auto status = Rename(); !status.ok()) return status;
  committed_ = true;
  SyncFolder(path_);
  return absl::OkStatus();
}

absl::Status PartFile::Rename() const {
  if (!overwrite_) {
    if (renameat2(AT_FDCWD, part_path_.c_str(), AT_FDCWD, path_.c_str(), RENAME_NOREPLACE) == 0) {
      return absl::OkStatus();
    }
    // Some file systems know only the plain call; CheckPlace has looked a moment ago.
    if (errno != EINVAL && errno != ENOSYS) return SystemError(errno, path_, "rename to it");
  }
  if (rename(part_path_.c_str(), path_.c_str()) == 0) return absl::OkStatus();
  return SystemError(errno, path_, "rename to it");
}

}  // namespace sluice::client
