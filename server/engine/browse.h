// Rows of tables and views without SQL: pages and single rows.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "server/base/deadline.h"
#include "server/engine/database.h"
#include "server/engine/facets.h"
#include "server/engine/references.h"
#include "server/engine/row_count.h"
#include "server/engine/row_key.h"
#include "server/engine/row_sink.h"
#include "server/engine/rows_spec.h"

namespace sluice::engine {

struct PageSpec {
  RowsSpec rows;
  int64_t rows_max = 0;
  size_t bytes_max = 0;
  // What to tell of all rows that the filter and the search leave, the page's and the others.
  CountMode count = CountMode::kNone;
  std::vector<std::string> facets = {};
  size_t facet_size = 0;
  bool suggest_facets = false;
};

struct PageOutcome {
  // Where the page ended, when there is more.
  std::optional<PagePosition> next;
  std::optional<RowCount> count;
  std::vector<Facet> facets;
  std::vector<std::string> suggested_facets;
};

// Pushes one page, columns first: at most rows_max rows, and no more once the sink holds bytes_max,
// but at least one row when there is one. Everything is of one state of the database. Errors as
// RowReader::Open and CountFacets.
absl::StatusOr<PageOutcome> ListRows(Database& database, const PageSpec& spec,
                                     const Interrupt& interrupt, RowSink& sink);

struct OneRowSpec {
  absl::string_view table;
  RowKey key;
  // As RowsSpec::labels.
  std::vector<std::string> labels = {};
  bool references = false;
  // As those of RowsSpec.
  const DatabaseSettings* settings = nullptr;
  absl::Duration time_max = limits::kStatementTimeMax;
};

// Pushes one row with its etag, columns first, and returns who refers to it when asked. Without
// labels and references it is one or a few b-tree look-ups: bounded but for the size of the row.
// NOT_FOUND (NO_SUCH_TABLE, NO_SUCH_ROW), FAILED_PRECONDITION (UNSUPPORTED) for what has no keys,
// INVALID_ARGUMENT (`key`, `labels`).
absl::StatusOr<std::vector<Reference>> GetRow(Database& database, sqlite::ReadLease lease,
                                              const OneRowSpec& spec, absl::string_view etag_secret,
                                              const Interrupt& interrupt, RowSink& sink);

}  // namespace sluice::engine
