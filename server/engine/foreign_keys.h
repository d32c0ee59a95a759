// Foreign keys and the columns that name rows for people.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "server/engine/schema.h"
#include "server/sqlite/connection.h"

namespace sluice::engine {

struct ForeignKey {
  std::string table;
  std::vector<std::string> columns;
  std::string parent_table;
  // The primary key's where the schema names none.
  std::vector<std::string> parent_columns;
  std::string on_update;
  std::string on_delete;
};

// The keys by which `table` refers to others, in SQLite's order.
absl::StatusOr<std::vector<ForeignKey>> ReadForeignKeys(sqlite::Connection& connection,
                                                        const Schema& schema, const Table& table);
// The keys by which others refer to `table`, ordered by table. Looks at every table of the schema.
absl::StatusOr<std::vector<ForeignKey>> ReadReferences(sqlite::Connection& connection,
                                                       const Schema& schema, const Table& table);

// The column that names a row of the table for people; empty when there is none.
absl::StatusOr<std::string> ReadLabelColumn(sqlite::Connection& connection, const Table& table);

}  // namespace sluice::engine
