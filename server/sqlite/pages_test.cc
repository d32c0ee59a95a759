#include "server/sqlite/pages.h"

#include <gtest/gtest.h>
#include <sqlite3.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "server/sqlite/test_database.h"
#include "server/sqlite/test_raw.h"

namespace sluice::sqlite {
namespace {

std::string ReadAll(PageReader& reader) {
  std::string bytes;
  std::vector<char> buffer(1 << 16);
  while (true) {
    const size_t read = *reader.Read(buffer.data(), buffer.size());
    if (read == 0) return bytes;
    bytes.append(buffer.data(), read);
  }
}

TEST(PageReaderTest, GivesAWholeFileOfOneMomentWhileWritersGoOn) {
  const TestDatabase database("CREATE TABLE t(a)");
  database.Run(
      "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 2000) "
      "INSERT INTO t SELECT randomblob(500) FROM n");
  const auto pool = Pool::Make({.path = database.path()}, 2, nullptr);
  auto reader = PageReader::Open(*pool->Acquire(Interrupt()), Interrupt());
  ASSERT_TRUE(reader.ok()) << reader.status();

  database.Run("DELETE FROM t WHERE rowid % 2");
  const std::string bytes = ReadAll(*reader);
  EXPECT_EQ(static_cast<int64_t>(bytes.size()), reader->size_bytes());

  const std::string copy = database.folder() + "/copy.db";
  std::ofstream(copy, std::ios::binary) << bytes;
  const auto opened = Connection::Open({.path = copy});
  ASSERT_TRUE(opened.ok()) << opened.status();
  EXPECT_EQ(*(*opened)->QueryInteger("SELECT count(*) FROM t"), 2000);
  EXPECT_EQ((*opened)->QueryValue("PRAGMA integrity_check")->view().bytes, "ok");
  EXPECT_EQ((*opened)->QueryValue("PRAGMA journal_mode")->view().bytes, "delete");
}

// Every page as SQLite itself shows it, but for the two bytes that say WAL.
void ExpectTheSamePages(const TestDatabase& database, int count_max) {
  const auto pool = Pool::Make({.path = database.path()}, 2, nullptr);
  auto reader = PageReader::Open(*pool->Acquire(Interrupt()), Interrupt());
  ASSERT_TRUE(reader.ok()) << reader.status();
  const auto page_bytes = static_cast<size_t>(reader->page_size_bytes());
  std::vector<char> buffer(page_bytes * static_cast<size_t>(count_max));
  auto pages = reader->connection().Prepare("SELECT data FROM sqlite_dbpage");
  ASSERT_TRUE(pages.ok());
  int64_t number = 0;
  while (true) {
    const auto size = reader->Read(buffer.data(), buffer.size());
    ASSERT_TRUE(size.ok()) << size.status();
    for (size_t at = 0; at < *size; at += page_bytes) {
      ASSERT_TRUE(*pages->Step());
      std::string expected(pages->column(0).bytes);
      if (number++ == 0) expected[18] = expected[19] = 1;
      ASSERT_EQ(absl::string_view(buffer.data() + at, page_bytes), expected) << number;
    }
    if (*size == 0) break;
  }
  EXPECT_EQ(number, reader->page_count());
}

TEST(PageReaderTest, GivesWhatSqliteShowsOfEachPage) {
  const TestDatabase database("CREATE TABLE t(id INTEGER PRIMARY KEY, a)");
  const auto open = database.Open();
  TestDatabase::Run(*open,
                    "INSERT INTO t WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n "
                    "LIMIT 2000) SELECT i, randomblob(500) FROM n");
  // All in the log; all in the file; some in each, and some of those in runs.
  ExpectTheSamePages(database, 64);
  ASSERT_TRUE(open->Checkpoint(/*truncate=*/true).ok());
  ExpectTheSamePages(database, 64);
  TestDatabase::Run(*open, "UPDATE t SET a = randomblob(500) WHERE id % 97 = 0 OR id / 100 = 7");
  for (const int count : {1, 3, 64, 10'000}) ExpectTheSamePages(database, count);
}

TEST(PageReaderTest, ReadsOtherPageSizes) {
  for (const char* pragma : {"PRAGMA page_size = 512", "PRAGMA page_size = 65536"}) {
    const TestDatabase database;
    const std::string path = database.folder() + "/other.db";
    RawConnection(path).Run(std::string(pragma) +
                            "; PRAGMA journal_mode = WAL; CREATE TABLE t(a); "
                            "INSERT INTO t VALUES (randomblob(300000))");
    const auto pool = Pool::Make({.path = path}, 2, nullptr);
    auto reader = PageReader::Open(*pool->Acquire(Interrupt()), Interrupt());
    ASSERT_TRUE(reader.ok()) << reader.status();
    std::string bytes;
    std::vector<char> buffer(1 << 17);
    while (const size_t size = *reader->Read(buffer.data(), buffer.size())) {
      bytes.append(buffer.data(), size);
    }
    const std::string copy = database.folder() + "/copy.db";
    std::ofstream(copy, std::ios::binary) << bytes;
    EXPECT_EQ(
        (*Connection::Open({.path = copy}))->QueryValue("PRAGMA integrity_check")->view().bytes,
        "ok");
  }
}

TEST(PageReaderTest, LeavesOutThePageOfTheLocks) {
  // It lies at 1 GiB; SQLite lets tests move it.
  struct MovedLocks {
    MovedLocks() { sqlite3_test_control(SQLITE_TESTCTRL_PENDING_BYTE, 64 << 10); }
    ~MovedLocks() { sqlite3_test_control(SQLITE_TESTCTRL_PENDING_BYTE, 1 << 30); }
  } const moved;
  const TestDatabase database("CREATE TABLE t(a)");
  const auto open = database.Open();
  TestDatabase::Run(*open, "INSERT INTO t VALUES (randomblob(100000))");
  ExpectTheSamePages(database, 64);
  ASSERT_TRUE(open->Checkpoint(/*truncate=*/true).ok());
  ExpectTheSamePages(database, 64);
  ExpectTheSamePages(database, 1);
}

TEST(PageReaderTest, GoesToAnyPage) {
  const TestDatabase database("CREATE TABLE t(a)");
  database.Run("INSERT INTO t VALUES (randomblob(100000))");
  const auto pool = Pool::Make({.path = database.path()}, 2, nullptr);
  auto reader = PageReader::Open(*pool->Acquire(Interrupt()), Interrupt());
  const std::string bytes = ReadAll(*reader);
  const auto page_bytes = static_cast<size_t>(reader->page_size_bytes());
  std::string page(page_bytes, '\0');
  reader->Seek(5);
  ASSERT_EQ(*reader->Read(page.data(), page.size()), page_bytes);
  EXPECT_EQ(page, bytes.substr(5 * page_bytes, page_bytes));
}

TEST(PageReaderTest, AFileThatWasCutShortIsDamaged) {
  const TestDatabase database("CREATE TABLE t(a)");
  {
    const auto open = database.Open();
    TestDatabase::Run(*open, "INSERT INTO t VALUES (randomblob(100000))");
    ASSERT_TRUE(open->Checkpoint(/*truncate=*/true).ok());
    const auto pool = Pool::Make({.path = database.path()}, 2, nullptr);
    auto reader = PageReader::Open(*pool->Acquire(Interrupt()), Interrupt());
    ASSERT_TRUE(reader.ok());
    std::filesystem::resize_file(database.path(), 8192);
    std::vector<char> buffer(1 << 20);
    EXPECT_EQ(reader->Read(buffer.data(), buffer.size()).status().code(),
              absl::StatusCode::kDataLoss);
  }
}

TEST(PageReaderTest, EveryCommitChangesTheLogsState) {
  const TestDatabase database("CREATE TABLE t(a)");
  const auto open = database.Open();
  const auto state = [&] {
    const auto reader = database.Open(OpenOptions::Mode::kReadOnly);
    CHECK(reader->Execute("BEGIN").ok());
    CHECK(reader->QueryInteger("SELECT count(*) FROM t").ok());
    return reader->LogState();
  };
  const std::string first = state();
  EXPECT_FALSE(first.empty());
  EXPECT_EQ(state(), first);
  TestDatabase::Run(*open, "INSERT INTO t VALUES (1)");
  const std::string second = state();
  EXPECT_NE(second, first);
  ASSERT_TRUE(open->Checkpoint(/*truncate=*/true).ok());
  TestDatabase::Run(*open, "DELETE FROM t");
  EXPECT_NE(state(), first);
  EXPECT_NE(state(), second);
}

TEST(PageReaderTest, StopsWhenTheCallerGoesAway) {
  const TestDatabase database("CREATE TABLE t(a)");
  database.Run(
      "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 9000) "
      "INSERT INTO t SELECT randomblob(500) FROM n");
  const auto pool = Pool::Make({.path = database.path()}, 2, nullptr);
  std::atomic<bool> cancelled{false};
  auto reader =
      PageReader::Open(*pool->Acquire(Interrupt()), Interrupt(Deadline::Infinite(), &cancelled));
  ASSERT_TRUE(reader.ok());
  cancelled = true;
  std::vector<char> buffer(16 << 20);
  EXPECT_EQ(reader->Read(buffer.data(), buffer.size()).status().code(),
            absl::StatusCode::kCancelled);
}

}  // namespace
}  // namespace sluice::sqlite
