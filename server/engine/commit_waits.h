// Reads that ask for at least the state of a commit token.
#pragma once

#include <atomic>

#include "absl/status/status.h"
#include "server/base/deadline.h"
#include "server/engine/commit_sequence.h"
#include "server/engine/database.h"

namespace sluice::engine {

// Thread-safe. What this server wrote itself is always there; waiting is for files that something
// else brings up to date.
class CommitWaits {
 public:
  // At most so many wait at a time, since each holds its thread.
  explicit CommitWaits(int waiting_max) : waiting_max_(waiting_max) {}

  // OK once a read that begins now sees the commit: at once, or within kCommitWaitMax and the
  // caller's deadline. FAILED_PRECONDITION (OTHER_HISTORY); UNAVAILABLE (COMMIT_NOT_REACHED).
  absl::Status Await(Database& database, const CommitToken& token, const Interrupt& interrupt);

 private:
  const int waiting_max_;
  std::atomic<int> waiting_{0};
};

}  // namespace sluice::engine
