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

// What the thing is needed for that work holds.
enum class Need { kNone, kLog, kReplacement };

// Work that can be told to end before its time, since what it holds is needed. Thread-safe.
class Revocable {
 public:
  void Revoke(Need need = Need::kLog) {
    revoked_for_.store(need, std::memory_order_relaxed);
    OnRevoke();
  }
  // kNone while it may go on.
  Need revoked_for() const { return revoked_for_.load(std::memory_order_relaxed); }
  bool revoked() const { return revoked_for() != Need::kNone; }

 protected:
  ~Revocable() = default;
  // For work that stands still and must be woken to end. Must not take long, nor give back what is
  // needed in this thread.
  virtual void OnRevoke() {}

 private:
  std::atomic<Need> revoked_for_{Need::kNone};
};

// What may end a call's work from outside: its deadline, its caller's going away, and whoever needs
// what it holds. Does not own the flags; whoever makes an Interrupt keeps them alive for as long as
// work may look at them. Thread-safe.
class Interrupt {
 public:
  Interrupt() = default;
  explicit Interrupt(Deadline deadline, const std::atomic<bool>* cancelled = nullptr,
                     Revocable* revocable = nullptr)
      : deadline_(deadline), cancelled_(cancelled), revocable_(revocable) {}

  const Deadline& deadline() const { return deadline_; }
  bool cancelled() const {
    return cancelled_ != nullptr && cancelled_->load(std::memory_order_relaxed);
  }
  bool revoked() const { return revocable_ != nullptr && revocable_->revoked(); }
  // Null when nobody can revoke it.
  Revocable* revocable() const { return revocable_; }
  bool raised() const { return cancelled() || revoked() || deadline_.expired(); }
  // OK while work should go on; else CANCELLED, DEADLINE_EXCEEDED, or UNAVAILABLE (LOG_FULL,
  // NOT_SERVED).
  absl::Status Check() const;
  // The same cancellation under a deadline that is at most `deadline`.
  Interrupt Within(Deadline deadline) const {
    return Interrupt(deadline_.EarlierOf(deadline), cancelled_, revocable_);
  }

 private:
  Deadline deadline_;
  const std::atomic<bool>* cancelled_ = nullptr;
  Revocable* revocable_ = nullptr;
};

// What work is answered that was revoked.
absl::Status Revoked(Need need);

}  // namespace sluice
