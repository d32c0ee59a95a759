// How a load begins, and what it answers. See requests.h for what holds of all parsers.
#pragma once

#include <memory>
#include <optional>
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

// How many rows of a message have come already, when row `next` is the first that has not.
// `previous_end` is where this call's message of rows before it has ended, nothing for the first:
// only that one may begin anywhere up to `next`, and each other one where the one before has ended
// (INVALID_ARGUMENT). Else rows without a right place would be taken for rows that have come.
absl::StatusOr<int64_t> RowsToSkip(const v1::LoadRowsRequest& message, int64_t next,
                                   std::optional<int64_t> previous_end);

v1::LoadRowsResponse MakeLoadAnswer(const engine::LoadOutcome& outcome);

}  // namespace sluice::wire
