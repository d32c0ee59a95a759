// What became of rows, told by SQLite itself.
#pragma once

#include <cstdint>

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

}  // namespace sluice::sqlite
