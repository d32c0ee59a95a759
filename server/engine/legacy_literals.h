// Finds databases whose own views or triggers write texts as "…", which SQLite once allowed (its
// DQS setting).
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "server/engine/schema.h"
#include "server/sqlite/connection.h"

namespace sluice::engine {

// Statements whose preparation compiles everything that a view says or, `with_writes`, what a
// table's triggers, defaults, checks and generated columns say. To prepare, not to run.
std::vector<std::string> CompilingStatements(const Table& table, bool with_writes);

// Whether a view or a trigger does not compile without the legacy form and does with it.
// `connection` must not allow it yet, and does not afterwards. Prepares a few statements for each
// view and each table with triggers; runs none.
absl::StatusOr<bool> UsesLegacyLiterals(sqlite::Connection& connection, const Schema& schema);

}  // namespace sluice::engine
