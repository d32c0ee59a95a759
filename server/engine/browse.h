// Rows of tables and views without SQL: pages and single rows.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "server/base/deadline.h"
#include "server/engine/database.h"
#include "server/engine/row_sink.h"
#include "server/sqlite/value.h"

namespace sluice::engine {

// The row that a page ended with.
struct PagePosition {
  // The rowid or the primary key; for views all columns.
  std::vector<sqlite::Value> values;
  // For views: how many rows equal to it have been given already.
  int64_t equal_rows = 0;
};

struct PageSpec {
  absl::string_view table;
  int64_t rows_max = 0;
  size_t bytes_max = 0;
  // Where the page before ended.
  std::optional<PagePosition> after;
};

// Pushes one page, columns first: at most rows_max rows, and no more once the sink holds bytes_max,
// but at least one row when there is one. Returns where it ended when there is more. NOT_FOUND
// (NO_SUCH_TABLE), INVALID_ARGUMENT for a position that does not fit the table.
absl::StatusOr<std::optional<PagePosition>> ListRows(Database& database, const PageSpec& spec,
                                                     const Interrupt& interrupt, RowSink& sink);

// A row's name: the values of its key, or its rowid.
struct RowKey {
  std::vector<sqlite::Value> parts;
  bool by_rowid = false;
};

// Pushes one row with its etag, columns first. One or a few b-tree look-ups: bounded but for the
// size of the row. NOT_FOUND (NO_SUCH_TABLE, NO_SUCH_ROW), FAILED_PRECONDITION (UNSUPPORTED) for
// what has no keys.
absl::Status GetRow(Database& database, sqlite::ReadLease lease, absl::string_view table,
                    const RowKey& key, absl::string_view etag_secret, const Interrupt& interrupt,
                    RowSink& sink);

}  // namespace sluice::engine
