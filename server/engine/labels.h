// Foreign keys as people want to see them: the label of the row that a value names.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "server/engine/schema.h"
#include "server/engine/settings.h"
#include "server/sqlite/connection.h"

namespace sluice::engine {

// A column that refers to a row which has a label. Keys of several columns have none.
struct Label {
  std::string column;
  const Table* parent = nullptr;
  std::string parent_column;
  std::string label_column;
};

// The labels of the columns in `wanted`, or of all that have one for `*`. Points into `schema`.
// Which column of a table is its label, `settings` says before the usual rules do; it may be null.
// INVALID_ARGUMENT (BAD_REQUEST, `labels`) for a column that is not there or has none.
absl::StatusOr<std::vector<Label>> FindLabels(sqlite::Connection& connection, const Schema& schema,
                                              const Table& table,
                                              const std::vector<std::string>& wanted,
                                              const DatabaseSettings* settings);

// The label of `value`, an SQL expression with the affinity of what refers; NULL when there is no
// such row.
std::string LabelSql(const Label& label, absl::string_view value);

}  // namespace sluice::engine
