// Views and triggers, which SQLite compiles only when they are used: whether they still can be.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "server/engine/schema.h"
#include "server/sqlite/connection.h"

namespace sluice::engine {

// In lower case.
absl::StatusOr<std::set<std::string>> TablesWithTriggers(sqlite::Connection& connection);

// Statements whose preparation compiles everything that a view or a table's triggers say.
std::vector<std::string> ProbesOf(const Table& table, bool with_triggers);

// The views that do not work, and the tables whose triggers do not, by name.
absl::StatusOr<std::set<std::string>> FindBroken(sqlite::Connection& connection,
                                                 const Schema& schema);

}  // namespace sluice::engine
