#include "server/engine/file.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "absl/strings/str_join.h"
#include "server/base/error.h"
#include "server/sqlite/test_database.h"

namespace sluice::engine {
namespace {

// A header as SQLite writes it: 4 KiB pages, change counter 7, 3 pages.
std::string Header() {
  std::string header("SQLite format 3\0\x10\x00\x02\x02", 20);
  header.resize(100, '\0');
  header[27] = 7;
  header[31] = 3;
  header[95] = 7;
  return header;
}

TEST(ParseHeaderTest, ReadsWhatSQLiteWrites) {
  const auto header = ParseHeader(Header());
  ASSERT_TRUE(header.ok()) << header.status();
  EXPECT_EQ(header->page_size_bytes, 4096);
  EXPECT_EQ(header->page_count, 3);
  EXPECT_EQ(header->change_counter, 7u);
  EXPECT_TRUE(header->wal);

  std::string bytes = Header();
  bytes[16] = 0;
  bytes[17] = 1;
  bytes[18] = 1;
  EXPECT_EQ(ParseHeader(bytes)->page_size_bytes, 65536);
  EXPECT_FALSE(ParseHeader(bytes)->wal);
  bytes = Header();
  bytes.replace(28, 4, "\xff\xff\xff\xfe");
  EXPECT_EQ(ParseHeader(bytes)->page_count, 4294967294);
}

TEST(ParseHeaderTest, BelievesNoPageCountOfAWriterThatDidNotKnowIt) {
  std::string bytes = Header();
  bytes[95] = 6;
  EXPECT_EQ(ParseHeader(bytes)->page_count, 0);
}

TEST(ParseHeaderTest, RefusesWhatIsNoHeader) {
  const std::string good = Header();
  std::vector<std::string> bad{"", good.substr(0, 99), std::string(100, '\0'),
                               "SQLite format 2" + good.substr(15)};
  for (const int page_size : {0, 2, 256, 511, 513, 4095, 0x9000}) {
    bad.push_back(good);
    bad.back()[16] = static_cast<char>(page_size >> 8);
    bad.back()[17] = static_cast<char>(page_size);
  }
  for (const std::string& bytes : bad) {
    const auto header = ParseHeader(bytes);
    EXPECT_EQ(header.status().code(), absl::StatusCode::kDataLoss);
    EXPECT_EQ(ReasonOf(header.status()), reason::kCorrupt);
  }
}

TEST(DatabaseNameTest, IsTheFileNameWithoutItsEnding) {
  EXPECT_EQ(DatabaseName("/data/proj.db"), "proj");
  EXPECT_EQ(DatabaseName("proj.sqlite3"), "proj");
  EXPECT_EQ(DatabaseName("./a.b.db"), "a.b");
  EXPECT_EQ(DatabaseName("/data/noending"), "noending");
}

class FileTest : public testing::Test {
 protected:
  std::string Path(const std::string& name) const { return database_.folder() + "/" + name; }
  const sqlite::TestDatabase database_;
};

TEST_F(FileTest, ListsDatabaseFilesByName) {
  for (const char* name : {"b.sqlite", "a.sqlite3", "c.db", ".hidden.db", "d.db-wal", "d.db-shm",
                           "e.db-journal", "f.db.part", "g.DB", "db", "h.txt"}) {
    std::ofstream(Path(name)) << name;
  }
  std::filesystem::create_directory(Path("sub.db"));
  std::ofstream(Path("sub.db/inside.db")) << "x";
  std::filesystem::create_symlink(Path("nowhere"), Path("dangling.db"));
  std::vector<std::string> names;
  for (const std::string& path : ListDatabaseFiles(database_.folder())) {
    names.push_back(std::filesystem::path(path).filename());
  }
  EXPECT_EQ(absl::StrJoin(names, " "), "a.sqlite3 b.sqlite c.db test.db");
  EXPECT_TRUE(ListDatabaseFiles(Path("nosuch")).empty());
}

TEST_F(FileTest, LooksAtRegularFilesOnly) {
  EXPECT_TRUE(LookAt(database_.path()).ok());
  EXPECT_FALSE(LookAt(database_.folder()).ok());
  EXPECT_FALSE(LookAt(Path("nosuch")).ok());
  const auto before = LookAt(database_.path());
  std::filesystem::copy_file(database_.path(), Path("copy"));
  EXPECT_FALSE(before->same_file(*LookAt(Path("copy"))));
  std::filesystem::rename(database_.path(), Path("moved"));
  EXPECT_TRUE(*before == *LookAt(Path("moved")));
}

TEST_F(FileTest, IsHeldByOneServerThatWritesAndByManyThatRead) {
  {
    const auto first = FileHold::Open(database_.path(), /*exclusive=*/true);
    ASSERT_TRUE(first.ok());
    const auto second = FileHold::Open(database_.path(), /*exclusive=*/true);
    EXPECT_EQ(second.status().code(), absl::StatusCode::kFailedPrecondition);
    EXPECT_EQ(ReasonOf(second.status()), reason::kNotServed);
    EXPECT_TRUE(FileHold::Open(database_.path(), /*exclusive=*/false).ok());
  }
  EXPECT_TRUE(FileHold::Open(database_.path(), /*exclusive=*/true).ok());
  EXPECT_EQ(FileHold::Open(Path("nosuch"), true).status().code(), absl::StatusCode::kUnavailable);
}

TEST_F(FileTest, SeesTheHeldFileWhateverItsNameIs) {
  auto hold = FileHold::Open(database_.path(), /*exclusive=*/true);
  ASSERT_TRUE(hold.ok());
  const FileHold moved = *std::move(hold);
  const auto before = moved.Look();
  std::ofstream(Path("new")) << "another";
  std::filesystem::rename(Path("new"), database_.path());
  EXPECT_TRUE(*before == *moved.Look() || before->same_file(*moved.Look()));
  EXPECT_FALSE(before->same_file(*LookAt(database_.path())));
  EXPECT_TRUE(moved.ReadHeader().ok());
}

TEST_F(FileTest, FindsAFileThatIsShorterThanItsHeaderSays) {
  database_.Run("CREATE TABLE t(a);\nPRAGMA wal_checkpoint(TRUNCATE)");
  const auto size = std::filesystem::file_size(database_.path());
  EXPECT_TRUE(FileHold::Open(database_.path(), true)->CheckLength().ok());
  std::filesystem::resize_file(database_.path(), size - 1);
  EXPECT_TRUE(FileHold::Open(database_.path(), true)->ReadHeader().ok());
  EXPECT_EQ(FileHold::Open(database_.path(), true)->CheckLength().code(),
            absl::StatusCode::kDataLoss);
  std::filesystem::resize_file(database_.path(), 0);
  EXPECT_EQ(FileHold::Open(database_.path(), true)->ReadHeader().status().code(),
            absl::StatusCode::kDataLoss);
}

}  // namespace
}  // namespace sluice::engine
