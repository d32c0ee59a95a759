// What is in a database: its tables, views and columns, as of one schema version.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "server/engine/table_sql.h"
#include "server/sqlite/connection.h"

namespace sluice::engine {

enum class Affinity { kBlob, kText, kNumeric, kInteger, kReal };
enum class Generated { kNo, kVirtual, kStored };
enum class TableKind { kTable, kView, kVirtual, kShadow };

struct TableColumn {
  std::string name;
  std::string declared_type;
  Affinity affinity = Affinity::kBlob;
  bool not_null = false;
  std::optional<std::string> default_sql;
  // From 1; 0 outside the primary key.
  int primary_key_position = 0;
  // Where the primary key compares this column otherwise than the column itself does.
  std::string key_collation;
  Generated generated = Generated::kNo;
  // A hidden column of a virtual table.
  bool hidden = false;
};

struct Table {
  std::string name;
  TableKind kind = TableKind::kTable;
  // Kept by SQLite, a virtual table, Sluice or Litestream for itself.
  bool hidden = false;
  bool without_rowid = false;
  bool strict = false;
  std::string module;
  std::string sql;
  // Why it cannot be read; empty when it can.
  std::string unavailable_reason;
  std::vector<TableColumn> columns;
  // Indexes into `columns`, in the key's order.
  std::vector<int> primary_key;
  // The name under which the rowid can be read; empty for views, WITHOUT ROWID tables, and tables
  // whose columns take all three names.
  std::string rowid_name;
  TableSql statements;

  bool is_view() const { return kind == TableKind::kView; }
  // Null when there is no such column. Letters' case does not matter.
  const TableColumn* FindColumn(absl::string_view column) const;
};

// Immutable after loading; shared between requests. Thread-safe.
class Schema {
 public:
  // Reads everything under one read transaction. A table that cannot be described (a virtual table
  // without its module) is there with its `unavailable_reason`.
  static absl::StatusOr<std::shared_ptr<const Schema>> Load(sqlite::Connection& connection);

  // `PRAGMA schema_version`.
  int64_t version() const { return version_; }
  // Ordered by name, byte by byte.
  const std::vector<Table>& tables() const { return tables_; }
  // Null when there is none. Letters' case does not matter.
  const Table* Find(absl::string_view name) const;

 private:
  absl::Status LoadTables(sqlite::Connection& connection);
  absl::Status LoadColumns(sqlite::Connection& connection, Table& table);
  absl::Status LoadKeyCollations(sqlite::Connection& connection, Table& table);
  void Index();

  int64_t version_ = 0;
  std::vector<Table> tables_;
  absl::flat_hash_map<std::string, size_t> by_lower_name_;
};

// Names that SQLite, Sluice and Litestream keep for themselves.
bool IsReservedName(absl::string_view name);

// SQLite's rules, section 3.1 of "Datatypes In SQLite".
Affinity AffinityOf(absl::string_view declared_type);

// The column that names a row for people; empty when there is none: the only unique text outside
// the primary key, else the first called `name` or `title`, else what stands beside the id in a
// table of two columns. `unique_columns` are the columns that a one-column UNIQUE index covers.
std::string LabelColumn(const Table& table, const std::vector<std::string>& unique_columns);

}  // namespace sluice::engine
