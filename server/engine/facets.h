// Facets: which values the chosen rows hold, and how often.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "server/base/deadline.h"
#include "server/engine/rows_spec.h"
#include "server/engine/schema.h"
#include "server/sqlite/connection.h"
#include "server/sqlite/value.h"

namespace sluice::engine {

struct FacetValue {
  sqlite::Value value;
  int64_t count = 0;
  // Of the row that the value names, where the column is a foreign key; NULL otherwise.
  sqlite::Value label;
};

struct Facet {
  // As it was asked for.
  std::string name;
  // Most frequent first, then lower first. NULLs are not counted.
  std::vector<FacetValue> values;
  // There are more values.
  bool truncated = false;
  // Counting took too long; there are no values.
  bool timed_out = false;
};

// Counts the facets `names` (`column`, `array(column)`, `date(column)`) over the rows that the
// spec's filter and search leave, at most `size` values of each. All columns and dates take one
// scan together, each array one more, all within kFacetTimeMax. INVALID_ARGUMENT (BAD_REQUEST,
// `facets`) for a name that is not there.
absl::StatusOr<std::vector<Facet>> CountFacets(sqlite::Connection& connection, const Schema& schema,
                                               const Table& table, const RowsSpec& spec,
                                               const std::vector<std::string>& names, size_t size,
                                               const Interrupt& interrupt);

// Facets that are worth asking for, judged by the first kFacetSuggestRows rows: columns with few
// values, arrays of texts, and dates. What takes longer than kFacetSuggestTimeMax is left out.
absl::StatusOr<std::vector<std::string>> SuggestFacets(sqlite::Connection& connection,
                                                       const Schema& schema, const Table& table,
                                                       const RowsSpec& spec, size_t size,
                                                       const Interrupt& interrupt);

}  // namespace sluice::engine
