// Work beside a request's main work, under a time of its own: when that is over the rest goes on.
#pragma once

#include <algorithm>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/base/deadline.h"
#include "server/base/status.h"
#include "server/sqlite/connection.h"

namespace sluice::engine {

// Guards the connection for `time_max`, or for most of what `interrupt` leaves, runs `work` and
// guards for `interrupt` again. True when it is done, false when its own time was over. An error is
// the work's, or says that the request itself has to end.
template <typename Work>
absl::StatusOr<bool> RunWithin(sqlite::Connection& connection, const Interrupt& interrupt,
                               absl::Duration time_max, const Work& work) {
  const absl::Duration left = interrupt.deadline().remaining();
  const absl::Duration own =
      std::min(time_max, left == absl::InfiniteDuration() ? left : left * 0.8);
  const auto arm = [&](const Interrupt& until) {
    connection.guard().Arm(
        {.policy = nullptr, .interrupt = until, .profile = sqlite::LimitProfile::kOwn});
  };
  arm(interrupt.Within(Deadline::After(own)));
  const absl::Status status = work();
  arm(interrupt);
  if (status.code() != absl::StatusCode::kDeadlineExceeded) {
    RETURN_IF_ERROR(status);
    return true;
  }
  RETURN_IF_ERROR(interrupt.Check());
  return false;
}

}  // namespace sluice::engine
