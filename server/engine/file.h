// Database files as the file system shows them: which there are, whether they are whole, whether
// they are still the ones that were opened. The only part of the server besides SQLite that opens a
// database file, and then only as FileHold.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace sluice::engine {

// Which file it is and how it looked at one moment.
struct FileState {
  uint64_t device = 0;
  uint64_t inode = 0;
  int64_t size_bytes = 0;
  absl::Time modified;

  bool same_file(const FileState& other) const {
    return device == other.device && inode == other.inode;
  }
  bool operator==(const FileState& other) const {
    return same_file(other) && size_bytes == other.size_bytes && modified == other.modified;
  }
};

// NOT_FOUND when there is no regular file at `path`.
absl::StatusOr<FileState> LookAt(const std::string& path);

// The database files of a folder, not of its subfolders, by name: `*.db`, `*.sqlite`, `*.sqlite3`,
// hidden files left out.
std::vector<std::string> ListDatabaseFiles(const std::string& folder);

// "/data/proj.db" -> "proj".
std::string DatabaseName(const std::string& path);

// What the first 100 bytes of a database file say.
struct FileHeader {
  int32_t page_size_bytes = 0;
  // 0 when the header does not tell.
  int64_t page_count = 0;
  uint32_t change_counter = 0;
  bool wal = false;
};
// DATA_LOSS (CORRUPT) when the bytes are not a SQLite header.
absl::StatusOr<FileHeader> ParseHeader(absl::string_view bytes);

// Keeps a database file open for as long as it is served: proof against a second server, and a way
// to look at the file that closes no descriptor. Closing any descriptor of a file drops all of the
// process's POSIX locks on it, SQLite's included; so a hold must be made before SQLite opens the
// file and die after SQLite has closed it. Move-only.
class FileHold {
 public:
  // With `exclusive`, FAILED_PRECONDITION when another server holds the file.
  static absl::StatusOr<FileHold> Open(const std::string& path, bool exclusive);
  FileHold(FileHold&& other) noexcept : file_(other.file_) { other.file_ = -1; }
  FileHold& operator=(FileHold&& other) noexcept;
  ~FileHold();

  // The file that is held, whatever its name is now.
  absl::StatusOr<FileState> Look() const;
  // The header as it is on disk. DATA_LOSS when it is none.
  absl::StatusOr<FileHeader> ReadHeader() const;
  // DATA_LOSS when the file is shorter than its header says. Only of a file that nobody writes: a
  // checkpoint writes the header first and the new pages after it.
  absl::Status CheckLength() const;

 private:
  explicit FileHold(int file) : file_(file) {}
  int file_;
};

}  // namespace sluice::engine
