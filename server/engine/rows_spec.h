// Which rows of a table or a view, and what of them: what pages, streams, counts and facets share.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "server/base/limits.h"
#include "server/engine/filter.h"
#include "server/engine/full_text.h"
#include "server/engine/row_order.h"
#include "server/engine/settings.h"

namespace sluice::engine {

struct RowsSpec {
  absl::string_view table;
  // Rows that the condition holds of, and that the search finds.
  std::optional<Filter> filter = std::nullopt;
  std::optional<Search> search = std::nullopt;
  // Adds a column with a piece of the text that the search found.
  bool snippets = false;
  // Without terms the best of a search first, else the order of keys.
  std::vector<OrderTerm> order = {};
  // What to show, in this order; all columns when empty.
  std::vector<std::string> columns = {};
  // Foreign keys, by their column, to show the label of the row that they name in a column of its
  // own; `*` for all that have one.
  std::vector<std::string> labels = {};
  // Where the page before ended.
  std::optional<PagePosition> after = std::nullopt;
  // The order of a request that has none, unless it searches or the table has no such column.
  std::optional<OrderTerm> usual_order = std::nullopt;
  // What the operator says of the database's tables; may be null. Outlives the reading.
  const DatabaseSettings* settings = nullptr;
  // How long each piece may take.
  absl::Duration time_max = limits::kStatementTimeMax;
};

}  // namespace sluice::engine
