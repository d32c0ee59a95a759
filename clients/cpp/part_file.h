// A file that is written under the name `path.part` and gets its own name when it is whole.
//
// Threads: one, but ReadAt may run beside WriteAt for other bytes. Ownership: until Commit()
// succeeds the `.part` is this object's, which removes it when it goes; a `.part` that another made
// is never touched. Errors carry the reason LOCAL_FILE; their messages name the path, which is the
// caller's own.
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
  // ALREADY_EXISTS when the file, or its `.part`, is there and `overwrite` is not set;
  // FAILED_PRECONDITION when `path` is no ordinary file or has a `-wal` or `-journal` beside it.
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

  // Puts the bytes on the disk, gives the file its name and puts that on the disk too.
  absl::Status Commit();

 private:
  PartFile(std::string path, bool overwrite, int descriptor);

  absl::Status Rename() const;

  std::string path_;
  std::string part_path_;
  bool overwrite_;
  int descriptor_;
  int64_t written_ = 0;
  bool keep_ = false;
  bool committed_ = false;
};

}  // namespace sluice::client
