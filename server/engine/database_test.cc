// Opening databases of every kind, and what is particular to serving some.
#include "server/engine/database.h"

#include <gtest/gtest.h>
#include <openssl/sha.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "absl/strings/match.h"
#include "absl/synchronization/notification.h"
#include "server/base/error.h"
#include "server/engine/catalog.h"
#include "server/engine/query.h"
#include "server/engine/test_write.h"
#include "server/sqlite/test_raw.h"

namespace sluice::engine {
namespace {

constexpr size_t kManyBytes = size_t{1} << 30;

std::string Bytes(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

std::string List(Database& database, absl::string_view table) {
  CollectingSink sink;
  const auto page =
      ListRows(database, {.rows = {.table = table}, .rows_max = 99, .bytes_max = kManyBytes},
               Interrupt(), sink);
  return page.ok() ? sink.text() : ReasonOf(page.status());
}

std::string Query(const std::shared_ptr<Database>& database, absl::string_view sql) {
  const auto cursor = Cursor::Open(database, {.sql = sql, .parameters = {}}, Interrupt());
  if (!cursor.ok()) return ReasonOf(cursor.status());
  CollectingSink sink;
  const auto more = (*cursor)->Fill(sink, 99, kManyBytes);
  return more.ok() ? sink.text() : ReasonOf(more.status());
}

// A folder with one file in it that other programs have made.
class DatabaseTest : public testing::Test {
 protected:
  DatabaseTest() : path_(folder_.folder() + "/made.db") {}

  absl::StatusOr<std::shared_ptr<Database>> Open(bool read_only = false, bool immutable = false) {
    return Database::Open({.name = "made",
                           .path = path_,
                           .read_only = read_only,
                           .immutable = immutable,
                           .read_connections_max = 4},
                          &metrics_);
  }

  const sqlite::TestDatabase folder_;
  const std::string path_;
  Metrics metrics_;
};

TEST_F(DatabaseTest, TurnsAWritableFileToWal) {
  sqlite::RawConnection(path_).Run("CREATE TABLE t(a); INSERT INTO t VALUES (1)");
  const auto database = Open();
  ASSERT_TRUE(database.ok()) << database.status();
  EXPECT_FALSE((*database)->read_only());
  EXPECT_EQ(DescribeDatabase(**database, Interrupt())->journal_mode, "wal");
  EXPECT_TRUE(InsertNow(*database, "t", "a", 2).ok());
  EXPECT_EQ(List(**database, "t"), "1;2");
}

TEST_F(DatabaseTest, LeavesAFileAloneThatIsServedReadOnly) {
  sqlite::RawConnection(path_).Run("CREATE TABLE t(a); INSERT INTO t VALUES (1)");
  const std::string before = Bytes(path_);
  {
    const auto database = Open(/*read_only=*/true);
    ASSERT_TRUE(database.ok()) << database.status();
    EXPECT_TRUE((*database)->read_only());
    EXPECT_EQ(ReasonOf((*database)->FindWriter().status()), reason::kReadOnly);
    EXPECT_EQ(DescribeDatabase(**database, Interrupt())->journal_mode, "delete");
    EXPECT_EQ(List(**database, "t"), "1");
    EXPECT_FALSE(std::filesystem::exists(path_ + "-wal"));
    // Another program goes on with its file.
    sqlite::RawConnection(path_).Run("INSERT INTO t VALUES (2)");
    EXPECT_EQ(List(**database, "t"), "1;2");
  }
  EXPECT_NE(Bytes(path_), before);
  EXPECT_EQ(Bytes(path_)[18], 1);
}

TEST_F(DatabaseTest, ServesAnImmutableFile) {
  sqlite::RawConnection(path_).Run("CREATE TABLE t(a); INSERT INTO t VALUES (1)");
  const std::string before = Bytes(path_);
  const auto database = Open(/*read_only=*/false, /*immutable=*/true);
  ASSERT_TRUE(database.ok()) << database.status();
  EXPECT_TRUE((*database)->read_only());
  EXPECT_EQ(List(**database, "t"), "1");
  EXPECT_EQ(Bytes(path_), before);
}

TEST_F(DatabaseTest, KnowsAnImmutableFileFromTheStart) {
  sqlite::RawConnection(path_).Run(
      "CREATE TABLE t(a); INSERT INTO t WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 "
      "FROM n LIMIT 20000) SELECT i FROM n; CREATE VIEW v AS SELECT a FROM t");
  const std::string bytes = Bytes(path_);
  std::string digest(SHA256_DIGEST_LENGTH, '\0');
  SHA256(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(),
         reinterpret_cast<unsigned char*>(digest.data()));
  const auto database = Open(/*read_only=*/false, /*immutable=*/true);
  ASSERT_TRUE(database.ok()) << database.status();
  EXPECT_EQ((*database)->inspection()->sha256, absl::BytesToHexString(digest));
  const auto table = DescribeTable(**database, "t", Interrupt());
  ASSERT_TRUE(table.ok());
  EXPECT_EQ(table->row_count.kind, RowCount::Kind::kExact);
  EXPECT_EQ(table->row_count.value, 20'000);
  EXPECT_EQ((*Open(/*read_only=*/true))->inspection(), nullptr);
}

TEST_F(DatabaseTest, ServesUtf16Databases) {
  for (const char* encoding : {"UTF-16le", "UTF-16be"}) {
    std::filesystem::remove(path_);
    {
      sqlite::RawConnection made(path_);
      made.Run(absl::StrCat("PRAGMA encoding = '", encoding, "'"));
      made.Run(
          "CREATE TABLE t(k TEXT PRIMARY KEY, v) WITHOUT ROWID; "
          "INSERT INTO t VALUES ('\xc3\xa9', 1), ('\xf0\x9f\x98\x80', 2), ('a', 3); "
          "CREATE VIEW w AS SELECT k FROM t");
    }
    const auto database = Open();
    ASSERT_TRUE(database.ok()) << database.status();
    EXPECT_EQ(DescribeDatabase(**database, Interrupt())->encoding, encoding);
    EXPECT_EQ(Query(*database, "SELECT v FROM t WHERE k = '\xc3\xa9'"), "1");
    for (const char* table : {"t", "w"}) {
      std::vector<std::string> walked;
      std::optional<PagePosition> after;
      do {
        CollectingSink sink;
        PageSpec spec{.rows = {.table = table}, .rows_max = 1, .bytes_max = kManyBytes};
        spec.rows.after = std::move(after);
        after = ListRows(**database, spec, Interrupt(), sink)->next;
        walked.insert(walked.end(), sink.rows.begin(), sink.rows.end());
      } while (after.has_value());
      EXPECT_EQ(walked.size(), 3u) << absl::StrJoin(walked, ";");
    }
  }
}

TEST_F(DatabaseTest, IsRefusedAFileThatAnotherServerHolds) {
  sqlite::RawConnection(path_).Run("CREATE TABLE t(a)");
  auto first = Open();
  ASSERT_TRUE(first.ok());
  const auto second = Open();
  EXPECT_EQ(second.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(ReasonOf(second.status()), reason::kNotServed);
  first->reset();
  EXPECT_TRUE(Open().ok());
}

TEST_F(DatabaseTest, MayDieBeforeItsLeasesAndAfterItsSuccessor) {
  sqlite::RawConnection(path_).Run("CREATE TABLE t(a)");
  auto first = Open(/*read_only=*/true);
  auto second = Open(/*read_only=*/true);
  ASSERT_TRUE(first.ok() && second.ok());
  auto lease = (*first)->Acquire(Interrupt());
  ASSERT_TRUE(lease.ok());
  first->reset();
  EXPECT_EQ(*(*lease)->QueryInteger("SELECT count(*) FROM t"), 0);
  {
    const sqlite::ReadLease returned = *std::move(lease);
  }
  EXPECT_EQ(List(**second, "t"), "");
  EXPECT_TRUE(absl::StrContains(metrics_.Serialize(), "sluice_read_leases{database=\"made\"} 0"));
  second->reset();
  EXPECT_FALSE(absl::StrContains(metrics_.Serialize(), "sluice_read_leases{database"));
}

TEST_F(DatabaseTest, FindsDamageWhenItOpensOrWhenItReads) {
  sqlite::RawConnection(path_).Run(
      "CREATE TABLE t(a); INSERT INTO t WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL "
      "SELECT i + 1 FROM n LIMIT 2000) SELECT hex(randomblob(20)) FROM n; CREATE TABLE good(a)");
  const std::string whole = Bytes(path_);
  std::string damaged = whole;
  damaged.replace(100, 500, std::string(500, '\x7f'));
  std::ofstream(path_, std::ios::binary) << damaged;
  EXPECT_EQ(Open().status().code(), absl::StatusCode::kDataLoss);

  damaged = whole;
  damaged.replace(4096, 4096, std::string(4096, '\x7f'));
  std::ofstream(path_, std::ios::binary) << damaged;
  const auto database = Open();
  ASSERT_TRUE(database.ok()) << database.status();
  EXPECT_EQ(List(**database, "t"), reason::kCorrupt);
  EXPECT_EQ(Query(*database, "SELECT * FROM t"), reason::kCorrupt);
  EXPECT_EQ(List(**database, "good"), "");
}

// --- legacy text literals ---

constexpr char kLegacyTables[] =
    "PRAGMA journal_mode = WAL; CREATE TABLE t(a); CREATE TABLE log(x);";
constexpr char kLegacyView[] = "CREATE VIEW v AS SELECT a, \"hello\" AS greeting FROM t;";
constexpr char kLegacyTrigger[] =
    "CREATE TRIGGER tr AFTER INSERT ON t BEGIN INSERT INTO log VALUES (\"added\"); END;";

TEST_F(DatabaseTest, AllowsLegacyLiteralsWhereAViewOrTriggerHasThem) {
  for (const std::string legacy : {kLegacyView, kLegacyTrigger}) {
    std::filesystem::remove(path_);
    {
      sqlite::RawConnection made(path_);
      made.AllowLegacyLiterals();
      made.Run(absl::StrCat(kLegacyTables, legacy));
    }
    const auto database = Open();
    ASSERT_TRUE(database.ok()) << database.status();
    EXPECT_TRUE((*database)->legacy_string_literals());
    EXPECT_TRUE(DescribeDatabase(**database, Interrupt())->legacy_string_literals);
    ASSERT_TRUE(InsertNow(*database, "t", "a", 1).ok());
    if (legacy == kLegacyView) {
      EXPECT_EQ(List(**database, "v"), "1,'hello'");
      EXPECT_EQ(Query(*database, "SELECT * FROM v"), "1,'hello'");
      const auto described = DescribeTable(**database, "v", Interrupt());
      EXPECT_EQ(described->table->columns.size(), 2u);
      EXPECT_EQ(described->table->unavailable_reason, "");
    } else {
      EXPECT_EQ(List(**database, "log"), "'added'");
    }
  }
}

TEST_F(DatabaseTest, AllowsLegacyLiteralsReadOnlyToo) {
  {
    sqlite::RawConnection made(path_);
    made.AllowLegacyLiterals();
    made.Run(absl::StrCat(kLegacyTables, kLegacyView, "INSERT INTO t VALUES (1)"));
  }
  const auto database = Open(/*read_only=*/true);
  ASSERT_TRUE(database.ok()) << database.status();
  EXPECT_EQ(List(**database, "v"), "1,'hello'");
}

TEST_F(DatabaseTest, DoesNotAllowThemForAViewThatIsBrokenOtherwise) {
  {
    sqlite::RawConnection made(path_);
    made.Run(absl::StrCat(kLegacyTables,
                          "CREATE VIEW v AS SELECT nosuch FROM t; "
                          "CREATE VIEW w AS SELECT \"a\" FROM t; CREATE VIEW x AS SELECT 1 FROM y; "
                          "INSERT INTO t VALUES (1)"));
  }
  const auto database = Open();
  ASSERT_TRUE(database.ok()) << database.status();
  EXPECT_FALSE((*database)->legacy_string_literals());
  EXPECT_EQ(List(**database, "v"), reason::kUnsupported);
  EXPECT_EQ(List(**database, "w"), "1");
  EXPECT_EQ(List(**database, "x"), reason::kUnsupported);
  EXPECT_EQ(Query(*database, "SELECT \"text\""), reason::kSqlError);
}

// --- a virtual table whose module is not there ---

TEST_F(DatabaseTest, ServesTheOthersBesideAVirtualTableThatItDoesNotKnow) {
  {
    sqlite::RawConnection made(path_);
    made.Run(
        "PRAGMA journal_mode = WAL; CREATE TABLE good(a); INSERT INTO good VALUES (1); "
        "CREATE TABLE ghost_data(b); CREATE VIEW through AS SELECT * FROM ghost; "
        "PRAGMA writable_schema = ON; INSERT INTO sqlite_schema VALUES ('table', 'ghost', "
        "'ghost', 0, 'CREATE VIRTUAL TABLE ghost USING nosuchmodule(a)'); "
        "PRAGMA writable_schema = OFF");
  }
  const auto database = Open();
  ASSERT_TRUE(database.ok()) << database.status();
  EXPECT_FALSE((*database)->legacy_string_literals());
  const auto schema = ReadSchema(**database, Interrupt());
  ASSERT_TRUE(schema.ok()) << schema.status();
  ASSERT_NE((*schema)->Find("ghost"), nullptr);
  EXPECT_EQ((*schema)->Find("ghost")->kind, TableKind::kVirtual);
  EXPECT_EQ((*schema)->Find("ghost")->module, "nosuchmodule");
  EXPECT_NE((*schema)->Find("ghost")->unavailable_reason, "");
  EXPECT_EQ(List(**database, "good"), "1");
  EXPECT_EQ(Query(*database, "SELECT a FROM good"), "1");
  EXPECT_TRUE(InsertNow(*database, "good", "a", 2).ok());
  EXPECT_EQ(List(**database, "ghost"), reason::kUnsupported);
  EXPECT_EQ(List(**database, "through"), reason::kUnsupported);
  EXPECT_EQ(Query(*database, "SELECT * FROM ghost"), reason::kSqlError);
  EXPECT_FALSE(InsertNow(*database, "ghost", "a", 2).ok());
  const auto described = DescribeTable(**database, "ghost", Interrupt());
  ASSERT_TRUE(described.ok()) << described.status();
  EXPECT_EQ(described->row_count.kind, RowCount::Kind::kUnknown);
}

// --- folders that cannot be written ---

// Runs in a child process as somebody who is not root, whom permissions do not bind.
template <typename Body>
[[noreturn]] void AsNobody(Body body) {
  if (geteuid() == 0 && setresuid(65534, 65534, 65534) != 0) _exit(2);
  _exit(body() ? 0 : 1);
}

TEST_F(DatabaseTest, ServesAFolderThatItMayNotWriteReadOnly) {
  sqlite::RawConnection(path_).Run("CREATE TABLE t(a); INSERT INTO t VALUES (1)");
  chmod(path_.c_str(), 0644);
  chmod(folder_.folder().c_str(), 0555);
  EXPECT_EXIT(AsNobody([&] {
                const auto database = Open();
                return database.ok() && (*database)->read_only() && List(**database, "t") == "1";
              }),
              testing::ExitedWithCode(0), "");
  chmod(folder_.folder().c_str(), 0755);
}

TEST_F(DatabaseTest, SaysWhatToDoWithAWalFileInAFolderThatItMayNotWrite) {
  sqlite::RawConnection(path_).Run(
      "PRAGMA journal_mode = WAL; CREATE TABLE t(a); INSERT INTO t VALUES (1)");
  ASSERT_FALSE(std::filesystem::exists(path_ + "-shm"));
  chmod(path_.c_str(), 0644);
  chmod(folder_.folder().c_str(), 0555);
  EXPECT_EXIT(AsNobody([&] {
                const auto refused = Open();
                const auto database = Open(/*read_only=*/true, /*immutable=*/true);
                return refused.status().message().find("--immutable") != absl::string_view::npos &&
                       database.ok() && List(**database, "t") == "1";
              }),
              testing::ExitedWithCode(0), "");
  chmod(folder_.folder().c_str(), 0755);
}

}  // namespace
}  // namespace sluice::engine
