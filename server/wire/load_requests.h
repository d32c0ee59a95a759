// How a load begins, and what it answers. See requests.h for what holds of all parsers.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "server/engine/load.h"
#include "sluice/v1/load.pb.h"

namespace sluice::wire {

struct ParsedLoad {
  // Holds views into the start.
  engine::LoadSpec spec;
  int columns = 0;
  int64_t rows_per_part = 0;
  // What the caller must be allowed to do besides inserting.
  bool updates = false;
};

// `start` of the first message. `caller` is the name that the load's id belongs to.
absl::StatusOr<ParsedLoad> ParseLoadStart(const v1::LoadRowsRequest& first,
                                          const std::string& caller);

// How many rows of a message have been acknowledged already. INVALID_ARGUMENT when it leaves a gap
// behind row `next`.
absl::StatusOr<int64_t> RowsToSkip(const v1::LoadRowsRequest& message, int64_t next);

v1::LoadRowsResponse MakeLoadAnswer(const engine::LoadOutcome& outcome);

}  // namespace sluice::wire
