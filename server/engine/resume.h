// Streams that go on where they were cut: for statements whose rows come in the order of a key.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "server/engine/schema.h"
#include "server/sqlite/connection.h"

namespace sluice::engine {

// After the row with this key, in this direction.
struct ResumePoint {
  int64_t key = 0;
  bool descending = false;
};

// The column of the result that orders it: an INTEGER PRIMARY KEY, read by the one loop of the
// statement's plan over its table, so that the rows come by it, each once, upwards or downwards.
// Nothing for every other statement, also for many that would do. Asks SQLite for the plan when a
// key is among the columns.
absl::StatusOr<std::optional<int>> FindOrderingColumn(sqlite::Connection& connection,
                                                      const Schema& schema,
                                                      const sqlite::Statement& statement);

// The statement's rows after `point`, in the same order and with the same columns and parameters.
std::string ResumedSql(const sqlite::Statement& statement, int column, const ResumePoint& point);

}  // namespace sluice::engine
