// What callers' SQL is, without running it.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "server/base/deadline.h"
#include "server/engine/cross_read.h"
#include "server/engine/database.h"

namespace sluice::engine {

struct StatementDescription {
  // From position 1, gaps included.
  struct Parameter {
    // Without prefix; empty when it has none.
    std::string name;
  };
  struct Column {
    std::string name;
    std::string declared_type;
    // Where it comes from; empty for an expression, and `database` for the request's own.
    std::string database;
    std::string table;
    std::string column;
  };
  struct TouchedTable {
    // Empty for the request's own.
    std::string database;
    std::string name;
    // In the order in which the statement names them.
    std::vector<std::string> columns_read;
    std::vector<std::string> columns_updated;
    bool inserts = false;
    bool updates = false;
    bool deletes = false;
  };
  // A step of the query plan, and the steps within it.
  struct PlanNode {
    std::string detail;
    std::vector<PlanNode> children;
  };

  std::vector<Parameter> parameters;
  std::vector<Column> columns;
  bool read_only = true;
  // Tables and the views that are named, ordered by database and name.
  std::vector<TouchedTable> tables;
  // Empty for a statement that is an EXPLAIN itself.
  std::vector<PlanNode> plan;
};

// INVALID_ARGUMENT (SQL_ERROR) for what SQLite refuses and for what may not be described: only
// statements that read, insert, update or delete are, the latter in the request's own database.
// Takes no longer than preparing the statement twice. What CrossRead::Open says, where it may read
// others.
absl::StatusOr<StatementDescription> DescribeStatement(Database& database,
                                                       const OtherDatabases& others,
                                                       absl::string_view sql,
                                                       const Interrupt& interrupt);

}  // namespace sluice::engine
