// When a piece of work must end, and whether it still should go on.
#pragma once

#include <atomic>
#include <chrono>

#include "absl/status/status.h"
#include "absl/time/time.h"

namespace sluice {

// A point on the steady clock after which work is pointless. A value; cheap to copy.
class Deadline {
 public:
  static Deadline Infinite() { return Deadline(); }
  static Deadline After(absl::Duration duration);

  bool infinite() const { return at_ == TimePoint::max(); }
  bool expired() const { return !infinite() && std::chrono::steady_clock::now() >= at_; }
  // Zero when expired, absl::InfiniteDuration() when infinite.
  absl::Duration remaining() const;
  // The earlier of the two.
  Deadline EarlierOf(Deadline other) const { return at_ < other.at_ ? *this : other; }

 private:
  using TimePoint = std::chrono::steady_clock::time_point;
  TimePoint at_ = TimePoint::max();
};

// What may end a call's work from outside: its deadline and its caller's going away. Does not own
// the flag; whoever makes an Interrupt keeps the flag alive for as long as work may look at it.
// Thread-safe.
class Interrupt {
 public:
  Interrupt() = default;
  explicit Interrupt(Deadline deadline, const std::atomic<bool>* cancelled = nullptr)
      : deadline_(deadline), cancelled_(cancelled) {}

  const Deadline& deadline() const { return deadline_; }
  bool cancelled() const {
    return cancelled_ != nullptr && cancelled_->load(std::memory_order_relaxed);
  }
  bool raised() const { return cancelled() || deadline_.expired(); }
  // OK while work should go on; else CANCELLED or DEADLINE_EXCEEDED.
  absl::Status Check() const;
  // The same cancellation under a deadline that is at most `deadline`.
  Interrupt Within(Deadline deadline) const {
    return Interrupt(deadline_.EarlierOf(deadline), cancelled_);
  }

 private:
  Deadline deadline_;
  const std::atomic<bool>* cancelled_ = nullptr;
};

}  // namespace sluice
