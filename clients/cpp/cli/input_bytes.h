// The bytes of a file or of the standard input, one after another. Not thread-safe.
#pragma once

#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>

#include "absl/status/statusor.h"

namespace sluice::cli {

class InputBytes {
 public:
  static constexpr int kEnd = -1;

  // `-` for the standard input. NOT_FOUND, UNKNOWN.
  static absl::StatusOr<std::unique_ptr<InputBytes>> Open(const std::string& path);
  ~InputBytes();
  InputBytes(const InputBytes&) = delete;
  InputBytes& operator=(const InputBytes&) = delete;

  // The next byte, taken or not; kEnd after the last, or when reading failed.
  int Get() {
    if (at_ == end_ && !Fill()) return kEnd;
    ++taken_;
    const char c = buffer_[at_++];
    if (c == '\n') ++line_;
    return static_cast<unsigned char>(c);
  }
  int Peek() {
    if (at_ == end_ && !Fill()) return kEnd;
    return static_cast<unsigned char>(buffer_[at_]);
  }

  // From 1.
  int64_t line() const { return line_; }
  int64_t taken_bytes() const { return taken_; }
  // 0 when it is not known.
  int64_t total_bytes() const { return total_; }
  // Whether the end was one, and no failure.
  absl::Status status() const;

 private:
  InputBytes(std::FILE* file, bool close);
  bool Fill();

  std::FILE* const file_;
  const bool close_;
  std::string buffer_;
  size_t at_ = 0;
  size_t end_ = 0;
  int64_t line_ = 1;
  int64_t taken_ = 0;
  int64_t total_ = 0;
};

}  // namespace sluice::cli
