// A progress bar on the standard error, drawn only on a terminal and at most ten times a second.
// Threads: one.
#pragma once

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace sluice::cli {

// `12.3 MB` and the like.
std::string FormatBytes(int64_t bytes);

class ProgressBar {
 public:
  explicit ProgressBar(absl::string_view label);
  // Wipes the line.
  ~ProgressBar();
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;

  // The work waits for its turn.
  void Wait(int position);
  void Update(int64_t done_bytes, int64_t total_bytes);
  // Rows that are made of bytes; `total_bytes` is 0 when nobody knows.
  void UpdateRows(int64_t rows, int64_t done_bytes, int64_t total_bytes);
  // Wipes the line, for other words.
  void Clear();

 private:
  void Draw(int64_t done_bytes, int64_t total_bytes, absl::Time now) const;

  const std::string label_;
  const bool on_terminal_;
  const absl::Time begin_;
  absl::Time drawn_;
};

}  // namespace sluice::cli
