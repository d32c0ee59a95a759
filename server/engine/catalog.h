// What databases and tables are, for people and programs.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "server/base/deadline.h"
#include "server/engine/database.h"
#include "server/engine/foreign_keys.h"
#include "server/engine/row_count.h"
#include "server/engine/schema.h"

namespace sluice::engine {

struct DatabaseDescription {
  bool read_only = false;
  int64_t size_bytes = 0;
  int32_t page_size_bytes = 0;
  std::string journal_mode;
  int64_t wal_bytes = 0;
  int32_t table_count = 0;
  int32_t view_count = 0;
  int32_t hidden_table_count = 0;
  std::string encoding;
  int32_t application_id = 0;
  int32_t user_version = 0;
  std::string commit_token;
  bool legacy_string_literals = false;
  // Empty unless the file never changes.
  std::string sha256;
};
absl::StatusOr<DatabaseDescription> DescribeDatabase(Database& database,
                                                     const Interrupt& interrupt);

// The schema as it is now.
absl::StatusOr<std::shared_ptr<const Schema>> ReadSchema(Database& database,
                                                         const Interrupt& interrupt);

struct Index {
  std::string name;
  bool unique = false;
  bool partial = false;
  std::string origin;
  std::vector<std::string> columns;
  std::string sql;
};

struct Trigger {
  std::string name;
  std::string sql;
};

struct TableDescription {
  // Keeps `table` alive.
  std::shared_ptr<const Schema> schema;
  const Table* table = nullptr;
  std::vector<ForeignKey> foreign_keys;
  std::vector<ForeignKey> referenced_by;
  std::vector<Index> indexes;
  std::vector<Trigger> triggers;
  std::string label_column;
  std::string fts_table;
  RowCount row_count;
};
// NOT_FOUND (NO_SUCH_TABLE). Describes a table that cannot be read, too.
absl::StatusOr<TableDescription> DescribeTable(Database& database, absl::string_view table,
                                               const Interrupt& interrupt);

}  // namespace sluice::engine
