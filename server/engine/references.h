// Rows of other tables that refer to a row.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "server/base/deadline.h"
#include "server/engine/row_count.h"
#include "server/engine/schema.h"
#include "server/sqlite/connection.h"

namespace sluice::engine {

// One foreign key by which others refer to a row, and how many do: up to kCountRowsMax.
struct Reference {
  std::string table;
  std::vector<std::string> columns;
  RowCount count;
};

// `row` stands on the row of `table`, with the columns that TableSql lists. All counting together
// takes at most kReferencesTimeMax; what is left then says kTimedOut.
absl::StatusOr<std::vector<Reference>> CountReferences(sqlite::Connection& connection,
                                                       const Schema& schema, const Table& table,
                                                       const sqlite::Statement& row,
                                                       const Interrupt& interrupt);

}  // namespace sluice::engine
