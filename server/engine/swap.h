// One file in the place of another, so that whenever the server is killed a whole one has the name.
#pragma once

#include <string>

#include "absl/status/status.h"

namespace sluice::engine {

// Paths of one file system.
struct Swap {
  // The name that changes hands.
  std::string target;
  // The new file: whole, on the disk, with nothing beside it.
  std::string next;
  // A second name that the replaced file gets.
  std::string old;
};

// No connection of this process may have the target's file open. A log or a journal that lies
// beside it, as it may beside a damaged file, belongs to it: it is moved beside `old` first, and
// moved back by FinishSwap if the swap does not come to its end. FAILED_PRECONDITION (UNSUPPORTED)
// when the file system has no hard links.
absl::Status SwapIn(const Swap& swap);

// The same where there must be no target: ALREADY_EXISTS (DATABASE_EXISTS).
absl::Status PutNew(const Swap& swap);

// After the server was killed: makes of a swap either a done one (true) or one that never was
// (false).
bool FinishSwap(const Swap& swap);

// Moves what lies beside `path` and belongs to no file there to names of its own (kept, logged).
void MoveAside(const std::string& path);

}  // namespace sluice::engine
