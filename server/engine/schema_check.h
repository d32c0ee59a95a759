// Whether a schema that somebody else has made may be served.
#pragma once

#include "absl/status/status.h"
#include "server/sqlite/connection.h"

namespace sluice::engine {

// FAILED_PRECONDITION (UNSAFE_SCHEMA) with the object's name; see restore_check.h for what is
// looked at. `connection` may write, or triggers would not be compiled; nothing is run.
absl::Status CheckSchema(sqlite::Connection& connection);

}  // namespace sluice::engine
