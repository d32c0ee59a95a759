#include "server/engine/cross_read.h"

#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <memory>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "server/base/error.h"
#include "server/base/limits.h"
#include "server/engine/describe.h"
#include "server/engine/query.h"
#include "server/engine/test_served.h"
#include "server/sqlite/test_raw.h"

namespace sluice::engine {
namespace {

namespace fs = std::filesystem;

constexpr char kMainSchema[] =
    "CREATE TABLE t(id INTEGER PRIMARY KEY, name TEXT);\n"
    "CREATE TABLE docs_content(id INTEGER PRIMARY KEY);\n"
    "INSERT INTO t VALUES (1, 'one'), (2, 'two')";

constexpr char kOtherSchema[] =
    "CREATE TABLE u(id INTEGER PRIMARY KEY, t INTEGER);\n"
    "CREATE TABLE t(id INTEGER PRIMARY KEY, other TEXT);\n"
    "CREATE VIEW v AS SELECT other FROM t;\n"
    "CREATE VIEW peep AS SELECT * FROM _sluice_receipts;\n"
    "CREATE TABLE _sluice_receipts(secret);\n"
    "CREATE VIRTUAL TABLE docs USING fts5(body);\n"
    "INSERT INTO docs VALUES ('hello world'), ('bye');\n"
    "INSERT INTO u VALUES (10, 2), (11, 1);\n"
    "INSERT INTO t VALUES (1, 'eins');\n"
    "INSERT INTO _sluice_receipts VALUES ('s')";

class CrossReadTest : public testing::Test {
 protected:
  CrossReadTest() : main_file_(kMainSchema), other_file_(kOtherSchema) {
    main_ = Serve("here", main_file_.path());
    other_ = Serve("other one", other_file_.path());
  }

  std::shared_ptr<Database> Serve(const std::string& name, const std::string& path,
                                  bool immutable = false, int connections = 4) {
    auto opened = Database::Open(
        {.name = name, .path = path, .immutable = immutable, .read_connections_max = connections},
        &metrics_);
    EXPECT_TRUE(opened.ok()) << opened.status();
    return opened.ok() ? *std::move(opened) : nullptr;
  }

  absl::StatusOr<std::unique_ptr<Cursor>> Open(absl::string_view sql,
                                               const Interrupt& interrupt = Interrupt()) {
    return Cursor::Open(main_, {.sql = sql, .others = {other_}}, interrupt);
  }
  // All rows as text, or the error's reason.
  std::string Query(absl::string_view sql) {
    const auto cursor = Open(sql);
    return cursor.ok() ? RowsOf(**cursor) : ReasonOf(cursor.status());
  }
  static std::string RowsOf(Cursor& cursor) {
    CollectingSink sink;
    const auto more = cursor.Fill(sink, 1'000, size_t{1} << 20);
    return more.ok() ? sink.text() : ReasonOf(more.status());
  }

  Metrics metrics_;
  const sqlite::TestDatabase main_file_;
  const sqlite::TestDatabase other_file_;
  std::shared_ptr<Database> main_;
  std::shared_ptr<Database> other_;
};

TEST_F(CrossReadTest, JoinsTablesOfTwoDatabases) {
  EXPECT_EQ(Query("SELECT t.name, u.id FROM t JOIN \"other one\".u ON u.t = t.id ORDER BY u.id"),
            "'two',10;'one',11");
  EXPECT_EQ(Query("SELECT name FROM main.t WHERE id IN (SELECT t FROM u WHERE id = 10)"), "'two'");
  EXPECT_EQ(Query("SELECT other FROM \"OTHER ONE\".t"), "'eins'");
  EXPECT_EQ(Query("SELECT count(*) FROM \"other one\".v"), "1");
}

TEST_F(CrossReadTest, LooksInMainFirstForANameAlone) {
  EXPECT_EQ(Query("SELECT name FROM t WHERE id = 1"), "'one'");
  // Hidden in the other database, and not here.
  EXPECT_EQ(Query("SELECT count(*) FROM docs_content"), "0");
}

TEST_F(CrossReadTest, SearchesWhatAnotherDatabaseHasIndexed) {
  EXPECT_EQ(Query("SELECT rowid FROM \"other one\".docs WHERE docs MATCH 'hello'"), "1");
  EXPECT_EQ(Query("SELECT rowid FROM docs WHERE docs MATCH 'bye'"), "2");
}

TEST_F(CrossReadTest, HidesInEachWhatIsHiddenThere) {
  for (const char* sql :
       {"SELECT * FROM _sluice_receipts", "SELECT * FROM \"other one\"._sluice_receipts",
        "SELECT count(*) FROM \"other one\"._sluice_receipts",
        "SELECT 1 FROM \"other one\"._SLUICE_receipts", "SELECT count(*) FROM _sluice_receipts",
        "SELECT * FROM \"other one\".peep", "SELECT count(*) FROM \"other one\".docs_content",
        "SELECT * FROM \"other one\".docs_content", "SELECT * FROM docs_data",
        "SELECT rowid FROM \"other one\".docs_data", "SELECT * FROM \"other one\".sqlite_dbpage",
        "SELECT * FROM pragma_database_list", "SELECT * FROM dbstat('other one')",
        "SELECT * FROM sqlite_dbpage('other one')"}) {
    EXPECT_EQ(Query(sql), reason::kSqlError) << sql;
  }
}

TEST_F(CrossReadTest, ReadsAndNothingElse) {
  for (const char* sql : {"ATTACH ':memory:' AS m", "DETACH \"other one\"",
                          "INSERT INTO \"other one\".u VALUES (1, 1)", "DELETE FROM u",
                          "UPDATE main.t SET name = ''", "PRAGMA database_list",
                          "PRAGMA \"other one\".user_version", "CREATE TABLE \"other one\".x(a)",
                          "VACUUM \"other one\" INTO '/tmp/x'", "SELECT * FROM third.t", "BEGIN"}) {
    EXPECT_EQ(Query(sql), reason::kSqlError) << sql;
  }
}

TEST_F(CrossReadTest, StandsStillInEachDatabase) {
  const auto cursor = Open("SELECT (SELECT count(*) FROM t), (SELECT count(*) FROM u)");
  ASSERT_TRUE(cursor.ok()) << cursor.status();
  main_file_.Run("INSERT INTO t VALUES (3, 'three')");
  other_file_.Run("INSERT INTO u VALUES (12, 1)");
  EXPECT_EQ(RowsOf(**cursor), "2,2");
  EXPECT_EQ(Query("SELECT (SELECT count(*) FROM t), (SELECT count(*) FROM u)"), "3,3");
}

TEST_F(CrossReadTest, FollowsSchemasThatChange) {
  EXPECT_EQ(Query("SELECT * FROM fresh"), reason::kSqlError);
  other_file_.Run(
      "CREATE TABLE fresh(a);\nINSERT INTO fresh VALUES (5);\nDROP TABLE docs;\n"
      "CREATE TABLE docs_content(a)");
  EXPECT_EQ(Query("SELECT * FROM fresh"), "5");
  EXPECT_EQ(Query("SELECT count(*) FROM \"other one\".docs_content"), "0");
}

TEST_F(CrossReadTest, HoldsAPlaceInEachDatabaseForAsLongAsItLives) {
  auto cursor = Open("SELECT 1 FROM u");
  ASSERT_TRUE(cursor.ok()) << cursor.status();
  for (const auto& database : {main_, other_}) {
    EXPECT_FALSE(database->WaitForReaders(Deadline::After(absl::Milliseconds(10))));
    EXPECT_FALSE(database->CloseIfUnused());
  }
  cursor->reset();
  for (const auto& database : {main_, other_}) {
    EXPECT_TRUE(database->WaitForReaders(Deadline::After(absl::Seconds(5))));
    EXPECT_TRUE(database->CloseIfUnused());
  }
  EXPECT_EQ(Query("SELECT 1 FROM u"), reason::kNotServed);
}

TEST_F(CrossReadTest, NeverWaitsForOneThatWaitsForIt) {
  main_.reset();
  other_.reset();
  const auto a = Serve("a", main_file_.path(), /*immutable=*/false, /*connections=*/1);
  const auto b = Serve("b", other_file_.path(), /*immutable=*/false, /*connections=*/1);
  const auto read = [](const std::shared_ptr<Database>& own,
                       const std::shared_ptr<Database>& other) {
    for (int i = 0; i < 100; ++i) {
      const auto cursor = Cursor::Open(
          own, {.sql = "SELECT (SELECT count(*) FROM u)", .others = {other}}, Interrupt());
      ASSERT_TRUE(cursor.ok()) << cursor.status();
      EXPECT_EQ(RowsOf(**cursor), "2");
    }
  };
  std::thread one([&] { read(a, b); });
  std::thread two([&] { read(b, a); });
  one.join();
  two.join();
}

TEST_F(CrossReadTest, EndsWithItsCallersDeadlineAndCancellation) {
  std::atomic<bool> cancelled{true};
  EXPECT_EQ(Open("SELECT 1", Interrupt(Deadline::Infinite(), &cancelled)).status().code(),
            absl::StatusCode::kCancelled);
  const auto cursor = Open(
      "SELECT count(*) FROM u, (WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) "
      "SELECT * FROM n)",
      Interrupt(Deadline::After(absl::Milliseconds(200))));
  ASSERT_TRUE(cursor.ok()) << cursor.status();
  CollectingSink sink;
  EXPECT_EQ((*cursor)->Fill(sink, 1, 1).status().code(), absl::StatusCode::kDeadlineExceeded);
}

TEST_F(CrossReadTest, RefusesAFileThatWasPutInThePlaceOfAnother) {
  // An idle connection does not ask.
  EXPECT_EQ(Query("SELECT id FROM u WHERE id = 10"), "10");
  const sqlite::TestDatabase next("CREATE TABLE u(id);\nINSERT INTO u VALUES ('new')");
  fs::rename(next.path(), other_file_.path());
  EXPECT_EQ(Query("SELECT id FROM u"), reason::kNotServed);
}

TEST_F(CrossReadTest, LetsViewsWithLegacyLiteralsBeReadInBothPlaces) {
  const sqlite::TestDatabase old;
  {
    sqlite::RawConnection raw(old.path());
    raw.AllowLegacyLiterals();
    raw.Run(
        "CREATE TABLE a(b); INSERT INTO a VALUES (1); "
        "CREATE VIEW legacy AS SELECT b, \"word\" AS w FROM a");
  }
  const auto legacy = Serve("legacy", old.path());
  ASSERT_TRUE(legacy->legacy_string_literals());
  const auto read = [&](const std::shared_ptr<Database>& own, OtherDatabases others,
                        absl::string_view sql) {
    const auto cursor = Cursor::Open(own, {.sql = sql, .others = std::move(others)}, Interrupt());
    return cursor.ok() ? RowsOf(**cursor) : ReasonOf(cursor.status());
  };
  EXPECT_EQ(read(main_, {legacy}, "SELECT w FROM legacy.legacy"), "'word'");
  EXPECT_EQ(read(legacy, {main_}, "SELECT w FROM legacy"), "'word'");
}

TEST_F(CrossReadTest, ReadsFilesThatNeverChange) {
  main_.reset();
  other_.reset();
  const auto here = Serve("here", main_file_.path(), /*immutable=*/true);
  const auto other = Serve("other", other_file_.path(), /*immutable=*/true);
  const auto cursor = Cursor::Open(
      here, {.sql = "SELECT name FROM t JOIN other.u ON u.t = t.id ORDER BY 1", .others = {other}},
      Interrupt());
  ASSERT_TRUE(cursor.ok()) << cursor.status();
  EXPECT_EQ(RowsOf(**cursor), "'one';'two'");
}

TEST_F(CrossReadTest, RefusesAnotherTextEncoding) {
  const std::string path = main_file_.folder() + "/wide.db";
  sqlite::RawConnection(path).Run("PRAGMA encoding = 'UTF-16'; CREATE TABLE w(a)");
  const auto cursor =
      Cursor::Open(main_, {.sql = "SELECT 1", .others = {Serve("wide", path)}}, Interrupt());
  EXPECT_EQ(cursor.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(ReasonOf(cursor.status()), reason::kUnsupported);
  EXPECT_EQ(cursor.status().message().find("/"), absl::string_view::npos);
}

TEST_F(CrossReadTest, AttachesAsManyAsAreAllowed) {
  std::vector<std::unique_ptr<sqlite::TestDatabase>> files;
  OtherDatabases others;
  std::string sql = "SELECT 0";
  for (int i = 0; i < limits::kAttachedDatabasesMax; ++i) {
    files.push_back(std::make_unique<sqlite::TestDatabase>(
        absl::StrCat("CREATE TABLE n(a);\nINSERT INTO n VALUES (", i, ")").c_str()));
    others.push_back(Serve(absl::StrCat("d", i), files.back()->path()));
    absl::StrAppend(&sql, " + (SELECT a FROM d", i, ".n)");
  }
  const auto cursor = Cursor::Open(main_, {.sql = sql, .others = others}, Interrupt());
  ASSERT_TRUE(cursor.ok()) << cursor.status();
  EXPECT_EQ(RowsOf(**cursor), "45");
}

TEST_F(CrossReadTest, SaysWhichDatabaseIsTouched) {
  const auto description = DescribeStatement(
      *main_, {other_}, "SELECT t.name, u.id FROM t JOIN \"other one\".u ON u.t = t.id",
      Interrupt());
  ASSERT_TRUE(description.ok()) << description.status();
  ASSERT_EQ(description->tables.size(), 2u);
  EXPECT_EQ(description->tables[0].database + "." + description->tables[0].name, ".t");
  EXPECT_EQ(description->tables[1].database + "." + description->tables[1].name, "other one.u");
  EXPECT_EQ(description->columns[0].database, "");
  EXPECT_EQ(description->columns[1].database, "other one");
  EXPECT_FALSE(description->plan.empty());
  EXPECT_EQ(
      ReasonOf(
          DescribeStatement(*main_, {other_}, "DELETE FROM \"other one\".u", Interrupt()).status()),
      reason::kSqlError);
  EXPECT_TRUE(DescribeStatement(*main_, {other_}, "DELETE FROM t WHERE id IN (SELECT t FROM u)",
                                Interrupt())
                  .ok());
}

TEST_F(CrossReadTest, GivesNoPlaceToGoOnFrom) {
  const auto cursor = Cursor::Open(
      main_, {.sql = "SELECT id FROM t ORDER BY id", .others = {other_}, .resumable = true},
      Interrupt());
  ASSERT_TRUE(cursor.ok());
  EXPECT_EQ(RowsOf(**cursor), "1;2");
  EXPECT_FALSE((*cursor)->position().has_value());
}

}  // namespace
}  // namespace sluice::engine
