// Full-text indexes made and dropped. Of this room's own.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "server/engine/definer.h"
#include "server/engine/schema.h"

namespace sluice::engine {

// Makes an index over columns of the table, in place of one that is there, and the triggers that
// keep it. `field` begins the names of fields at fault.
absl::Status MakeFullText(Definer& definer, const Table& table,
                          const std::vector<std::string>& columns, const std::string& tokenizer,
                          const std::string& field);

// Drops the indexes over the table and their triggers. Says whether there was one.
absl::StatusOr<bool> DropFullText(Definer& definer, const Table& table);

// FAILED_PRECONDITION (IN_USE) when a full-text index reads the column; any column when it is
// empty.
absl::Status CheckOutsideFullText(Definer& definer, const Table& table, absl::string_view column);

}  // namespace sluice::engine
