// The order of rows, and what comes after a place in it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "server/engine/binds.h"
#include "server/engine/schema.h"
#include "server/sqlite/value.h"

namespace sluice::engine {

// One column of the order that a caller asks for.
struct OrderTerm {
  std::string column;
  // Where it stands in the caller's text, in bytes, for errors.
  size_t offset = 0;
  bool descending = false;
  // NULLs come first when ascending and last when descending, unless said otherwise.
  std::optional<bool> nulls_first;
};

// The row that a page ended with.
struct PagePosition {
  // The values of the order's keys.
  std::vector<sqlite::Value> values;
  // Where equal rows are counted: how many rows equal to it have been given already.
  int64_t equal_rows = 0;
};

// One key of an order in a statement.
struct SortKey {
  std::string expression;
  bool descending = false;
  bool nulls_first = true;
  bool may_be_null = true;
  // Its column of the table, kRowid or kRank.
  int column = 0;

  static constexpr int kRowid = -1;
  static constexpr int kRank = -2;
};

struct RowOrder {
  std::vector<SortKey> keys;
  // No key tells all rows apart: rows that are equal in all columns are counted.
  bool counted = false;
};

// The order that `terms` ask for over a table that the statement calls `t0`, made total by the
// rowid, the primary key or all columns. `rank` comes first where it is not empty. INVALID_ARGUMENT
// (BAD_REQUEST, `order_by`, with `offset`) for a name that is not there or comes twice.
absl::StatusOr<RowOrder> MakeRowOrder(const Table& table, const std::vector<OrderTerm>& terms,
                                      absl::string_view rank);

// `a, b DESC`
std::string OrderBySql(const RowOrder& order);

// The rows after `position`; with counted rows also those equal to it. INVALID_ARGUMENT
// (`page_token`) when it has another number of values than the order.
absl::StatusOr<std::string> AfterSql(const RowOrder& order, const PagePosition& position,
                                     Binds& binds);

}  // namespace sluice::engine
