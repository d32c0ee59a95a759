// A file that is written under the name `path.part` and gets its own name when it is whole.
//
// Threads: one. Ownership: until Commit() succeeds the `.part` is this object's, which removes it
// when it goes; a `.part` that another made is never touched. Errors carry the reason LOCAL_FILE;
// their messages name the path, which is the caller's own.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace sluice::client {

class PartFile {
 public:
  // ALREADY_EXISTS when the file, or its `.part`, is there and `overwrite` is not set;
  // FAILED_PRECONDITION when `path` is no ordinary file or has a `-wal` or `-journal` beside it.
  static absl::StatusOr<PartFile> Create(const std::string& path, bool overwrite);
  ~PartFile();
  PartFile(PartFile&& other) noexcept;
  PartFile& operator=(PartFile&&) = delete;

  absl::Status Write(absl::string_view bytes);

  // Puts the bytes on the disk, gives the file its name and puts that on the disk too.
  absl::Status Commit();

 private:
  PartFile(std::string path, bool overwrite, int descriptor);

  absl::Status Rename() const;

  std::string path_;
  std::string part_path_;
  bool overwrite_;
  int descriptor_;
  bool committed_ = false;
};

}  // namespace sluice::client
