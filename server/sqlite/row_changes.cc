#include "server/sqlite/row_changes.h"

#include <sqlite3.h>

namespace sluice::sqlite {

RowChanges::RowChanges(Connection& connection) : db_(connection.handle()) {
  sqlite3_preupdate_hook(
      db_,
      [](void* self, sqlite3* db, int operation, const char*, const char*, sqlite3_int64,
         sqlite3_int64) {
        if (sqlite3_preupdate_depth(db) > 0) return;
        auto* const changes = static_cast<RowChanges*>(self);
        if (operation == SQLITE_INSERT) ++changes->inserted_;
        if (operation == SQLITE_UPDATE) ++changes->updated_;
        if (operation == SQLITE_DELETE) ++changes->deleted_;
      },
      this);
}

RowChanges::~RowChanges() { sqlite3_preupdate_hook(db_, nullptr, nullptr); }

TableChanges::TableChanges(Connection& connection) : db_(connection.handle()) {
  sqlite3_preupdate_hook(
      db_,
      [](void* self, sqlite3*, int operation, const char*, const char* table, sqlite3_int64,
         sqlite3_int64) {
        Counts& counts = static_cast<TableChanges*>(self)->by_table_[table];
        if (operation == SQLITE_UPDATE) ++counts.updated;
        if (operation == SQLITE_DELETE) ++counts.deleted;
      },
      this);
}

TableChanges::~TableChanges() { sqlite3_preupdate_hook(db_, nullptr, nullptr); }

}  // namespace sluice::sqlite
