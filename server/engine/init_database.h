// What a database is to hold from the first, as the configuration says: tables and views that are
// made when they are not there.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "server/engine/table_definition.h"
#include "server/sqlite/connection.h"

namespace sluice::engine {

struct InitTable {
  std::string name;
  // Statements that make it, and what belongs to it; empty when `definition` says how it is.
  std::string sql = {};
  // Checked.
  TableDefinition definition = {};
};

struct InitView {
  std::string name;
  // What it selects.
  std::string select;
};

struct InitSpec {
  std::vector<InitTable> tables;
  std::vector<InitView> views;
};

// Makes what is not there, in one transaction; what is there, whatever it looks like, stays.
// `database` is for the log. Errors name the table or view.
absl::Status InitDatabase(sqlite::Connection& connection, const InitSpec& spec,
                          absl::string_view database);

}  // namespace sluice::engine
