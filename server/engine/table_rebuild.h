// A table written anew under another definition: SQLite's twelve steps, as far as they stand
// inside the transaction. Of this room's own.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "server/engine/definer.h"
#include "server/engine/schema.h"
#include "server/engine/table_text.h"

namespace sluice::engine {

// Writes the table anew as `text` says, each row with its rowid, and makes its indexes and triggers
// again. Foreign keys must be off, so that dropping the old table touches no other. Errors are what
// rows say that do not fit (NOT_NULL, UNIQUE, DATATYPE, CHECK), and FAILED_PRECONDITION (IN_USE)
// when an index needs a column that is gone.
absl::Status RebuildTable(Definer& definer, const Table& table, const TableText& text);

// Rows that refer to nothing, by table, of a table and of those that refer to it; nothing where
// SQLite cannot tell, because a key does not fit its parent.
class ForeignKeyState {
 public:
  // As it is now.
  static absl::StatusOr<ForeignKeyState> Read(Definer& definer, const Table& table);
  // FAILED_PRECONDITION (FOREIGN_KEY) when more rows refer to nothing than did in `before`.
  absl::Status CheckAgainst(const ForeignKeyState& before) const;

 private:
  // By the name in lower case; the table itself has the empty one, since it may be renamed.
  std::map<std::string, std::optional<int64_t>> violations_;
};

}  // namespace sluice::engine
