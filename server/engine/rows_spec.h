// Which rows of a table or a view, and what of them: what pages, streams, counts and facets share.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "server/engine/filter.h"
#include "server/engine/full_text.h"
#include "server/engine/row_order.h"

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
};

}  // namespace sluice::engine
