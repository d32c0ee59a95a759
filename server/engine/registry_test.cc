#include "server/engine/registry.h"

#include <gtest/gtest.h>
#include <utime.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "absl/strings/match.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "server/base/error.h"
#include "server/engine/browse.h"
#include "server/engine/test_write.h"
#include "server/engine/watcher.h"
#include "server/sqlite/test_raw.h"

namespace sluice::engine {
namespace {

namespace fs = std::filesystem;

std::string Bytes(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

void Write(const std::string& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary) << bytes;
}

std::string ListT(Database& database) {
  CollectingSink sink;
  const auto page =
      ListRows(database, {.rows = {.table = "t"}, .rows_max = 99, .bytes_max = size_t{1} << 30},
               Interrupt(), sink);
  return page.ok() ? sink.text() : ReasonOf(page.status());
}

// Time goes on only when a test says so, from the present, which is when its files were made.
class RegistryTest : public testing::Test {
 protected:
  RegistryTest() : folder_(scratch_.folder() + "/served") { fs::create_directory(folder_); }

  std::string Path(const std::string& name) const { return folder_ + "/" + name; }
  // A database with `t(a)` that holds `value`.
  void Make(const std::string& path, int value, int more_commits = 0) {
    sqlite::RawConnection made(path);
    made.Run(absl::StrCat("CREATE TABLE t(a); INSERT INTO t VALUES (", value, ")"));
    for (int i = 0; i < more_commits; ++i) made.Run("UPDATE t SET a = a");
  }
  Registry& Start(RegistryOptions options = {}) {
    if (options.paths.empty()) options.paths = {folder_};
    options.read_connections_max = 4;
    registry_ = std::make_unique<Registry>(options, &metrics_);
    return *registry_;
  }
  // Looks, lets two seconds pass, looks again: opens what is whole.
  void Settle() {
    registry_->Scan(now_);
    now_ += absl::Seconds(2);
    registry_->Scan(now_);
  }
  std::string Rows(absl::string_view name = "data") {
    const auto database = registry_->Find(name);
    return database.ok() ? ListT(**database) : ReasonOf(database.status());
  }
  std::string RefusedFor(absl::string_view name = "data") {
    const auto described = registry_->Describe(name);
    if (!described.ok()) return "not there";
    return described->state == DatabaseState::kRefused ? described->reason : "not refused";
  }
  void Insert(int value) { ASSERT_TRUE(InsertNow(*registry_->Find("data"), "t", "a", value).ok()); }
  int FilesLike(const std::string& part) {
    int count = 0;
    for (const auto& entry : fs::directory_iterator(folder_)) {
      count += absl::StrContains(entry.path().filename().string(), part) ? 1 : 0;
    }
    return count;
  }

  const sqlite::TestDatabase scratch_;
  const std::string folder_;
  Metrics metrics_;
  absl::Time now_ = absl::Now();
  std::unique_ptr<Registry> registry_;
};

// --- finding and opening ---

TEST_F(RegistryTest, ServesAFolderAndFilesByTheirNames) {
  Make(Path("b.db"), 1);
  Make(Path("a.sqlite"), 2);
  Make(Path("c.sqlite3"), 3);
  Make(scratch_.folder() + "/single.file", 4);
  Write(Path("notes.txt"), "no database");
  Write(Path(".hidden.db"), "hidden");
  Write(Path("half.db.part"), "half");
  fs::create_directory(Path("folder.db"));
  Start({.paths = {folder_, scratch_.folder() + "/single.file"}});
  Settle();
  std::string names;
  for (const ListedDatabase& listed : registry_->List()) names += listed.name + " ";
  EXPECT_EQ(names, "a b c single ");
  EXPECT_TRUE(registry_->settled());
  EXPECT_EQ(Rows("a"), "2");
  EXPECT_EQ(Rows("single"), "4");
  EXPECT_EQ(Rows("nosuch"), reason::kNoSuchDatabase);
  EXPECT_EQ(Rows(""), reason::kNoSuchDatabase);
}

TEST_F(RegistryTest, OpensAFileWhenItHasBeenStillForASecond) {
  Make(Path("data.db"), 1);
  Start().Scan(now_);
  EXPECT_FALSE(registry_->settled());
  EXPECT_EQ(Rows(), reason::kNotServed);
  registry_->Scan(now_ + absl::Milliseconds(900));
  EXPECT_EQ(Rows(), reason::kNotServed);
  registry_->Scan(now_ + absl::Milliseconds(1100));
  EXPECT_EQ(Rows(), "1");
  EXPECT_TRUE(registry_->settled());
}

TEST_F(RegistryTest, OpensAFileThatIsOldAtOnce) {
  Make(Path("data.db"), 1);
  Start().Scan(now_ + absl::Seconds(5));
  EXPECT_EQ(Rows(), "1");
}

TEST_F(RegistryTest, OpensAFileWhoseTimeIsInTheFuture) {
  Make(Path("data.db"), 1);
  const time_t future = absl::ToTimeT(now_ + absl::Hours(24));
  const utimbuf times{future, future};
  ASSERT_EQ(utime(Path("data.db").c_str(), &times), 0);
  Start();
  Settle();
  EXPECT_EQ(Rows(), "1");
}

TEST_F(RegistryTest, WaitsForAFileThatGrows) {
  Make(scratch_.folder() + "/source", 1);
  const std::string whole = Bytes(scratch_.folder() + "/source");
  Write(Path("data.db"), whole.substr(0, 50));
  Start();
  Settle();
  EXPECT_NE(RefusedFor(), "not refused");
  Write(Path("data.db"), whole.substr(0, whole.size() / 2));
  Settle();
  EXPECT_TRUE(absl::StrContains(RefusedFor(), "half copied")) << RefusedFor();
  Write(Path("data.db"), whole);
  Settle();
  EXPECT_EQ(Rows(), "1");
}

TEST_F(RegistryTest, RefusesWhatIsNoDatabaseAndSaysWhy) {
  Write(Path("text.db"), std::string(5000, 'x'));
  Write(Path("empty.db"), "");
  Write(Path("short.db"), "SQLite format 3");
  Make(Path("good.db"), 1);
  std::string bad_page_size = Bytes(Path("good.db"));
  bad_page_size[16] = 3;
  Write(Path("page.db"), bad_page_size);
  std::string corrupt = Bytes(Path("good.db"));
  corrupt.replace(100, 1000, std::string(1000, '\xee'));
  Write(Path("corrupt.db"), corrupt);
  Start();
  Settle();
  EXPECT_TRUE(absl::StrContains(RefusedFor("text"), "not a SQLite database"));
  EXPECT_TRUE(absl::StrContains(RefusedFor("empty"), "too short"));
  EXPECT_TRUE(absl::StrContains(RefusedFor("short"), "too short"));
  EXPECT_TRUE(absl::StrContains(RefusedFor("page"), "page size"));
  EXPECT_TRUE(absl::StrContains(RefusedFor("corrupt"), "damaged"));
  EXPECT_EQ(Rows("corrupt"), reason::kNotServed);
  EXPECT_EQ(Rows("good"), "1");
  for (const ListedDatabase& listed : registry_->List()) {
    EXPECT_FALSE(absl::StrContains(listed.reason, folder_)) << listed.reason;
  }
}

TEST_F(RegistryTest, ServesTheFirstOfTwoFilesWithOneName) {
  Make(Path("data.db"), 1);
  Make(Path("data.sqlite"), 2);
  Start();
  Settle();
  EXPECT_EQ(registry_->List().size(), 1u);
  EXPECT_EQ(Rows(), "1");
  fs::remove(Path("data.db"));
  Settle();
  Settle();
  EXPECT_EQ(Rows(), "2");
}

TEST_F(RegistryTest, ServesLinksToOneFileOnce) {
  Make(Path("a.db"), 1);
  fs::create_symlink(Path("a.db"), Path("link.db"));
  fs::create_hard_link(Path("a.db"), Path("twin.db"));
  Start();
  Settle();
  EXPECT_EQ(registry_->List().size(), 1u);
  EXPECT_EQ(Rows("a"), "1");
}

TEST_F(RegistryTest, KeepsTheLogOfALinkedFileInSight) {
  Make(scratch_.folder() + "/elsewhere", 1);
  fs::create_symlink(scratch_.folder() + "/elsewhere", Path("data.db"));
  Start();
  Settle();
  Insert(2);
  EXPECT_EQ(Rows(), "1;2");
  EXPECT_GT((*registry_->Find("data"))->WalBytes(), 0);
}

TEST_F(RegistryTest, FollowsAFileThatIsRenamed) {
  Make(Path("old.db"), 1);
  Start();
  Settle();
  fs::rename(Path("old.db"), Path("new.db"));
  Settle();
  Settle();
  EXPECT_EQ(Rows("old"), reason::kNoSuchDatabase);
  EXPECT_EQ(Rows("new"), "1");
}

TEST_F(RegistryTest, TriesAFileAgainThatAnotherServerHeld) {
  Make(Path("data.db"), 1);
  auto other = FileHold::Open(Path("data.db"), /*exclusive=*/true);
  ASSERT_TRUE(other.ok());
  Start();
  Settle();
  EXPECT_TRUE(absl::StrContains(RefusedFor(), "another sluiced")) << RefusedFor();
  {
    const FileHold ended = *std::move(other);
  }
  now_ += absl::Minutes(1);
  registry_->Scan(now_);
  EXPECT_EQ(Rows(), "1");
}

// --- files that change while they are served ---

TEST_F(RegistryTest, TakesAVanishedFileAway) {
  Make(Path("data.db"), 1);
  Start();
  Settle();
  fs::remove(Path("data.db"));
  registry_->Scan(now_);
  EXPECT_EQ(Rows(), reason::kNoSuchDatabase);
  EXPECT_TRUE(registry_->List().empty());
}

TEST_F(RegistryTest, ReadsNoOldLogWhenAVanishedFileIsFollowedByAnother) {
  Make(Path("data.db"), 1);
  Start();
  Settle();
  Insert(2);
  fs::remove(Path("data.db"));
  registry_->Scan(now_);
  ASSERT_TRUE(fs::exists(Path("data.db-wal")));
  Make(scratch_.folder() + "/new", 7, /*more_commits=*/3);
  fs::rename(scratch_.folder() + "/new", Path("data.db"));
  Settle();
  EXPECT_EQ(Rows(), "7");
  EXPECT_EQ(FilesLike("data.db-wal.replaced-"), 1);
}

TEST_F(RegistryTest, ReadsItsOldLogWhenAVanishedFileComesBack) {
  Make(Path("data.db"), 1);
  Start();
  Settle();
  Insert(2);
  fs::rename(Path("data.db"), Path("away"));
  registry_->Scan(now_);
  fs::rename(Path("away"), Path("data.db"));
  Settle();
  EXPECT_EQ(Rows(), "1;2");
  EXPECT_EQ(FilesLike("replaced"), 0);
}

TEST_F(RegistryTest, NeverMixesAReplacedFileWithTheOldLog) {
  Make(Path("data.db"), 1);
  Start();
  Settle();
  Insert(2);
  const auto old = *registry_->Find("data");
  auto lease = old->Acquire(Interrupt());
  ASSERT_TRUE(lease.ok());
  Make(scratch_.folder() + "/new", 7, /*more_commits=*/3);
  fs::rename(scratch_.folder() + "/new", Path("data.db"));

  // Nobody has noticed yet. Connections that are open read the old file; none is opened on the new.
  std::vector<sqlite::ReadLease> warm;
  for (int i = 0; i < 3; ++i) {
    const std::string rows = ListT(*old);
    EXPECT_TRUE(rows == "1;2" || rows == reason::kNotServed) << rows;
    auto next = old->Acquire(Interrupt());
    if (next.ok()) warm.push_back(*std::move(next));
  }
  warm.clear();

  // Noticed: nothing more is lent, and what is out goes on with the old file.
  registry_->Scan(now_);
  EXPECT_EQ(Rows(), reason::kNotServed);
  EXPECT_EQ(ReasonOf(InsertNow(old, "t", "a", 3)), reason::kNotServed);
  registry_->Scan(now_);
  EXPECT_EQ(Rows(), reason::kNotServed);
  EXPECT_FALSE(old->Acquire(Interrupt()).ok());
  EXPECT_EQ(*(*lease)->QueryInteger("SELECT sum(a) FROM t"), 3);
  EXPECT_EQ(FilesLike("replaced"), 0);

  {
    const sqlite::ReadLease ended = *std::move(lease);
  }
  Settle();
  EXPECT_EQ(Rows(), "7");
  EXPECT_EQ(FilesLike("data.db-wal.replaced-"), 1);
  Insert(8);
  EXPECT_EQ(Rows(), "7;8");
  registry_.reset();
  const auto whole = sqlite::Connection::Open({.path = Path("data.db")});
  EXPECT_EQ((*whole)->QueryValue("PRAGMA integrity_check")->view().bytes, "ok");
}

// A checkpoint writes the header first, which then speaks of pages that are not there yet.
TEST_F(RegistryTest, ServesOnWhileACheckpointGrowsTheFile) {
  Make(Path("data.db"), 1);
  Start();
  Settle();
  Insert(2);
  std::fstream file(Path("data.db"), std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(28);
  file.write("\0\0\x10\0", 4);
  file.close();
  for (int look = 0; look < 5; ++look) registry_->Scan(now_);
  EXPECT_EQ(RefusedFor(), "not refused");
}

TEST_F(RegistryTest, OpensWhatACheckpointThatDiedHasLeft) {
  const std::string path = Path("data.db");
  {
    // A log that holds everything, and a file of the first page alone whose header knows it all.
    sqlite::RawConnection made(path);
    made.Run("PRAGMA journal_mode = WAL; CREATE TABLE t(a); INSERT INTO t VALUES (1)");
    made.Run("PRAGMA wal_checkpoint(TRUNCATE); UPDATE t SET a = 2");
    fs::copy_file(path + "-wal", scratch_.folder() + "/log");
    fs::copy_file(path, scratch_.folder() + "/file");
  }
  fs::remove(path);
  fs::rename(scratch_.folder() + "/file", path);
  fs::rename(scratch_.folder() + "/log", path + "-wal");
  fs::resize_file(path, 4096);
  Start();
  Settle();
  EXPECT_EQ(RefusedFor(), "not refused");
}

TEST_F(RegistryTest, ServesAtOnceWhatStoodOpenWhenTheServerDied) {
  Make(Path("data.db"), 1);
  Write(Path("data.db-shm"), "");
  Start().Scan(now_);
  EXPECT_EQ(Rows(), "1");
  Make(Path("later.db"), 1);
  Write(Path("later.db-shm"), "");
  registry_->Scan(now_);
  EXPECT_EQ(Rows("later"), reason::kNotServed);
}

TEST_F(RegistryTest, RefusesAFileThatIsOverwrittenInPlace) {
  for (const bool whole : {true, false}) {
    SCOPED_TRACE(whole ? "by a database" : "by something else");
    fs::remove_all(folder_);
    fs::create_directory(folder_);
    now_ = absl::Now();
    Make(Path("data.db"), 1, /*more_commits=*/20);
    Make(scratch_.folder() + "/new", 7);
    const std::string bytes = whole ? Bytes(scratch_.folder() + "/new") : std::string(20'000, 'x');
    Start();
    Settle();
    Insert(2);
    Write(Path("data.db"), bytes);
    registry_->Scan(now_);
    registry_->Scan(now_);
    EXPECT_TRUE(absl::StrContains(RefusedFor(), "overwritten")) << RefusedFor();
    EXPECT_EQ(Rows(), reason::kNotServed);

    // Not even when it is written again: the log would be the old one's.
    Write(Path("data.db"), bytes + bytes);
    Settle();
    Settle();
    EXPECT_TRUE(absl::StrContains(RefusedFor(), "overwritten")) << RefusedFor();

    fs::remove(scratch_.folder() + "/new");
    Make(scratch_.folder() + "/new", 9);
    fs::rename(scratch_.folder() + "/new", Path("data.db"));
    Settle();
    Settle();
    EXPECT_EQ(Rows(), "9");
    EXPECT_EQ(FilesLike("data.db-wal.replaced-"), 1);
    registry_.reset();
  }
}

TEST_F(RegistryTest, SeesWritesOfOthersWithoutTakingThemForDamage) {
  Make(Path("data.db"), 1);
  Start();
  Settle();
  sqlite::RawConnection other(Path("data.db"));
  for (int i = 0; i < 5; ++i) {
    other.Run("INSERT INTO t VALUES (9); PRAGMA wal_checkpoint(TRUNCATE); VACUUM");
    now_ += absl::Seconds(5);
    registry_->Scan(now_);
  }
  EXPECT_EQ(Rows(), "1;9;9;9;9;9");
}

// --- ending ---

TEST_F(RegistryTest, LendsNothingOnceClosed) {
  Make(Path("data.db"), 1);
  Start();
  Settle();
  const auto database = *registry_->Find("data");
  registry_->Close(Deadline::After(absl::Seconds(1)));
  EXPECT_EQ(Rows(), reason::kNoSuchDatabase);
  EXPECT_EQ(ReasonOf(database->Acquire(Interrupt()).status()), reason::kNotServed);
  EXPECT_FALSE(fs::exists(Path("data.db-wal")));
}

TEST_F(RegistryTest, WatchesFolders) {
  Make(Path("data.db"), 1);
  Start();
  const auto watcher = Watcher::Start({folder_}, registry_.get(), absl::Seconds(10));
  ASSERT_TRUE(watcher.ok());
  EXPECT_EQ(Rows(), "1");
  Make(scratch_.folder() + "/new", 2);
  const time_t past = absl::ToTimeT(now_ - absl::Hours(1));
  const utimbuf times{past, past};
  utime((scratch_.folder() + "/new").c_str(), &times);
  fs::rename(scratch_.folder() + "/new", Path("more.db"));
  const absl::Time end = absl::Now() + absl::Seconds(4);
  while (!registry_->Find("more").ok() && absl::Now() < end) absl::SleepFor(absl::Milliseconds(5));
  EXPECT_EQ(Rows("more"), "2");
}

}  // namespace
}  // namespace sluice::engine
