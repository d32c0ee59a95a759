// Finds databases whose own views or triggers write texts as "…", which SQLite once allowed (its
// DQS setting).
#pragma once

#include "absl/status/statusor.h"
#include "server/engine/schema.h"
#include "server/sqlite/connection.h"

namespace sluice::engine {

// Whether a view or a trigger does not compile without the legacy form and does with it.
// `connection` must not allow it yet, and does not afterwards. Prepares a few statements for each
// view and each table with triggers; runs none.
absl::StatusOr<bool> UsesLegacyLiterals(sqlite::Connection& connection, const Schema& schema);

}  // namespace sluice::engine
