// For tests of this room and of those above: a database file in a folder of its own.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>

#include "server/base/check.h"
#include "server/sqlite/connection.h"
#include "server/sqlite/library.h"

namespace sluice::sqlite {

class TestDatabase {
 public:
  explicit TestDatabase(const char* schema = "", const char* name = "test.db") {
    static const bool initialised = InitLibrary().ok();
    CHECK(initialised);
    char pattern[] = "/tmp/sluice-test-XXXXXX";
    CHECK(mkdtemp(pattern) != nullptr);
    folder_ = pattern;
    path_ = folder_ + "/" + name;
    auto connection = Open(OpenOptions::Mode::kCreate);
    CHECK(connection->Execute("PRAGMA journal_mode = WAL").ok());
    Run(*connection, schema);
  }
  ~TestDatabase() { std::filesystem::remove_all(folder_); }
  TestDatabase(const TestDatabase&) = delete;
  TestDatabase& operator=(const TestDatabase&) = delete;

  const std::string& path() const { return path_; }
  const std::string& folder() const { return folder_; }

  std::unique_ptr<Connection> Open(OpenOptions::Mode mode = OpenOptions::Mode::kReadWrite) const {
    auto connection = Connection::Open({.path = path_, .mode = mode});
    CHECK(connection.ok());
    return *std::move(connection);
  }
  // Statements separated by semicolons at the end of a line.
  void Run(absl::string_view sql) const { Run(*Open(), sql); }

  static void Run(Connection& connection, absl::string_view sql) {
    while (!sql.empty()) {
      const size_t end = sql.find(";\n");
      const absl::string_view one = sql.substr(0, end);
      if (one.find_first_not_of(" \n") != absl::string_view::npos) {
        const absl::Status status = connection.Execute(one);
        if (!status.ok()) std::fprintf(stderr, "%s\n", status.ToString().c_str());
        CHECK(status.ok());
      }
      sql = end == absl::string_view::npos ? absl::string_view() : sql.substr(end + 2);
    }
  }

 private:
  std::string folder_;
  std::string path_;
};

}  // namespace sluice::sqlite
