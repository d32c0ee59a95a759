#include "server/engine/resume.h"

#include <gtest/gtest.h>

#include <random>

#include "server/base/error.h"
#include "server/engine/query.h"
#include "server/engine/test_served.h"

namespace sluice::engine {
namespace {

constexpr size_t kManyBytes = size_t{1} << 30;
constexpr int64_t kManyRows = int64_t{1} << 40;

class ResumeTest : public testing::Test {
 protected:
  ResumeTest()
      : database_(
            "CREATE TABLE t(id INTEGER PRIMARY KEY, \"a b\" TEXT, n INTEGER);\n"
            "CREATE TABLE d(id INTEGER PRIMARY KEY DESC, v);\n"
            "INSERT INTO d VALUES (3, 1), (1, 2), (2, 3);\n"
            "CREATE TABLE i(id INTEGER PRIMARY KEY, n);\n"
            "CREATE INDEX i_n ON i(n);\n"
            "INSERT INTO i VALUES (1, 3), (2, 3), (3, 3), (4, 2);\n"
            "CREATE TABLE u(x PRIMARY KEY, y);\n"
            "CREATE TABLE w(id INTEGER PRIMARY KEY) WITHOUT ROWID;\n"
            "CREATE VIEW v AS SELECT id, n FROM t WHERE n % 2 = 0;\n"
            "INSERT INTO t WITH RECURSIVE c(i) AS (SELECT -40 UNION ALL SELECT i + 3 FROM c LIMIT "
            "100) SELECT i, 'row ' || i, i * 7 % 11 FROM c") {}

  std::unique_ptr<Cursor> Open(const QuerySpec& spec) {
    auto cursor = Cursor::Open(database_.served, spec, Interrupt());
    EXPECT_TRUE(cursor.ok()) << spec.sql << ": " << cursor.status();
    return cursor.ok() ? *std::move(cursor) : nullptr;
  }
  static QuerySpec Spec(absl::string_view sql, std::optional<ResumePoint> after = std::nullopt) {
    QuerySpec spec;
    spec.sql = sql;
    spec.resumable = true;
    spec.resume_after = after;
    return spec;
  }
  bool IsResumable(absl::string_view sql) {
    CollectingSink sink;
    const auto cursor = Open(Spec(sql));
    EXPECT_TRUE(cursor->Fill(sink, 3, kManyBytes).ok());
    return cursor->position().has_value();
  }

  ServedDatabase database_;
};

// Walks that are cut anywhere give what one walk gives.
TEST_F(ResumeTest, GoesOnAfterAnyCut) {
  std::mt19937_64 random(20261127);
  for (const char* sql :
       {"SELECT * FROM t", "SELECT n, id FROM t ORDER BY id DESC; -- the end",
        "SELECT id, n + 1, upper(\"a b\") FROM t WHERE n > 3 -- a comment",
        "SELECT id AS k FROM t WHERE id BETWEEN -10 AND 90 ORDER BY id LIMIT 20 OFFSET 2",
        "SELECT id FROM v", "SELECT rowid, n FROM t WHERE id > 5",
        "WITH c AS (SELECT id, n FROM t) SELECT * FROM c ORDER BY id DESC"}) {
    CollectingSink whole;
    ASSERT_TRUE(Open(Spec(sql))->Fill(whole, kManyRows, kManyBytes).ok());
    for (int round = 0; round < 50; ++round) {
      CollectingSink pieces;
      std::optional<ResumePoint> after;
      for (bool more = true; more;) {
        const auto cursor = Open(Spec(sql, after));
        ASSERT_NE(cursor, nullptr);
        const auto filled =
            cursor->Fill(pieces, 2 + static_cast<int64_t>(random() % 30), kManyBytes);
        ASSERT_TRUE(filled.ok()) << filled.status();
        more = *filled;
        if (!more) break;
        ASSERT_TRUE(cursor->position().has_value()) << sql;
        after = cursor->position();
      }
      EXPECT_EQ(pieces.text(), whole.text()) << sql;
      if (pieces.text() != whole.text()) break;
    }
  }
}

TEST_F(ResumeTest, PromisesNothingWhereTheOrderIsNoKey) {
  for (const char* sql :
       {"SELECT n FROM t", "SELECT id, n FROM t ORDER BY n", "SELECT a.id FROM t AS a, t AS b",
        "SELECT * FROM u", "SELECT id FROM w", "SELECT 1 UNION ALL SELECT id FROM t",
        "SELECT id, id AS ID FROM t", "SELECT -id FROM t", "SELECT id FROM t GROUP BY n",
        "SELECT id FROM i WHERE n = 3", "SELECT * FROM d", "SELECT id, random() FROM t ORDER BY 2",
        "SELECT id FROM t WHERE n IN (SELECT n FROM t)", "VALUES (1), (2)"}) {
    EXPECT_FALSE(IsResumable(sql)) << sql;
  }
}

TEST_F(ResumeTest, RefusesAPointWhereTheOrderIsNoKeyAnyMore) {
  const auto cursor = Cursor::Open(
      database_.served, Spec("SELECT id FROM t ORDER BY n", ResumePoint{.key = 3}), Interrupt());
  EXPECT_EQ(ReasonOf(cursor.status()), reason::kBadRequest);
}

}  // namespace
}  // namespace sluice::engine
