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
  // Whether the order of pages is one of rows' own keys. Otherwise it is all columns, and equal
  // rows are counted.
  bool keyset = false;
  // Statement columns whose values are a page position, for `keyset`.
  std::vector<int> position;

  // ?1 is the row limit.
  std::string first_page;
  // ?1 the limit; ?2… the position; for pages that are no keyset, the number of equal rows to skip
  // comes last.
  std::string next_page;
  // ?1… are the parts of the key. Empty without a key.
  std::string get_by_key;
  // ?1 is the rowid. Empty without one.
  std::string get_by_rowid;
  // What INSERT … RETURNING gives: the same columns as the selects.
  std::string returning;
};

TableSql MakeTableSql(const Table& table);

}  // namespace sluice::engine
