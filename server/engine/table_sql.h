// The statements of our own over one table, made once for each schema version: identifiers come
// from the schema only, and values are always bound.
#pragma once

#include <string>
#include <vector>

#include "server/engine/row_sink.h"

namespace sluice::engine {

struct Table;

// Every select lists `lead` columns that are not the caller's (the rowid, where there is one) and
// then the columns that `SELECT *` shows.
struct TableSql {
  int lead = 0;
  // Indexes into Table::columns of what the select lists show.
  std::vector<int> shown;
  KeyColumns key;
  // The primary key's columns as SQL, compared as the key compares them. Empty without one.
  std::vector<std::string> key_columns;
  // What the key's parts ?1… ask for, and what the rowid ?1 does. Empty without one.
  std::string key_condition;
  std::string rowid_condition;
  // The row that they name. Empty without one.
  std::string get_by_key;
  std::string get_by_rowid;
  // What INSERT … RETURNING gives: the same columns as the selects.
  std::string returning;
};

TableSql MakeTableSql(const Table& table);

}  // namespace sluice::engine
