// Rows of a table or a view, piece by piece.
#pragma once

#include <cstdint>
#include <memory>

#include "absl/status/statusor.h"
#include "server/base/deadline.h"
#include "server/engine/database.h"
#include "server/engine/row_sink.h"
#include "server/engine/row_statement.h"
#include "server/engine/rows_spec.h"
#include "server/engine/table_start.h"
#include "server/sqlite/pool.h"

namespace sluice::engine {

// Stands still between two pieces, without a thread. Holds a read connection for as long as it
// lives. One thread at a time.
class RowReader {
 public:
  // At most `limit` rows; all when it is negative. The database, `spec` and the flag of `interrupt`
  // must outlive the reader. NOT_FOUND (NO_SUCH_TABLE), INVALID_ARGUMENT (BAD_REQUEST) with the
  // field for what does not fit the table, FAILED_PRECONDITION (UNSUPPORTED).
  static absl::StatusOr<std::unique_ptr<RowReader>> Open(Database& database,
                                                         sqlite::ReadLease lease,
                                                         const RowsSpec& spec, int64_t limit,
                                                         const Interrupt& interrupt);

  // Pushes rows, in the first call columns before them: at most `rows_max`, and no more once the
  // sink holds `bytes_target`, but at least one when there is one. True when there are more. Each
  // call may take the spec's time.
  absl::StatusOr<bool> Fill(RowSink& sink, int64_t rows_max, size_t bytes_target);

  // Keeps only the memory that the statement's place needs, since its receiver stands still.
  void Rest() { lease_->ReleaseMemory(); }

  // Where the last Fill ended, when it said that there are more.
  const PagePosition& position() const { return position_; }
  int64_t row_count() const { return row_count_; }
  int64_t vm_steps() const { return started_.statement.vm_steps(); }

  // What the rows come from, for whoever asks more of the same.
  sqlite::Connection& connection() { return *lease_; }
  const Schema& schema() const { return *started_.schema; }
  const Table& table() const { return *started_.table; }

 private:
  RowReader(Database& database, sqlite::ReadLease lease, const RowsSpec& spec,
            const Interrupt& interrupt);
  // Guards what the statement does next, for the spec's time.
  void Arm();
  absl::Status Start(int64_t limit);
  // Keeps the place of the row that the statement stands on.
  void Remember();
  // The same where equal rows are counted.
  void Count();

  // In this order: the statement dies before the connection.
  Database& database_;
  sqlite::ReadLease lease_;
  const RowsSpec& spec_;
  const Interrupt interrupt_;
  RowStatement shape_;
  Started started_;
  PagePosition position_;
  bool columns_pushed_ = false;
  int64_t row_count_ = 0;
};

}  // namespace sluice::engine
