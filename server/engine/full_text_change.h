// Full-text indexes made and dropped. Of this room's own.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "server/engine/definer.h"
#include "server/engine/full_text.h"
#include "server/engine/schema.h"

namespace sluice::engine {

// Makes an index over columns of the table, in place of one that is there, and the triggers that
// keep it. `field` begins the names of fields at fault.
absl::Status MakeFullText(Definer& definer, const Table& table,
                          const std::vector<std::string>& columns, const std::string& tokenizer,
                          const std::string& field);

// Drops the indexes over the table and the triggers that MakeFullText has made. Says whether there
// was one. FAILED_PRECONDITION (IN_USE) when another trigger of the table names the index.
absl::StatusOr<bool> DropFullText(Definer& definer, const Table& table);

// Whether the index over the table is kept by the triggers that MakeFullText makes, and so holds
// all of its rows.
absl::StatusOr<bool> IsKeptByServer(Definer& definer, const Table& table,
                                    const FullTextIndex& index);

// FAILED_PRECONDITION (IN_USE) when a full-text index reads the column; any column when it is
// empty.
absl::Status CheckOutsideFullText(Definer& definer, const Table& table, absl::string_view column);

}  // namespace sluice::engine
