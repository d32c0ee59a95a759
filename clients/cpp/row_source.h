// Where a RowStream gets its rows: batch by batch, so that the virtual call is paid per message.
// Used by one thread at a time.
#pragma once

#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "clients/cpp/row_stream.h"
#include "clients/cpp/value.h"

namespace sluice::client {

class RowSource {
 public:
  virtual ~RowSource() = default;

  // The rows that come next; possibly none although more follow. Nothing at the end. Not called
  // again after the end or an error.
  virtual absl::StatusOr<std::optional<std::vector<Row>>> NextBatch() = 0;

  const std::vector<Column>& columns() const { return columns_; }
  const std::optional<QueryStats>& stats() const { return stats_; }

 protected:
  std::vector<Column> columns_;
  std::optional<QueryStats> stats_;
};

}  // namespace sluice::client
