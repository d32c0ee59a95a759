#include "server/engine/restore_check.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "server/base/error.h"
#include "server/engine/test_files.h"
#include "server/sqlite/test_database.h"

namespace sluice::engine {
namespace {

constexpr char kSound[] =
    "CREATE TABLE parent(id INTEGER PRIMARY KEY); INSERT INTO parent VALUES (1);"
    "CREATE TABLE child(p REFERENCES parent, CHECK (p > 0)); INSERT INTO child VALUES (1);"
    "CREATE VIEW v AS SELECT upper(p) AS \"u\" FROM child;"
    "CREATE TRIGGER t AFTER INSERT ON child BEGIN UPDATE child SET p = abs(p); END;"
    "CREATE VIRTUAL TABLE \"words of\" USING fts5(body); INSERT INTO \"words of\" VALUES ('a b');"
    "CREATE TABLE filled(x); INSERT INTO filled SELECT randomblob(3000) FROM generate";

class RestoreCheckTest : public testing::Test {
 protected:
  static std::string Sound() {
    const std::string sql = kSound;
    return sql.substr(0, sql.rfind("FROM generate")) +
           "FROM (WITH RECURSIVE c(n) AS (VALUES(1) UNION ALL SELECT n+1 FROM c WHERE n<40) SELECT "
           "n "
           "FROM c)";
  }
  std::string Made(const std::string& sql) const { return MakeDatabase(scratch_.folder(), sql); }

  absl::Status Bytes(const std::string& bytes) {
    WriteBytes(path(), bytes);
    return CheckBytes(path(), static_cast<int64_t>(bytes.size()), Sha256(bytes), Interrupt(),
                      [&](int64_t told) { told_ = told; });
  }
  absl::Status Check(const std::string& bytes, const DatabaseCheck& check = {}) {
    const absl::Status first = Bytes(bytes);
    return first.ok() ? CheckDatabase(path(), check) : first;
  }
  std::string Reason(const std::string& bytes) { return ReasonOf(Check(bytes)); }
  // Of a sound database whose schema has this row too.
  std::string ReasonWith(const std::string& sql, const std::string& row) {
    return Reason(
        Made(sql + ";PRAGMA writable_schema=ON; INSERT INTO sqlite_schema VALUES (" + row + ")"));
  }
  std::string path() const { return scratch_.folder() + "/upload.db"; }

  const sqlite::TestDatabase scratch_;
  int64_t told_ = 0;
};

TEST_F(RestoreCheckTest, ASoundDatabasePasses) {
  const std::string bytes = Made(Sound());
  const absl::Status status = Check(bytes);
  EXPECT_TRUE(status.ok()) << status;
  EXPECT_EQ(told_, static_cast<int64_t>(bytes.size()));
}

TEST_F(RestoreCheckTest, WhatIsNotThePromisedFileIsDamage) {
  const std::string bytes = Made("CREATE TABLE t(a)");
  WriteBytes(path(), bytes);
  const auto check = [&](int64_t size, const std::string& sha256) {
    return ReasonOf(CheckBytes(path(), size, sha256, Interrupt(), [](int64_t) {}));
  };
  EXPECT_EQ(check(static_cast<int64_t>(bytes.size()), Sha256("other")), reason::kCorrupt);
  EXPECT_EQ(check(4096, Sha256(bytes)), reason::kCorrupt);
}

TEST_F(RestoreCheckTest, WhatIsNoWholeDatabaseIsDamage) {
  const std::string bytes = Made(Sound());
  EXPECT_EQ(Reason(std::string(4096, 'x')), reason::kCorrupt);
  EXPECT_EQ(Reason(bytes.substr(0, bytes.size() - 4096)), reason::kCorrupt);
  EXPECT_EQ(Reason(bytes + std::string(4096, '\0')), reason::kCorrupt);
  EXPECT_EQ(Reason(bytes + std::string(512, '\0')), reason::kCorrupt);
  std::string wrong = bytes;
  wrong[31] = static_cast<char>(wrong[31] + 1);  // The page count.
  EXPECT_EQ(Reason(wrong), reason::kCorrupt);
  wrong = bytes;
  wrong[16] = 3;  // The page size.
  EXPECT_EQ(Reason(wrong), reason::kCorrupt);
}

TEST_F(RestoreCheckTest, ADamagedPageIsFound) {
  std::string bytes = Made(Sound());
  for (size_t i = bytes.size() - 4096; i < bytes.size() - 2048; ++i) bytes[i] = 'x';
  EXPECT_EQ(Reason(bytes), reason::kCorrupt);
  bytes = Made("CREATE TABLE t(a); CREATE INDEX i ON t(a); INSERT INTO t VALUES (1), (2)");
  // A row of the index is another than that of the table.
  bytes[bytes.size() - 3] = static_cast<char>(bytes[bytes.size() - 3] ^ 0x40);
  EXPECT_EQ(Reason(bytes), reason::kCorrupt);
}

TEST_F(RestoreCheckTest, AFileThatSaysWalIsReadWithoutALog) {
  std::string bytes = Made(Sound());
  bytes[18] = bytes[19] = 2;
  const absl::Status status = Check(bytes);
  EXPECT_TRUE(status.ok()) << status;
  EXPECT_FALSE(std::filesystem::exists(path() + "-wal"));
  EXPECT_EQ(BytesOf(path()).substr(18, 2), std::string("\1\1"));
  bytes[18] = bytes[19] = 3;
  EXPECT_EQ(Reason(bytes), reason::kUnsupported);
}

TEST_F(RestoreCheckTest, RowsThatReferToNothingAreTold) {
  const std::string bytes = Made(
      "PRAGMA foreign_keys = OFF; CREATE TABLE parent(id INTEGER PRIMARY KEY);"
      "CREATE TABLE child(p REFERENCES parent);"
      "INSERT INTO child VALUES (7)");
  const absl::Status status = Check(bytes);
  EXPECT_EQ(ReasonOf(status), reason::kForeignKey);
  EXPECT_EQ(MetadataOf(status, "table"), "child");
  EXPECT_TRUE(Check(bytes, {.allow_foreign_key_violations = true}).ok());
}

TEST_F(RestoreCheckTest, SchemasThatDoHarmAreRefused) {
  const char* const kHarmful[] = {
      // Pages and statistics, under a name that nobody would hide.
      "CREATE VIRTUAL TABLE harmless USING dbstat",
      "CREATE VIRTUAL TABLE \"a using fts5(\" USING sqlite_dbpage",
      "CREATE VIRTUAL TABLE harmless USING/**/dbstat",
      // What SQLite runs for nobody's schema.
      "CREATE VIEW v AS SELECT data FROM sqlite_dbpage",
      "CREATE TABLE t(a); CREATE TRIGGER x AFTER INSERT ON t BEGIN SELECT * FROM dbstat; END",
      // A table that the server would believe.
      "CREATE TABLE _sluice_commit(id, epoch, seq)", "CREATE VIEW _sluice_receipts AS SELECT 1",
      "CREATE TABLE _sluice_other(a)"};
  for (const char* sql : kHarmful) {
    const absl::Status status = Check(Made(sql));
    EXPECT_EQ(ReasonOf(status), reason::kUnsafeSchema) << sql << ": " << status;
    EXPECT_NE(MetadataOf(status, "name"), "") << sql;
  }
}

TEST_F(RestoreCheckTest, TricksWithTheSchemaTableAreRefused) {
  const std::string table = "CREATE TABLE t(a)";
  EXPECT_EQ(
      ReasonWith(table, "'table','sqlite_evil','sqlite_evil',2,'CREATE TABLE sqlite_evil(a)'"),
      reason::kUnsafeSchema);
  // Two tables on one page.
  EXPECT_EQ(ReasonWith(table, "'table','u','u',2,'CREATE TABLE u(a)'"), reason::kCorrupt);
  EXPECT_EQ(ReasonWith(table, "'table','u','u',9999,'CREATE TABLE u(a)'"), reason::kCorrupt);
  EXPECT_EQ(ReasonWith(table, "'table','u','u',2,'no SQL at all'"), reason::kCorrupt);
}

TEST_F(RestoreCheckTest, AViewThatDoesNotCompileIsNoHarm) {
  const absl::Status status =
      Check(Made("CREATE TABLE t(a); CREATE VIEW v AS SELECT b FROM absent"));
  EXPECT_TRUE(status.ok()) << status;
}

TEST_F(RestoreCheckTest, EndsWithItsDeadline) {
  const std::string bytes = Made(Sound());
  WriteBytes(path(), bytes);
  const Interrupt over(Deadline::After(absl::ZeroDuration()));
  EXPECT_EQ(ReasonOf(CheckBytes(path(), static_cast<int64_t>(bytes.size()), Sha256(bytes), over,
                                [](int64_t) {})),
            reason::kDeadline);
  EXPECT_EQ(ReasonOf(CheckDatabase(path(), {.interrupt = over})), reason::kDeadline);
}

TEST_F(RestoreCheckTest, PreparingBeginsANewEpochAndKeepsTheRest) {
  WriteBytes(path(), Made("CREATE TABLE t(a); INSERT INTO t VALUES (1)"));
  const auto first = PrepareForService(path());
  const auto second = PrepareForService(path());
  ASSERT_TRUE(first.ok() && second.ok()) << first.status();
  EXPECT_NE(*first, *second);
  EXPECT_EQ(sqlite::RawConnection(path()).Text("SELECT a FROM t"), "1");
  for (const char* ending : {"-wal", "-shm", "-journal"}) {
    EXPECT_FALSE(std::filesystem::exists(path() + ending)) << ending;
  }
  // A second restore of it, and of its tables that are the server's own.
  EXPECT_EQ(ReasonOf(Check(BytesOf(path()))), "");
}

}  // namespace
}  // namespace sluice::engine
