#include "clients/cpp/cli/input_bytes.h"

#include <sys/stat.h>

#include <cerrno>
#include <cstring>

#include "absl/strings/str_cat.h"

namespace sluice::cli {
namespace {

constexpr size_t kBlockBytes = size_t{256} << 10;

}  // namespace

InputBytes::InputBytes(std::FILE* file, bool close)
    : file_(file), close_(close), buffer_(kBlockBytes, '\0') {
  struct stat info;
  if (fstat(fileno(file_), &info) == 0 && S_ISREG(info.st_mode)) total_ = info.st_size;
}

absl::StatusOr<std::unique_ptr<InputBytes>> InputBytes::Open(const std::string& path) {
  if (path == "-") return std::unique_ptr<InputBytes>(new InputBytes(stdin, false));
  std::FILE* const file = std::fopen(path.c_str(), "rbe");
  if (file == nullptr) {
    const std::string what = absl::StrCat("cannot read ", path, ": ", std::strerror(errno));
    return errno == ENOENT ? absl::NotFoundError(what) : absl::UnknownError(what);
  }
  return std::unique_ptr<InputBytes>(new InputBytes(file, true));
}

InputBytes::~InputBytes() {
  if (close_) std::fclose(file_);
}

bool InputBytes::Fill() {
  at_ = 0;
  end_ = std::fread(buffer_.data(), 1, buffer_.size(), file_);
  return end_ > 0;
}

absl::Status InputBytes::status() const {
  return std::ferror(file_) == 0 ? absl::OkStatus()
                                 : absl::UnknownError("reading the input failed");
}

}  // namespace sluice::cli
