// Database files that are made.
#pragma once

#include <string>

#include "absl/status/statusor.h"

namespace sluice::engine {

// Makes an empty database in WAL mode, whole or not at all: it gets its name when it is on the
// disk. False when there is a file of that name, which stays as it is. INVALID_ARGUMENT when there
// is something else, or no folder for it; the message may hold the path, which is the operator's.
absl::StatusOr<bool> MakeDatabaseFile(const std::string& path);

}  // namespace sluice::engine
