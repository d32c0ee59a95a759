#include "server/engine/commit_waits.h"

#include <algorithm>
#include <string>

#include "absl/cleanup/cleanup.h"
#include "absl/time/clock.h"
#include "server/base/error.h"
#include "server/base/limits.h"
#include "server/base/status.h"

namespace sluice::engine {
namespace {

// How often the file is looked at.
constexpr absl::Duration kLook = absl::Milliseconds(10);

absl::Status OtherHistory() {
  return Error(absl::StatusCode::kFailedPrecondition, reason::kOtherHistory,
               "the commit token is of another history of the database");
}

absl::Status NotReached() {
  return WithRetryAfter(Error(absl::StatusCode::kUnavailable, reason::kCommitNotReached,
                              "the state that the commit token names has not arrived yet"),
                        absl::Seconds(1));
}

absl::StatusOr<bool> Reached(Database& database, const CommitToken& wanted,
                             const Interrupt& interrupt) {
  ASSIGN_OR_RETURN(const sqlite::ReadLease lease, database.Acquire(interrupt, sqlite::Use::kShort));
  ASSIGN_OR_RETURN(const std::string text, ReadCommitToken(*lease));
  const auto present = ParseCommitToken(text);
  if (!present.has_value() || present->epoch != wanted.epoch) return OtherHistory();
  return present->sequence >= wanted.sequence;
}

}  // namespace

absl::Status CommitWaits::Await(Database& database, const CommitToken& token,
                                const Interrupt& interrupt) {
  ASSIGN_OR_RETURN(bool reached, Reached(database, token, interrupt));
  if (reached) return absl::OkStatus();
  const absl::Cleanup leave = [this] { --waiting_; };
  if (++waiting_ > waiting_max_) return NotReached();
  const Deadline end = Deadline::After(limits::kCommitWaitMax).EarlierOf(interrupt.deadline());
  while (!reached) {
    if (end.expired()) return NotReached();
    absl::SleepFor(std::min(kLook, end.remaining()));
    ASSIGN_OR_RETURN(reached, Reached(database, token, interrupt));
  }
  return absl::OkStatus();
}

}  // namespace sluice::engine
