// What the operator says of databases, tables and callers beyond how the server runs: words for
// people, stored queries, ceilings. Read once at start (server/settings_file); immutable afterwards
// and so safe from any thread.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "server/base/limits.h"
#include "server/engine/init_database.h"
#include "server/sqlite/value.h"

namespace sluice::engine {

// Words for people about a database, a table, a query or the whole server. All may be empty.
struct About {
  std::string title;
  std::string description;
  std::string license;
  std::string license_url;
  std::string source;
  std::string source_url;
  std::string about;
  std::string about_url;
};

struct ColumnSettings {
  std::string description;
  std::string unit;
};

struct TableSettings {
  About about;
  // By name in lower case.
  std::map<std::string, ColumnSettings> columns;
  // Left out of lists; it can be read all the same.
  bool hidden = false;
  // The column that names a row for people, where the usual rules choose another.
  std::string label_column;
  // The order and the size of a page that asks for none; empty and 0 leave them to the server.
  std::string sort_column;
  bool sort_descending = false;
  int32_t page_size = 0;
};

// A parameter of a stored query.
struct StoredParameter {
  enum class Type { kAny, kInteger, kReal, kText, kBlob, kBoolean };
  std::string name;
  Type type = Type::kAny;
  std::string description;
  // What it is when the caller does not give it; without it the caller must.
  std::optional<sqlite::Value> default_value;
};

struct StoredQuery {
  std::string name;
  std::string sql;
  About about;
  // Those that the configuration describes; others take any value and must be given.
  std::vector<StoredParameter> parameters;
  // It may change rows and definitions.
  bool writes = false;
  // Other databases that it reads, if it does not write.
  std::vector<std::string> databases = {};

  const StoredParameter* FindParameter(absl::string_view parameter) const;
};

// Ceilings that lower the server's own, never raise them.
struct Ceilings {
  absl::Duration statement_time = limits::kStatementTimeMax;
  // Of a unary result.
  int64_t rows = limits::kPageRowsMax;
  int64_t bytes = limits::kPageBytesMax;
  // Of a stream or an export.
  int64_t stream_rows = INT64_MAX;
  int64_t stream_bytes = INT64_MAX;
  // At a time.
  int64_t streams = INT64_MAX;

  // The lower of the two, one by one.
  Ceilings And(const Ceilings& other) const;
};

struct DatabaseSettings {
  About about;
  Ceilings ceilings;
  // By name in lower case.
  std::map<std::string, TableSettings> tables;
  std::map<std::string, StoredQuery> queries;
  InitSpec init;
};

struct Settings {
  About about;
  Ceilings ceilings;
  std::map<std::string, DatabaseSettings> databases;
  // By the caller's name: `anonymous`, `admin`.
  std::map<std::string, Ceilings> callers;

  // What holds for a call to one database. `streams` is the server's alone: the others are counted
  // for themselves.
  Ceilings CeilingsFor(absl::string_view database, absl::string_view caller) const;
  // Never null: what nothing is said of has empty settings.
  const DatabaseSettings& Database(absl::string_view name) const;
  const TableSettings& Table(absl::string_view database, absl::string_view table) const;
};

}  // namespace sluice::engine
