// What every reading way sees when another connection changes the schema between two calls.
#include <gtest/gtest.h>

#include "server/base/error.h"
#include "server/engine/browse.h"
#include "server/engine/query.h"
#include "server/engine/test_served.h"

namespace sluice::engine {
namespace {

constexpr size_t kManyBytes = size_t{1} << 30;

// `columns: rows` or the error's reason.
std::string Told(const absl::Status& status, const CollectingSink& sink) {
  return status.ok() ? absl::StrCat(sink.columns(), ": ", sink.text()) : ReasonOf(status);
}

class SchemaChangeTest : public testing::Test {
 protected:
  SchemaChangeTest()
      : database_(
            "CREATE TABLE t(id INTEGER PRIMARY KEY, a);\n"
            "INSERT INTO t VALUES (1, 'x'), (2, 'y')") {}

  std::string List() {
    CollectingSink sink;
    const auto page =
        ListRows(*database_, {.rows = {.table = "t"}, .rows_max = 9, .bytes_max = kManyBytes},
                 Interrupt(), sink);
    return Told(page.status(), sink);
  }
  std::string Next(PagePosition position) {
    CollectingSink sink;
    const auto page = ListRows(*database_,
                               {.rows = {.table = "t", .after = std::move(position)},
                                .rows_max = 9,
                                .bytes_max = kManyBytes},
                               Interrupt(), sink);
    return Told(page.status(), sink);
  }
  std::string Get(const sqlite::ValueView& value) {
    CollectingSink sink;
    RowKey key;
    key.parts.emplace_back(value);
    return Told(ReadRow(*database_, "t", key, sink), sink);
  }
  std::string Get() { return Get(sqlite::ValueView::Integer(1)); }
  std::string Query() {
    const auto cursor =
        Cursor::Open(database_.served, {.sql = "SELECT * FROM t", .parameters = {}}, Interrupt());
    if (!cursor.ok()) return ReasonOf(cursor.status());
    CollectingSink sink;
    return Told((*cursor)->Fill(sink, 9, kManyBytes).status(), sink);
  }
  // The same on every connection of the pool, warm and new.
  void ExpectEverywhere(const std::string& all, const std::string& one) {
    std::vector<sqlite::ReadLease> taken;
    for (int i = 0; i < 4; ++i) {
      SCOPED_TRACE(absl::StrCat("connection ", i));
      EXPECT_EQ(List(), all);
      EXPECT_EQ(Get(), one);
      EXPECT_EQ(Query(), all);
      auto lease = database_->Acquire(Interrupt());
      ASSERT_TRUE(lease.ok());
      taken.push_back(*std::move(lease));
    }
  }

  ServedDatabase database_;
};

TEST_F(SchemaChangeTest, AddedColumnsAreSeenAtOnce) {
  ExpectEverywhere("id,a: 1,'x';2,'y'", "id,a: 1,'x'");
  database_.file.Run("ALTER TABLE t ADD COLUMN b DEFAULT 5");
  ExpectEverywhere("id,a,b: 1,'x',5;2,'y',5", "id,a,b: 1,'x',5");
}

TEST_F(SchemaChangeTest, DroppedAndRenamedColumnsAreSeenAtOnce) {
  ExpectEverywhere("id,a: 1,'x';2,'y'", "id,a: 1,'x'");
  database_.file.Run("ALTER TABLE t RENAME COLUMN a TO z");
  ExpectEverywhere("id,z: 1,'x';2,'y'", "id,z: 1,'x'");
  database_.file.Run("ALTER TABLE t DROP COLUMN z");
  ExpectEverywhere("id: 1;2", "id: 1");
}

TEST_F(SchemaChangeTest, AnotherTableOfTheSameNameIsSeenAtOnce) {
  ExpectEverywhere("id,a: 1,'x';2,'y'", "id,a: 1,'x'");
  database_.file.Run(
      "DROP TABLE t;\n"
      "CREATE TABLE t(k PRIMARY KEY, v) WITHOUT ROWID;\n"
      "INSERT INTO t VALUES (1, 'new'), ('k', 'newer')");
  ExpectEverywhere("k,v: 1,'new';'k','newer'", "k,v: 1,'new'");
  EXPECT_EQ(Get(sqlite::ValueView::Text("k")), "k,v: 'k','newer'");
}

TEST_F(SchemaChangeTest, AnotherKeyOfTheSameColumnsIsSeenAtOnce) {
  database_.file.Run("DROP TABLE t;\nCREATE TABLE t(a, b);\nINSERT INTO t VALUES ('p', 'q')");
  EXPECT_EQ(Get(), "a,b: 'p','q'");
  EXPECT_EQ(List(), "a,b: 'p','q'");
  database_.file.Run(
      "DROP TABLE t;\nCREATE TABLE t(a PRIMARY KEY, b);\nINSERT INTO t VALUES ('p', 'q')");
  CollectingSink sink;
  ASSERT_TRUE(ListRows(*database_, {.rows = {.table = "t"}, .rows_max = 9, .bytes_max = kManyBytes},
                       Interrupt(), sink)
                  .ok());
  ASSERT_EQ(sink.keys.size(), 1u);
  EXPECT_EQ(TextOf(sink.keys[0].parts), "'p'");
  EXPECT_EQ(Get(), reason::kNoSuchRow);
}

TEST_F(SchemaChangeTest, ATableThatComesAndGoesIsSeenAtOnce) {
  ExpectEverywhere("id,a: 1,'x';2,'y'", "id,a: 1,'x'");
  database_.file.Run("DROP TABLE t");
  std::vector<sqlite::ReadLease> taken;
  for (int i = 0; i < 4; ++i) {
    EXPECT_EQ(List(), reason::kNoSuchTable);
    EXPECT_EQ(Get(), reason::kNoSuchTable);
    EXPECT_EQ(Query(), reason::kSqlError);
    taken.push_back(*database_->Acquire(Interrupt()));
  }
  taken.clear();
  database_.file.Run("CREATE VIEW t AS SELECT 7 AS seven");
  EXPECT_EQ(List(), "seven: 7");
  EXPECT_EQ(Get(), reason::kUnsupported);
  EXPECT_EQ(Query(), "seven: 7");
}

TEST_F(SchemaChangeTest, APositionOfTheTableBeforeIsRefusedOrStillFits) {
  PagePosition position;
  position.values.emplace_back(sqlite::ValueView::Integer(1));
  EXPECT_EQ(Next(std::move(position)), "id,a: 2,'y'");
  database_.file.Run(
      "DROP TABLE t;\nCREATE TABLE t(a, b, PRIMARY KEY (a, b)) WITHOUT ROWID;\n"
      "INSERT INTO t VALUES (1, 2)");
  PagePosition stale;
  stale.values.emplace_back(sqlite::ValueView::Integer(1));
  EXPECT_EQ(Next(std::move(stale)), reason::kBadRequest);
}

TEST_F(SchemaChangeTest, ACursorSeesTheTableThatItsStatementWasCheckedFor) {
  const auto cursor =
      Cursor::Open(database_.served, {.sql = "SELECT * FROM t", .parameters = {}}, Interrupt());
  ASSERT_TRUE(cursor.ok());
  database_.file.Run("ALTER TABLE t ADD COLUMN b DEFAULT 5");
  CollectingSink sink;
  const auto more = (*cursor)->Fill(sink, 9, kManyBytes);
  EXPECT_EQ(Told(more.status(), sink), "id,a: 1,'x';2,'y'");
}

TEST_F(SchemaChangeTest, AnIndexOrManyChangesInARowDoNotDisturb) {
  for (int i = 0; i < 5; ++i) {
    database_.file.Run(absl::StrCat("CREATE INDEX i", i, " ON t(a)"));
    EXPECT_EQ(List(), "id,a: 1,'x';2,'y'");
    EXPECT_EQ(Get(), "id,a: 1,'x'");
    EXPECT_EQ(Query(), "id,a: 1,'x';2,'y'");
  }
}

}  // namespace
}  // namespace sluice::engine
