#include "server/base/deadline.h"

#include <algorithm>

#include "server/base/error.h"

namespace sluice {

Deadline Deadline::After(absl::Duration duration) {
  Deadline deadline;
  if (duration < absl::Hours(24 * 365)) {
    deadline.at_ = std::chrono::steady_clock::now() + absl::ToChronoNanoseconds(duration);
  }
  return deadline;
}

absl::Duration Deadline::remaining() const {
  if (infinite()) return absl::InfiniteDuration();
  return std::max(absl::ZeroDuration(), absl::FromChrono(at_ - std::chrono::steady_clock::now()));
}

absl::Status Revoked(Need need) {
  if (need == Need::kReplacement) {
    return WithRetryAfter(Error(absl::StatusCode::kUnavailable, reason::kNotServed,
                                "the database is being replaced, and the read has kept that for "
                                "too long; begin again"),
                          absl::Seconds(1));
  }
  return WithRetryAfter(Error(absl::StatusCode::kUnavailable, reason::kLogFull,
                              "the read has held the write-ahead log for too long; begin again, or "
                              "go on with the resume token"),
                        absl::Milliseconds(200));
}

absl::Status Interrupt::Check() const {
  if (cancelled()) {
    return Error(absl::StatusCode::kCancelled, reason::kCancelled, "the caller went away");
  }
  if (revoked()) return Revoked(revocable_->revoked_for());
  if (deadline_.expired()) {
    return Error(absl::StatusCode::kDeadlineExceeded, reason::kDeadline,
                 "the time allowed for this call is over");
  }
  return absl::OkStatus();
}

}  // namespace sluice
