// Conditions as SQL.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "server/engine/binds.h"
#include "server/engine/filter.h"
#include "server/engine/schema.h"
#include "server/sqlite/connection.h"

namespace sluice::engine {

// A column of the table in a statement where the table is called `alias`, such as `t0."name"`; also
// the rowid under its three names where no column has them. Empty when there is none.
std::string ColumnSql(const Table& table, absl::string_view alias, absl::string_view column);

// The condition as an SQL expression over `table`, which the statement calls `alias`. Names come
// from the schema, values are added to `binds`, which keeps views of `filter`. Foreign keys are
// read through `connection`. INVALID_ARGUMENT (BAD_REQUEST, `filter`, with `offset`) for a name
// that is not there.
absl::StatusOr<std::string> FilterSql(const Filter& filter, sqlite::Connection& connection,
                                      const Schema& schema, const Table& table,
                                      absl::string_view alias, Binds& binds);

}  // namespace sluice::engine
