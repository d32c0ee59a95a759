#include "clients/cpp/cli/progress.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "clients/cpp/cli/display.h"

namespace sluice::cli {
namespace {

constexpr size_t kBarCells = 24;
constexpr absl::Duration kPace = absl::Milliseconds(100);

}  // namespace

std::string FormatBytes(int64_t bytes) {
  constexpr std::array<const char*, 5> kUnits = {"kB", "MB", "GB", "TB", "PB"};
  if (bytes < 1000) return absl::StrCat(bytes, " B");
  auto amount = static_cast<double>(bytes) / 1000;
  size_t unit = 0;
  while (amount >= 999.95 && unit + 1 < kUnits.size()) {
    amount /= 1000;
    ++unit;
  }
  return absl::StrFormat("%.1f %s", amount, kUnits[unit]);
}

ProgressBar::ProgressBar(absl::string_view label)
    : label_(CutToWidth(EscapeForTerminal(label), 30)),
      on_terminal_(isatty(STDERR_FILENO) != 0),
      begin_(absl::Now()),
      drawn_(absl::InfinitePast()) {}

ProgressBar::~ProgressBar() { Clear(); }

void ProgressBar::Clear() {
  if (drawn_ != absl::InfinitePast()) absl::FPrintF(stderr, "\r\x1b[K");
  drawn_ = absl::InfinitePast();
}

void ProgressBar::UpdateRows(int64_t rows, int64_t done_bytes, int64_t total_bytes) {
  if (!on_terminal_) return;
  const absl::Time now = absl::Now();
  if (now - drawn_ < kPace) return;
  drawn_ = now;
  const double seconds = std::max(absl::ToDoubleSeconds(now - begin_), 0.001);
  std::string share;
  if (total_bytes > 0) share = absl::StrFormat("%3d%% ", done_bytes * 100 / total_bytes);
  absl::FPrintF(stderr, "\r%s %s%d rows, %.0f/s\x1b[K", label_, share, rows,
                static_cast<double>(rows) / seconds);
}

void ProgressBar::Wait(int position) {
  if (!on_terminal_) return;
  drawn_ = absl::Now();
  absl::FPrintF(stderr, "\r%s waits for its turn, number %d in the queue\x1b[K", label_, position);
}

void ProgressBar::Update(int64_t done_bytes, int64_t total_bytes) {
  if (!on_terminal_) return;
  const absl::Time now = absl::Now();
  if (now - drawn_ < kPace) return;
  drawn_ = now;
  Draw(done_bytes, total_bytes, now);
}

void ProgressBar::Draw(int64_t done_bytes, int64_t total_bytes, absl::Time now) const {
  const double share =
      total_bytes <= 0 ? 1.0 : static_cast<double>(done_bytes) / static_cast<double>(total_bytes);
  const auto full = static_cast<size_t>(share * static_cast<double>(kBarCells));
  std::string bar;
  for (size_t cell = 0; cell < kBarCells; ++cell) bar.append(cell < full ? "█" : "░");
  const double seconds = std::max(absl::ToDoubleSeconds(now - begin_), 0.001);
  const auto rate = static_cast<int64_t>(static_cast<double>(done_bytes) / seconds);
  absl::FPrintF(stderr, "\r%s %s %3d%% %s of %s, %s/s\x1b[K", label_, bar,
                static_cast<int>(share * 100), FormatBytes(done_bytes), FormatBytes(total_bytes),
                FormatBytes(rate));
}

}  // namespace sluice::cli
