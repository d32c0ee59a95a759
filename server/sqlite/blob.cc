#include "server/sqlite/blob.h"

#include <sqlite3.h>

#include "server/sqlite/connection.h"

namespace sluice::sqlite {

absl::StatusOr<std::unique_ptr<Blob>> Blob::Open(Connection& connection, const std::string& table,
                                                 const std::string& column, int64_t rowid) {
  sqlite3_blob* handle = nullptr;
  const int code = sqlite3_blob_open(connection.db_.get(), "main", table.c_str(), column.c_str(),
                                     rowid, /*flags=*/0, &handle);
  if (code != SQLITE_OK) return connection.StepError(code);
  return std::unique_ptr<Blob>(new Blob(connection, handle));
}

Blob::~Blob() { sqlite3_blob_close(handle_); }

int64_t Blob::size_bytes() const { return sqlite3_blob_bytes(handle_); }

absl::Status Blob::Read(char* out, size_t bytes, int64_t offset) {
  const int code =
      sqlite3_blob_read(handle_, out, static_cast<int>(bytes), static_cast<int>(offset));
  return code == SQLITE_OK ? absl::OkStatus() : connection_.StepError(code);
}

}  // namespace sluice::sqlite
