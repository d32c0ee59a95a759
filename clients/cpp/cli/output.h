// The standard output, buffered. Threads: one.
//
// A reader that goes away ends the process by SIGPIPE, quietly, as it ends `cat`; any other
// failure, such as a full disk, is kept and told by Flush().
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace sluice::cli {

class Output {
 public:
  explicit Output(int descriptor) : descriptor_(descriptor) {}
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;

  void Write(absl::string_view text) {
    buffer_.append(text.data(), text.size());
    if (buffer_.size() >= kBufferBytes) WriteOut();
  }
  // For those who append piece by piece; call Write("") now and then.
  std::string* buffer() { return &buffer_; }
  // The first error so far, of what was not only buffered: whoever writes much ends with it.
  const absl::Status& status() const { return status_; }
  // Writes what is buffered and gives the first error so far.
  absl::Status Flush();

 private:
  static constexpr size_t kBufferBytes = size_t{64} << 10;

  void WriteOut();

  const int descriptor_;
  std::string buffer_;
  absl::Status status_;
};

}  // namespace sluice::cli
