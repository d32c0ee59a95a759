// The one place where SQLite's result codes become errors.
#pragma once

#include "absl/status/status.h"

struct sqlite3;

namespace sluice::sqlite {

// What went wrong on `db` with the (extended) result code `code`; OK for SQLITE_OK, SQLITE_ROW and
// SQLITE_DONE. Must be called before anything else happens on the connection, since the details are
// the connection's last error. The message is SQLite's where it speaks of the statement or of a
// constraint, and ours where SQLite's could hold a path.
absl::Status ErrorFrom(sqlite3* db, int code);

// Whether a status says that the database file is damaged.
bool IsCorruption(const absl::Status& status);

}  // namespace sluice::sqlite
