#include "server/engine/file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "server/base/error.h"
#include "server/base/status.h"

namespace sluice::engine {
namespace {

constexpr size_t kHeaderBytes = 100;
constexpr absl::string_view kMagic("SQLite format 3\0", 16);

FileState StateOf(const struct stat& status) {
  return {.device = status.st_dev,
          .inode = status.st_ino,
          .size_bytes = status.st_size,
          .modified = absl::TimeFromTimespec(status.st_mtim)};
}

uint32_t BigEndian(absl::string_view bytes, size_t offset, size_t count) {
  uint32_t value = 0;
  for (size_t i = 0; i < count; ++i) {
    value = value << 8 | static_cast<unsigned char>(bytes[offset + i]);
  }
  return value;
}

absl::Status NotADatabase(absl::string_view what) {
  return Error(absl::StatusCode::kDataLoss, reason::kCorrupt, what);
}

}  // namespace

absl::StatusOr<FileState> LookAt(const std::string& path) {
  struct stat status;
  if (stat(path.c_str(), &status) != 0 || !S_ISREG(status.st_mode)) {
    return absl::NotFoundError("there is no such file");
  }
  return StateOf(status);
}

std::vector<std::string> ListDatabaseFiles(const std::string& folder) {
  std::vector<std::string> paths;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    const std::string name = entry.path().filename();
    if (absl::StartsWith(name, ".") || !entry.is_regular_file(error)) continue;
    if (absl::EndsWith(name, ".db") || absl::EndsWith(name, ".sqlite") ||
        absl::EndsWith(name, ".sqlite3")) {
      paths.push_back(entry.path());
    }
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

std::string DatabaseName(const std::string& path) {
  return std::filesystem::path(path).stem().string();
}

absl::StatusOr<FileHeader> ParseHeader(absl::string_view bytes) {
  if (bytes.size() < kHeaderBytes) return NotADatabase("the file is too short to be a database");
  if (!absl::StartsWith(bytes, kMagic)) return NotADatabase("the file is not a SQLite database");
  FileHeader header;
  const uint32_t page_size = BigEndian(bytes, 16, 2);
  header.page_size_bytes = page_size == 1 ? 65536 : static_cast<int32_t>(page_size);
  if (header.page_size_bytes < 512 ||
      (header.page_size_bytes & (header.page_size_bytes - 1)) != 0) {
    return NotADatabase("the file's header has no valid page size");
  }
  header.wal = bytes[18] == 2;
  header.change_counter = BigEndian(bytes, 24, 4);
  // The page count is that of the last writer that knew this field.
  if (header.change_counter == BigEndian(bytes, 92, 4)) header.page_count = BigEndian(bytes, 28, 4);
  return header;
}

absl::StatusOr<FileHold> FileHold::Open(const std::string& path, bool exclusive) {
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) {
    return Error(
        absl::StatusCode::kUnavailable, reason::kNotServed,
        errno == EACCES ? "the server may not read the file" : "the file cannot be opened");
  }
  FileHold hold(file);
  if (exclusive && flock(file, LOCK_EX | LOCK_NB) != 0) {
    return Error(absl::StatusCode::kFailedPrecondition, reason::kNotServed,
                 "another sluiced serves this file for writing");
  }
  return hold;
}

FileHold& FileHold::operator=(FileHold&& other) noexcept {
  std::swap(file_, other.file_);
  return *this;
}

FileHold::~FileHold() {
  if (file_ >= 0) close(file_);
}

absl::StatusOr<FileState> FileHold::Look() const {
  struct stat status;
  if (fstat(file_, &status) != 0) return absl::NotFoundError("the file is gone");
  return StateOf(status);
}

absl::StatusOr<FileHeader> FileHold::ReadHeader() const {
  char bytes[kHeaderBytes];
  const ssize_t size = pread(file_, bytes, sizeof(bytes), 0);
  return ParseHeader({bytes, static_cast<size_t>(std::max<ssize_t>(size, 0))});
}

absl::Status FileHold::CheckLength() const {
  ASSIGN_OR_RETURN(const FileHeader header, ReadHeader());
  ASSIGN_OR_RETURN(const FileState state, Look());
  if (header.page_count * header.page_size_bytes <= state.size_bytes) return absl::OkStatus();
  return NotADatabase("the file is shorter than its header says; it may be half copied");
}

}  // namespace sluice::engine
