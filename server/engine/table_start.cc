#include "server/engine/table_start.h"

#include <utility>

#include "server/base/error.h"
#include "server/base/status.h"

namespace sluice::engine {

using sqlite::Statement;

absl::StatusOr<Started> StartOn(Database& database, sqlite::Connection& connection,
                                absl::string_view table, const Begin& begin) {
  Started started;
  started.schema = database.CachedSchema();
  for (const bool last : {false, true}) {
    const auto refresh = [&]() -> absl::StatusOr<bool> {
      ASSIGN_OR_RETURN(auto current, database.CurrentSchema(connection));
      const bool changed = current != started.schema;
      started.schema = std::move(current);
      return changed;
    };
    const absl::StatusOr<const Table*> found = FindTable(*started.schema, database.name(), table);
    if (!found.ok()) {
      if (last) return found.status();
      ASSIGN_OR_RETURN(const bool changed, refresh());
      if (!changed) return found.status();
      continue;
    }
    started.table = *found;
    absl::StatusOr<Statement> statement = begin(*started.schema, **found);
    if (!last && (!statement.ok() || statement->fresh())) {
      ASSIGN_OR_RETURN(const bool changed, refresh());
      if (changed) continue;
    }
    RETURN_IF_ERROR(statement.status());
    started.statement = *std::move(statement);
    const absl::StatusOr<bool> row = started.statement.Step();
    if (!last && (!row.ok() || started.statement.reprepared())) {
      ASSIGN_OR_RETURN(const bool changed, refresh());
      if (changed) continue;
    }
    RETURN_IF_ERROR(row.status());
    started.row = *row;
    return started;
  }
  return Error(absl::StatusCode::kUnavailable, reason::kOverloaded, "the schema keeps changing");
}

}  // namespace sluice::engine
