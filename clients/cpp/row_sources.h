// The sources of rows: the stream of a query or of a table, and the pages of a table. Each reads
// its first message when it is made, so that a refused call fails there and the columns are known.
#pragma once

#include <memory>

#include "absl/status/statusor.h"
#include "clients/cpp/core.h"
#include "clients/cpp/row_source.h"

namespace sluice::client {

// This and the next go on after their last message when the server was away, if that said how.
absl::StatusOr<std::unique_ptr<RowSource>> OpenQuery(std::shared_ptr<Core> core,
                                                     const v1::StreamQueryRequest& request);

absl::StatusOr<std::unique_ptr<RowSource>> OpenTable(std::shared_ptr<Core> core,
                                                     v1::ReadRowsRequest request);

absl::StatusOr<std::unique_ptr<RowSource>> OpenPages(std::shared_ptr<Core> core,
                                                     v1::ListRowsRequest request);

}  // namespace sluice::client
