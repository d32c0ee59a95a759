// A file that is written under the name `path.part` and gets its own name when it is whole.
//
// Threads: one, but ReadAt may run beside WriteAt for other bytes. Ownership: until Commit()
// succeeds the `.part` is this object's, which removes it when it goes; a `.part` that another made
// is never touched. Whoever holds its lock writes it, renames it and removes it; nobody else does.
// Errors carry the reason LOCAL_FILE; their messages name the path, which is the caller's own.
//
// A part beside a file that it is to replace is its owner's alone, and gets that file's mode at the
// end.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace sluice::client {

// FAILED_PRECONDITION for a file that is neither empty nor an SQLite database; OK where there is
// none.
absl::Status CheckIsDatabase(const std::string& path);

class PartFile {
 public:
  // ALREADY_EXISTS when the file, or its `.part`, is there and `overwrite` is not set, and when a
  // process has the `.part` in use; FAILED_PRECONDITION when `path` is no ordinary file or has a
  // `-wal` or `-journal` beside it.
  static absl::StatusOr<PartFile> Create(const std::string& path, bool overwrite);
  // The same, but with the `.part` that a process before has left, if there is one; ALREADY_EXISTS
  // when a process has it in use.
  static absl::StatusOr<PartFile> Resume(const std::string& path, bool overwrite);
  ~PartFile();
  PartFile(PartFile&& other) noexcept;
  PartFile& operator=(PartFile&&) = delete;

  // Behind what was written last.
  absl::Status Write(absl::string_view bytes);
  absl::Status WriteAt(int64_t offset, absl::string_view bytes);
  // The bytes at `offset`; fewer than asked for at the end.
  absl::StatusOr<size_t> ReadAt(int64_t offset, char* bytes, size_t count) const;
  absl::StatusOr<int64_t> SizeBytes() const;
  absl::Status Resize(int64_t size_bytes);
  // Makes the bytes those of another file.
  absl::Status CopyFrom(const std::string& path);
  // Leaves the `.part` behind when this object goes.
  void Keep() { keep_ = true; }
  // Whether a process before has left something in it.
  bool found() const { return found_; }

  // Puts the bytes on the disk, gives the file its name and puts that on the disk too.
  absl::Status Commit();

 private:
  PartFile(std::string path, bool overwrite, int descriptor);

  // Opens the `.part` and takes its lock; ALREADY_EXISTS when it is in use.
  static absl::StatusOr<PartFile> Lock(const std::string& path, bool overwrite, int flags);

  // Whether the part's name still stands for this file.
  bool IsOurs() const;
  absl::Status Rename() const;

  std::string path_;
  std::string part_path_;
  bool overwrite_;
  int descriptor_;
  int64_t written_ = 0;
  bool keep_ = false;
  bool found_ = false;
  bool committed_ = false;
};

}  // namespace sluice::client
