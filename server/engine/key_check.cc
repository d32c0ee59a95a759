#include "server/engine/key_check.h"

#include "absl/strings/str_cat.h"
#include "server/base/error.h"

namespace sluice::engine {

absl::Status CheckKey(const Table& table, const RowKey& key) {
  const TableSql& sql = table.statements;
  if ((key.by_rowid ? sql.rowid_condition : sql.key_condition).empty()) {
    return Error(
        absl::StatusCode::kFailedPrecondition, reason::kUnsupported,
        table.is_view() ? "the rows of a view have no keys" : "the rows have no such keys");
  }
  const size_t parts = key.by_rowid ? 1 : sql.key.parts.size();
  if (key.parts.size() == parts) return absl::OkStatus();
  return BadField("key", absl::StrCat("the table's key has ", parts, " parts and this one has ",
                                      key.parts.size()));
}

absl::Status NoSuchRow(const Database& database, const Table& table) {
  return WithMetadata(WithMetadata(Error(absl::StatusCode::kNotFound, reason::kNoSuchRow,
                                         "no row of the table has this key"),
                                   "database", database.name()),
                      "table", table.name);
}

}  // namespace sluice::engine
