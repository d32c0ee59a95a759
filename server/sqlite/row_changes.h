// What became of rows, told by SQLite itself.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "server/sqlite/connection.h"

namespace sluice::sqlite {

// While it lives, counts the rows that the connection's own statements insert, update and delete;
// not those that triggers and foreign keys touch. One at a time for each connection, which it must
// not outlive.
class RowChanges {
 public:
  explicit RowChanges(Connection& connection);
  ~RowChanges();
  RowChanges(const RowChanges&) = delete;
  RowChanges& operator=(const RowChanges&) = delete;

  void Clear() { inserted_ = updated_ = deleted_ = 0; }
  int64_t inserted() const { return inserted_; }
  int64_t updated() const { return updated_; }
  int64_t deleted() const { return deleted_; }

 private:
  sqlite3* const db_;
  int64_t inserted_ = 0;
  int64_t updated_ = 0;
  int64_t deleted_ = 0;
};

// While it lives, counts the rows that change, by table, those that triggers and foreign keys touch
// among them. In place of RowChanges.
class TableChanges {
 public:
  struct Counts {
    int64_t updated = 0;
    int64_t deleted = 0;
  };
  explicit TableChanges(Connection& connection);
  ~TableChanges();
  TableChanges(const TableChanges&) = delete;
  TableChanges& operator=(const TableChanges&) = delete;

  const std::map<std::string, Counts>& by_table() const { return by_table_; }

 private:
  sqlite3* const db_;
  std::map<std::string, Counts> by_table_;
};

}  // namespace sluice::sqlite
