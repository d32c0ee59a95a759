// The statement that gives the rows of a request.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "server/engine/binds.h"
#include "server/engine/row_key.h"
#include "server/engine/row_order.h"
#include "server/engine/row_sink.h"
#include "server/engine/rows_spec.h"
#include "server/engine/schema.h"
#include "server/sqlite/connection.h"

namespace sluice::engine {

// Its columns are the rowid where there is one, what the caller sees, and what only we need: parts
// of the key and of the order that are not shown.
struct RowStatement {
  struct Column {
    std::string name;
    std::string declared_type;
    // The column of the table that this one labels.
    std::string label_of;
  };
  std::string sql;
  Binds binds;
  int lead = 0;
  std::vector<Column> shown;
  KeyColumns key;
  RowOrder order;
  // The statement's columns that hold the values of the order's keys.
  std::vector<int> position;

  RowView ViewOf(const sqlite::Statement& statement) const {
    return RowView(statement, lead, static_cast<int>(shown.size()), &key);
  }
  absl::Status PushColumns(RowSink& sink) const;
};

// At most `limit` rows; all when it is negative. `spec` must outlive the statement.
// INVALID_ARGUMENT (BAD_REQUEST) with the field that names what is not there.
absl::StatusOr<RowStatement> MakeRowStatement(sqlite::Connection& connection, const Schema& schema,
                                              const Table& table, const RowsSpec& spec,
                                              int64_t limit);

// The statement for the one row with a key that has as many parts as the table's, with all columns
// and the labels that are wanted. `key` must outlive it; `settings` may be null.
absl::StatusOr<RowStatement> MakeOneRowStatement(sqlite::Connection& connection,
                                                 const Schema& schema, const Table& table,
                                                 const std::vector<std::string>& labels,
                                                 const DatabaseSettings* settings,
                                                 const RowKey& key);

}  // namespace sluice::engine
