#include "server/sqlite/guard.h"

#include <gtest/gtest.h>

#include <thread>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "server/base/error.h"
#include "server/sqlite/test_database.h"

namespace sluice::sqlite {
namespace {

class ClosedTable : public AccessPolicy {
 public:
  bool MayWrite(absl::string_view) const override { return true; }
  bool MayRead(absl::string_view name, absl::string_view) const override {
    const std::string table = absl::AsciiStrToLower(name);
    return table != "closed" && table != "docs_data" && table != "docs_config" &&
           table != "sqlite_dbpage" && table != "dbstat";
  }
  bool MayReadWithin(absl::string_view) const override { return true; }
  uint64_t fingerprint() const override { return 7; }
};

class GuardTest : public testing::Test {
 protected:
  GuardTest()
      : database_(
            "CREATE TABLE open(a);\n"
            "CREATE TABLE closed(a);\n"
            "CREATE VIEW peep AS SELECT a FROM closed;\n"
            "CREATE VIRTUAL TABLE docs USING fts5(body);\n"
            "INSERT INTO docs VALUES ('hello world')"),
        connection_(database_.Open(OpenOptions::Mode::kReadOnly)) {
    Arm(Interrupt());
  }
  void Arm(const Interrupt& interrupt) {
    connection_->guard().Arm(
        {.policy = &policy_, .interrupt = interrupt, .profile = LimitProfile::kCaller});
  }
  absl::Status Run(absl::string_view sql) { return connection_->Execute(sql); }

  const TestDatabase database_;
  const ClosedTable policy_;
  const std::unique_ptr<Connection> connection_;
};

TEST_F(GuardTest, LetsReadingStatementsThrough) {
  EXPECT_TRUE(Run("SELECT * FROM open").ok());
  EXPECT_TRUE(Run("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 9) "
                  "SELECT sum(i), json_group_array(i) FROM n")
                  .ok());
  EXPECT_TRUE(Run("EXPLAIN QUERY PLAN SELECT * FROM open").ok());
}

TEST_F(GuardTest, StopsBetweenPatternsThatAreTriedAtEveryCharacter) {
  // Without a jump, so that the progress handler is not called.
  std::string sql =
      "WITH d(x) AS MATERIALIZED (SELECT replace(hex(zeroblob(400000)), '0', 'a')) SELECT ";
  for (int i = 0; i < 1500; ++i) {
    absl::StrAppend(&sql, i == 0 ? "" : ", ", "x LIKE '%", std::string(90, 'a'), "b%'");
  }
  sql = absl::StrCat(sql.substr(0, 90'000).substr(0, sql.rfind(", ", 90'000)), " FROM d");
  Arm(Interrupt(Deadline::After(absl::Milliseconds(200))));
  const absl::Time begun = absl::Now();
  EXPECT_EQ(Run(sql).code(), absl::StatusCode::kDeadlineExceeded);
  EXPECT_LT(absl::Now() - begun, absl::Seconds(10));
}

TEST_F(GuardTest, RefusesAPatternThatWouldTakeTooLong) {
  connection_->guard().Arm(
      {.policy = &policy_, .interrupt = Interrupt(), .profile = LimitProfile::kKnownCaller});
  const std::string pattern(90, 'a');
  EXPECT_EQ(ReasonOf(Run(absl::StrCat("SELECT replace(hex(zeroblob(10000000)), '0', 'a') LIKE '%",
                                      pattern, "b%'"))),
            reason::kLimit);
}

TEST_F(GuardTest, AnIndexStillServesAPattern) {
  database_.Run("CREATE TABLE word(w TEXT COLLATE NOCASE PRIMARY KEY) WITHOUT ROWID");
  auto plan = connection_->Prepare("EXPLAIN QUERY PLAN SELECT * FROM word WHERE w LIKE 'ab%'");
  ASSERT_TRUE(plan.ok() && *plan->Step());
  EXPECT_EQ(plan->column(3).bytes.substr(0, 6), "SEARCH") << plan->column(3).bytes;
}

TEST_F(GuardTest, RefusesEverythingElse) {
  for (const char* sql : {"INSERT INTO open VALUES (1)",
                          "DELETE FROM open",
                          "CREATE TABLE x(a)",
                          "DROP TABLE open",
                          "CREATE TEMP TABLE x(a)",
                          "ATTACH 'x.db' AS y",
                          "/* */ ATTACH ':memory:' AS y",
                          "BEGIN",
                          "COMMIT",
                          "SAVEPOINT s",
                          "PRAGMA query_only = 0",
                          "PRAGMA journal_mode = DELETE",
                          "VACUUM INTO '/tmp/x'",
                          "VACUUM",
                          "ANALYZE",
                          "REINDEX",
                          "REINDEX open",
                          "SELECT load_extension('x')",
                          "SELECT fts3_tokenizer('simple')",
                          "SELECT sqlite_source_id()",
                          "SELECT * FROM pragma_database_list"}) {
    const absl::Status status = Run(sql);
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << sql << ": " << status;
    EXPECT_EQ(ReasonOf(status), "SQL_ERROR") << sql;
  }
}

TEST_F(GuardTest, HidesTablesHoweverTheyAreNamed) {
  for (const char* sql :
       {"SELECT * FROM closed", "SELECT count(*) FROM closed", "SELECT * FROM peep",
        "SELECT 1 WHERE EXISTS (SELECT 1 FROM CLOSED)", "SELECT * FROM docs_data",
        "SELECT pgno FROM sqlite_dbpage", "SELECT * FROM dbstat"}) {
    EXPECT_EQ(ReasonOf(Run(sql)), "SQL_ERROR") << sql;
  }
}

TEST_F(GuardTest, LetsFullTextSearchReadItsOwnTables) {
  EXPECT_TRUE(Run("SELECT snippet(docs, 0, '[', ']', '…', 8) FROM docs WHERE docs MATCH 'hello' "
                  "ORDER BY bm25(docs)")
                  .ok());
}

TEST_F(GuardTest, KeepsStatementsOfDifferentPoliciesApart) {
  connection_->guard().Disarm();
  EXPECT_TRUE(Run("SELECT a FROM closed").ok());
  Arm(Interrupt());
  EXPECT_EQ(ReasonOf(Run("SELECT a FROM closed")), "SQL_ERROR");
}

TEST_F(GuardTest, StopsAtTheDeadline) {
  Arm(Interrupt(Deadline::After(absl::Milliseconds(20))));
  const absl::Status status =
      Run("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n");
  EXPECT_EQ(status.code(), absl::StatusCode::kDeadlineExceeded) << status;
  EXPECT_EQ(ReasonOf(status), "DEADLINE");
}

TEST_F(GuardTest, StopsWhenTheCallerGoesAway) {
  std::atomic<bool> cancelled{false};
  Arm(Interrupt(Deadline::Infinite(), &cancelled));
  std::thread caller([&] { cancelled = true; });
  const absl::Status status =
      Run("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n");
  caller.join();
  EXPECT_EQ(status.code(), absl::StatusCode::kCancelled) << status;
}

TEST_F(GuardTest, BoundsValuesAndStatements) {
  EXPECT_EQ(ReasonOf(Run("SELECT zeroblob(2000000)")), "LIMIT");
  EXPECT_EQ(ReasonOf(Run("SELECT randomblob(900000000)")), "LIMIT");
  const std::string long_sql = "SELECT '" + std::string(200'000, 'x') + "'";
  EXPECT_EQ(ReasonOf(Run(long_sql)), "LIMIT");
  std::string deep = "1";
  for (int i = 0; i < 500; ++i) deep = "(" + deep + "+1)";
  EXPECT_FALSE(Run("SELECT " + deep).ok());
}

}  // namespace
}  // namespace sluice::sqlite
