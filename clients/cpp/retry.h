// What is gone on with after it was cut, and when it is given up. Pure but for GoOn, which waits in
// its caller's thread; safe from any thread.
#pragma once

#include <cstdint>
#include <functional>

#include "absl/status/status.h"
#include "absl/time/time.h"

namespace sluice::client {

// What the error of an attempt says about another one.
enum class Verdict {
  // It would end alike.
  kFinal,
  // The connection was at fault.
  kCut,
  // The bytes were other than they were sent.
  kSpoilt,
};

struct Endeavour {
  std::function<absl::Status()> attempt;
  std::function<Verdict(const absl::Status&)> judge;
  // How far the attempts have come together; grows with everything that need not be sent again.
  std::function<int64_t()> reached;
  // Whether the caller wants no further attempt; may be empty.
  std::function<bool()> given_up = {};
  // No attempt begins after it.
  absl::Time end = absl::InfiniteFuture();
  // Before the next attempt, with why the last one failed; may be empty.
  std::function<void(const absl::Status&)> resumed = {};
};

// Makes attempts until one succeeds, its error is final, five in a row bring nothing further, or
// two were damaged: what is damaged twice stays damaged, whatever else arrives.
absl::Status GoOn(const Endeavour& endeavour);

// Whether gRPC, and not the server, says that a connection broke or could not be made; also when
// the server was going away, which ends connections.
bool ConnectionLost(const absl::Status& status);

// Whether a stream ended for no fault of its own: also when the server could not serve it for now,
// or ended it because its reader or writer paused for too long, which gRPC calls CANCELLED. So is
// what this process cancelled, for which the caller is to be asked.
bool StreamWasCut(const absl::Status& status);

inline Verdict CutIf(bool was) { return was ? Verdict::kCut : Verdict::kFinal; }

}  // namespace sluice::client
