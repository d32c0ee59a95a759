// What is known of a file that never changes.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "absl/status/statusor.h"
#include "server/engine/schema.h"
#include "server/sqlite/connection.h"

namespace sluice::engine {

struct Inspection {
  // Of the file's bytes, in hexadecimal.
  std::string sha256;
  // Of every table that is not hidden and can be read, by name. Views are not counted: they may
  // take any time.
  std::map<std::string, int64_t> row_counts;
};

// Reads the whole file, at the speed of SHA-256 (about a second for each 1.5 GB).
absl::StatusOr<Inspection> Inspect(sqlite::Connection& connection, const Schema& schema);

}  // namespace sluice::engine
