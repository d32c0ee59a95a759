// One stored value, read piece by piece without ever being whole in memory.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/statusor.h"

struct sqlite3_blob;

namespace sluice::sqlite {

class Connection;

// A TEXT or a BLOB of a table with rowids, as its bytes stand in the file: a TEXT of a UTF-16
// database is UTF-16. Must die before its connection (or the lease on it). Not thread-safe.
class Blob {
 public:
  // INVALID_ARGUMENT (SQL_ERROR) for what is no such value: views, virtual and WITHOUT ROWID
  // tables, computed columns, numbers and NULL.
  static absl::StatusOr<std::unique_ptr<Blob>> Open(Connection& connection,
                                                    const std::string& table,
                                                    const std::string& column, int64_t rowid);
  ~Blob();
  Blob(const Blob&) = delete;
  Blob& operator=(const Blob&) = delete;

  int64_t size_bytes() const;
  // `bytes` from `offset` on, which must be there.
  absl::Status Read(char* out, size_t bytes, int64_t offset);

 private:
  Blob(Connection& connection, sqlite3_blob* handle) : connection_(connection), handle_(handle) {}

  Connection& connection_;
  sqlite3_blob* const handle_;
};

}  // namespace sluice::sqlite
