// Rows one after the other, from a query or from the pages of a table.
//
//   while (true) {
//     auto row = stream.Next();
//     if (!row.ok()) return row.status();
//     if (!row->has_value()) break;
//     Use((*row)->values);
//   }
//
// Threads: one at a time. Ownership: the stream owns its call and keeps the connection open; going
// out of scope cancels what is left.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "clients/cpp/value.h"

namespace sluice {

namespace client {
class RowSource;
}  // namespace client

// What a statement cost.
struct QueryStats {
  int64_t row_count = 0;
  int64_t vm_steps = 0;
  int64_t elapsed_us = 0;
};

class RowStream {
 public:
  // For the client, which gives the source.
  explicit RowStream(std::unique_ptr<client::RowSource> source);
  ~RowStream();
  RowStream(RowStream&&) noexcept;
  RowStream& operator=(RowStream&&) noexcept;

  // Known from the beginning, also when there are no rows.
  const std::vector<Column>& columns() const;

  // The next row, or nothing after the last. After an error it gives the same error again.
  // DATA_LOSS (`CUT`) when the stream ended without its last message: rows may be missing then.
  // RESOURCE_EXHAUSTED (`TRUNCATED`) after the last row when there were more than the server's
  // configuration lets a result have; ABORTED (`COLUMNS_CHANGED`) when the table became another.
  absl::StatusOr<std::optional<Row>> Next();

  // What the statement cost; there after the last row of a query, never for pages of a table.
  const std::optional<QueryStats>& stats() const;

 private:
  absl::Status Refill();

  std::unique_ptr<client::RowSource> source_;
  std::vector<Row> batch_;
  size_t next_ = 0;
  absl::Status status_;
};

}  // namespace sluice
