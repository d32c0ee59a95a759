#include "clients/cpp/cli/output.h"

#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "absl/strings/str_cat.h"

namespace sluice::cli {

absl::Status Output::Flush() {
  WriteOut();
  return status_;
}

void Output::WriteOut() {
  absl::string_view left = buffer_;
  while (!left.empty() && status_.ok()) {
    const ssize_t written = write(descriptor_, left.data(), left.size());
    if (written >= 0) {
      left.remove_prefix(static_cast<size_t>(written));
    } else if (errno != EINTR) {
      status_ = absl::UnknownError(absl::StrCat("cannot write the output: ", strerror(errno)));
    }
  }
  buffer_.clear();
}

}  // namespace sluice::cli
