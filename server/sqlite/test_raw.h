// For tests: plain SQLite beside the server, as another program would use the file, with nothing
// of ours set: no guard, no defensive mode, SQLite's own defaults.
#pragma once

#include <sqlite3.h>

#include <cstdio>
#include <string>

#include "server/base/check.h"

namespace sluice::sqlite {

// Another process, as far as the file can tell. Not thread-safe.
class RawConnection {
 public:
  explicit RawConnection(const std::string& path) {
    CHECK(sqlite3_open(path.c_str(), &db_) == SQLITE_OK);
  }
  ~RawConnection() { CHECK(sqlite3_close(db_) == SQLITE_OK); }
  RawConnection(const RawConnection&) = delete;
  RawConnection& operator=(const RawConnection&) = delete;

  // Any number of statements. SQLite's extended code.
  int Try(const std::string& sql) {
    const int code = sqlite3_exec(db_, sql.c_str(), nullptr, nullptr, nullptr);
    return code == SQLITE_OK ? SQLITE_OK : sqlite3_extended_errcode(db_);
  }
  void Run(const std::string& sql) {
    if (Try(sql) == SQLITE_OK) return;
    std::fprintf(stderr, "%s\n", sqlite3_errmsg(db_));
    CHECK(false);
  }
  // The first column of the first row, as text.
  std::string Text(const std::string& sql) {
    std::string text;
    const auto keep = [](void* out, int, char** values, char**) {
      *static_cast<std::string*>(out) = values[0] != nullptr ? values[0] : "";
      return 0;
    };
    CHECK(sqlite3_exec(db_, sql.c_str(), keep, &text, nullptr) == SQLITE_OK);
    return text;
  }
  // Statements that write double-quoted texts, and schemas that hold some.
  void AllowLegacyLiterals() {
    CHECK(sqlite3_db_config(db_, SQLITE_DBCONFIG_DQS_DDL, 1, nullptr) == SQLITE_OK);
    CHECK(sqlite3_db_config(db_, SQLITE_DBCONFIG_DQS_DML, 1, nullptr) == SQLITE_OK);
  }
  // The write-ahead log stays as it is when this connection closes.
  void KeepLog() {
    CHECK(sqlite3_db_config(db_, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr) == SQLITE_OK);
  }

 private:
  sqlite3* db_ = nullptr;
};

}  // namespace sluice::sqlite
