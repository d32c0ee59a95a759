#include "server/sqlite/connection.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "server/base/error.h"
#include "server/sqlite/test_database.h"

namespace sluice::sqlite {
namespace {

TEST(LibraryTest, RefusesVersionsThatCorruptWalDatabases) {
  EXPECT_FALSE(CheckVersion(3'051'002).ok());
  EXPECT_FALSE(CheckVersion(3'040'001).ok());
  EXPECT_TRUE(CheckVersion(3'051'003).ok());
}

TEST(ConnectionTest, SetsAndKeepsWhatTheServerWants) {
  const TestDatabase database("CREATE TABLE t(a)");
  const auto writer = database.Open();
  EXPECT_EQ(*writer->QueryInteger("PRAGMA synchronous"), 2);
  EXPECT_EQ(*writer->QueryInteger("PRAGMA foreign_keys"), 1);
  EXPECT_EQ(*writer->QueryInteger("PRAGMA wal_autocheckpoint"), 0);
  EXPECT_EQ(*writer->QueryInteger("PRAGMA mmap_size"), 0);
  const auto reader = database.Open(OpenOptions::Mode::kReadOnly);
  EXPECT_EQ(*reader->QueryInteger("PRAGMA query_only"), 1);
  EXPECT_EQ(ReasonOf(reader->Execute("INSERT INTO t VALUES (1)")), "READ_ONLY");
}

TEST(ConnectionTest, BindsAndReadsEveryStorageClassUnchanged) {
  const TestDatabase database("CREATE TABLE t(a)");
  const auto connection = database.Open();
  const std::string nul("a\0b", 3);
  const ValueView values[] = {ValueView::Null(),
                              ValueView::Integer(INT64_MIN),
                              ValueView::Integer(INT64_MAX),
                              ValueView::Real(-0.0),
                              ValueView::Real(std::numeric_limits<double>::infinity()),
                              ValueView::Text(""),
                              ValueView::Text(nul),
                              ValueView::Text("\xff\xfe"),
                              ValueView::Blob(""),
                              ValueView::Blob(nul)};
  for (const ValueView& value : values) {
    auto insert = connection->Prepare("INSERT INTO t VALUES (?)");
    insert->Bind(1, value);
    ASSERT_TRUE(insert->Run().ok());
  }
  auto select = connection->Prepare("SELECT a FROM t ORDER BY rowid");
  for (const ValueView& value : values) {
    ASSERT_TRUE(*select->Step());
    const ValueView read = select->column(0);
    EXPECT_EQ(read.type, value.type);
    EXPECT_EQ(read.integer, value.integer);
    EXPECT_EQ(std::signbit(read.real), std::signbit(value.real));
    EXPECT_EQ(read.real, value.real);
    EXPECT_EQ(read.bytes, value.bytes);
  }
  EXPECT_FALSE(*select->Step());
}

TEST(ConnectionTest, TellsConstraintsApart) {
  const TestDatabase database(
      "CREATE TABLE p(id INTEGER PRIMARY KEY);\n"
      "CREATE TABLE t(a UNIQUE, b NOT NULL DEFAULT 1, c CHECK(c > 0), d REFERENCES p(id));\n"
      "CREATE TABLE s(n INTEGER) STRICT;\n"
      "CREATE TRIGGER r BEFORE INSERT ON p WHEN new.id = 13 BEGIN SELECT raise(ABORT, 'no 13'); "
      "END;\n"
      "CREATE TABLE loud(a);\n"
      "CREATE TRIGGER l BEFORE INSERT ON loud BEGIN SELECT raise(ABORT, 'x' || "
      "replace(hex(zeroblob(10000)), '00', '\xc3\xa9')); END;\n"
      "INSERT INTO t(a) VALUES (1)");
  const auto connection = database.Open();
  const auto reason_of = [&](absl::string_view sql) { return ReasonOf(connection->Execute(sql)); };
  EXPECT_EQ(reason_of("INSERT INTO t(a) VALUES (1)"), "UNIQUE");
  EXPECT_EQ(reason_of("INSERT INTO t(b) VALUES (NULL)"), "NOT_NULL");
  EXPECT_EQ(reason_of("INSERT INTO t(c) VALUES (-1)"), "CHECK");
  EXPECT_EQ(reason_of("INSERT INTO t(d) VALUES (7)"), "FOREIGN_KEY");
  EXPECT_EQ(reason_of("INSERT INTO s VALUES ('x')"), "DATATYPE");
  EXPECT_EQ(reason_of("INSERT INTO p VALUES ('x')"), "DATATYPE");
  const absl::Status raised = connection->Execute("INSERT INTO p VALUES (13)");
  EXPECT_EQ(ReasonOf(raised), "TRIGGER");
  EXPECT_EQ(raised.message(), "no 13");
  // Whatever a trigger says.
  const absl::Status loud = connection->Execute("INSERT INTO loud VALUES (1)");
  EXPECT_EQ(ReasonOf(loud), "TRIGGER");
  EXPECT_EQ(loud.message().size(), 999u);
  EXPECT_EQ(MetadataOf(connection->Execute("INSERT INTO t(a) VALUES (1)"), "columns"), "t.a");
  EXPECT_EQ(MetadataOf(connection->Execute("INSERT INTO s VALUES ('x')"), "columns"), "s.n");
}

TEST(ConnectionTest, NamesChecksThatHaveANameAndTellsNoExpression) {
  const TestDatabase database(
      "CREATE TABLE t(a, b CONSTRAINT positive CHECK (b > 0), c CONSTRAINT \"must be small\" CHECK "
      "(c < 9), d CHECK (d <> 'secret'), e CHECK (e NOT NULL), f CHECK (f), g CHECK (length(g) < 5 "
      "OR h IN ('a, b', x'00') OR t.a = CAST(h AS TEXT) COLLATE nocase), h)");
  const auto connection = database.Open();
  const auto failed = [&](absl::string_view sql) {
    const absl::Status status = connection->Execute(sql);
    EXPECT_EQ(ReasonOf(status), "CHECK");
    return absl::StrCat(status.message(), "|", MetadataOf(status, "constraint"), "|",
                        MetadataOf(status, "columns"));
  };
  EXPECT_EQ(failed("INSERT INTO t(b) VALUES (-1)"), "CHECK constraint failed: positive|positive|");
  EXPECT_EQ(failed("INSERT INTO t(c, e, f) VALUES (10, 1, 1)"),
            "CHECK constraint failed: must be small|must be small|");
  EXPECT_EQ(failed("INSERT INTO t(d, e, f) VALUES ('secret', 1, 1)"), "CHECK constraint failed||d");
  EXPECT_EQ(failed("INSERT INTO t(e, f) VALUES (NULL, 1)"), "CHECK constraint failed||e");
  EXPECT_EQ(failed("INSERT INTO t(e, f) VALUES (1, 0)"), "CHECK constraint failed: f|f|");
  EXPECT_EQ(failed("INSERT INTO t(a, e, f, g, h) VALUES (1, 1, 1, 'too long', 2)"),
            "CHECK constraint failed||g, h, a");
}

TEST(ConnectionTest, TakesExactlyOneStatement) {
  const TestDatabase database;
  const auto connection = database.Open();
  EXPECT_TRUE(connection->Prepare("SELECT 1; -- done\n /* yes */ ;").ok());
  EXPECT_EQ(ReasonOf(connection->Prepare("SELECT 1; SELECT 2").status()), "SQL_ERROR");
  EXPECT_EQ(ReasonOf(connection->Prepare("  -- nothing").status()), "SQL_ERROR");
  const absl::Status status = connection->Prepare("SELECT 1 FRM t").status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(MetadataOf(status, "offset"), "13");
}

TEST(ConnectionTest, LendsTheSameTextTwiceAtATime) {
  const TestDatabase database;
  const auto connection = database.Open();
  auto first = connection->Prepare("SELECT 1 UNION SELECT 2");
  auto second = connection->Prepare("SELECT 1 UNION SELECT 2");
  ASSERT_TRUE(*first->Step());
  ASSERT_TRUE(*second->Step());
  ASSERT_TRUE(*second->Step());
  EXPECT_EQ(first->column(0).integer, 1);
  EXPECT_EQ(second->column(0).integer, 2);
}

TEST(ConnectionTest, NoticesThatTheSchemaChangedUnderAStatement) {
  const TestDatabase database("CREATE TABLE t(a)");
  const auto connection = database.Open();
  {
    auto select = connection->Prepare("SELECT a FROM t");
    ASSERT_TRUE(select->Run().ok());
    EXPECT_FALSE(select->reprepared());
  }
  database.Run("ALTER TABLE t ADD COLUMN b");
  auto select = connection->Prepare("SELECT a FROM t");
  ASSERT_TRUE(select->Run().ok());
  EXPECT_TRUE(select->reprepared());
}

TEST(ConnectionTest, OpensAPathThatReadsLikeAUri) {
  const TestDatabase database("CREATE TABLE t(a)", "a?mode=memory#b%41.db");
  const auto immutable =
      Connection::Open({.path = database.path(), .mode = OpenOptions::Mode::kImmutable});
  ASSERT_TRUE(immutable.ok()) << immutable.status();
  EXPECT_EQ(*(*immutable)->QueryInteger("SELECT count(*) FROM sqlite_schema"), 1);
}

TEST(ConnectionTest, SaysWhatIsNoDatabase) {
  const TestDatabase database;
  const std::string path = database.folder() + "/missing.db";
  EXPECT_EQ(ReasonOf(Connection::Open({.path = path}).status()), "NOT_SERVED");
}

}  // namespace
}  // namespace sluice::sqlite
