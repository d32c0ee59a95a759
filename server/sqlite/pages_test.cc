#include "server/sqlite/pages.h"

#include <gtest/gtest.h>

#include <fstream>
#include <vector>

#include "server/sqlite/test_database.h"

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
