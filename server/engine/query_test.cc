#include "server/engine/query.h"

#include <gtest/gtest.h>

#include <atomic>

#include "server/base/error.h"
#include "server/base/limits.h"
#include "server/engine/test_served.h"

namespace sluice::engine {
namespace {

using sqlite::ValueView;
using Parameter = QuerySpec::Parameter;

constexpr size_t kManyBytes = size_t{1} << 30;
constexpr int64_t kManyRows = int64_t{1} << 40;

constexpr char kSchema[] =
    "CREATE TABLE t(id INTEGER PRIMARY KEY, name TEXT);\n"
    "CREATE VIEW v AS SELECT name FROM t WHERE id < 3;\n"
    "CREATE VIEW peep AS SELECT * FROM sqlite_sequence;\n"
    "CREATE TABLE counted(a INTEGER PRIMARY KEY AUTOINCREMENT);\n"
    "CREATE TABLE _litestream_seq(id);\n"
    "CREATE VIRTUAL TABLE docs USING fts5(body);\n"
    "INSERT INTO docs VALUES ('hello world'), ('bye');\n"
    "INSERT INTO t WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 100) "
    "SELECT i, 'name ' || i FROM n";

constexpr char kEndless[] =
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT sum(i) FROM n";

class QueryTest : public testing::Test {
 protected:
  QueryTest() : database_(kSchema) {}

  absl::StatusOr<std::unique_ptr<Cursor>> Open(absl::string_view sql,
                                               std::vector<Parameter> parameters = {},
                                               const Interrupt& interrupt = Interrupt()) {
    return Cursor::Open(database_.served, {.sql = sql, .parameters = std::move(parameters)},
                        interrupt);
  }
  // All rows as text, or the error's reason.
  std::string Query(absl::string_view sql, std::vector<Parameter> parameters = {}) {
    const auto cursor = Open(sql, std::move(parameters));
    if (!cursor.ok()) return ReasonOf(cursor.status());
    CollectingSink sink;
    const auto more = (*cursor)->Fill(sink, kManyRows, kManyBytes);
    if (!more.ok()) return ReasonOf(more.status());
    EXPECT_FALSE(*more);
    columns_ = sink.columns();
    return sink.text();
  }

  ServedDatabase database_;
  std::string columns_;
};

ValueView I(int64_t value) { return ValueView::Integer(value); }

TEST_F(QueryTest, GivesColumnsAndRows) {
  EXPECT_EQ(Query("SELECT id, name AS n, id * 1.5, NULL, x'01' FROM t LIMIT 2; -- the end"),
            "1,'name 1',1.5000000000000000,null,x'01';2,'name 2',3.0000000000000000,null,x'01'");
  EXPECT_EQ(columns_, "id,n,id * 1.5,NULL,x'01'");
  EXPECT_EQ(Query("SELECT id FROM t WHERE id < 0"), "");
  EXPECT_EQ(columns_, "id");
}

TEST_F(QueryTest, BindsByPositionAndByName) {
  EXPECT_EQ(Query("SELECT ?, ?", {{"", I(1)}, {"", ValueView::Text("b")}}), "1,'b'");
  EXPECT_EQ(Query("SELECT ?2, ?1", {{"", I(1)}, {"", I(2)}}), "2,1");
  EXPECT_EQ(Query("SELECT :a, @b, $c, :a", {{"c", I(3)}, {"a", I(1)}, {"b", I(2)}}), "1,2,3,1");
  EXPECT_EQ(Query("SELECT :a", {{"", I(1)}}), "1");
  EXPECT_EQ(Query("SELECT ?", {{"", ValueView::Blob("")}}), "x''");
}

TEST_F(QueryTest, RefusesParametersThatDoNotFit) {
  EXPECT_EQ(Query("SELECT ?"), reason::kBadRequest);
  EXPECT_EQ(Query("SELECT ?", {{"", I(1)}, {"", I(2)}}), reason::kBadRequest);
  EXPECT_EQ(Query("SELECT 1", {{"", I(1)}}), reason::kBadRequest);
  EXPECT_EQ(Query("SELECT :a", {{"b", I(1)}}), reason::kBadRequest);
  EXPECT_EQ(Query("SELECT :a", {{"a", I(1)}, {"b", I(2)}}), reason::kBadRequest);
  EXPECT_EQ(Query("SELECT :a", {{"a", I(1)}, {"a", I(2)}}), reason::kBadRequest);
  EXPECT_EQ(Query("SELECT :a, ?", {{"a", I(1)}}), reason::kBadRequest);
  EXPECT_EQ(Query("SELECT :a", {{":a", I(1)}}), reason::kBadRequest);
}

TEST_F(QueryTest, RefusesWhatIsNotOneReadingStatement) {
  for (const char* sql : {"",
                          " -- nothing",
                          "SELECT 1; SELECT 2",
                          "SELEC 1",
                          "INSERT INTO t VALUES (1000, 'x')",
                          "UPDATE t SET name = 'x'",
                          "DELETE FROM t RETURNING id",
                          "DROP TABLE t",
                          "VACUUM",
                          "CREATE TEMP TABLE x(a)",
                          "BEGIN",
                          "COMMIT",
                          "SAVEPOINT s",
                          "PRAGMA user_version = 7",
                          "PRAGMA user_version",
                          "ATTACH ':memory:' AS m",
                          "DETACH main",
                          "REINDEX",
                          "ANALYZE",
                          "WITH n AS (SELECT 1) INSERT INTO t SELECT 1000, 'x' FROM n",
                          "SELECT load_extension('x')",
                          "INSERT INTO docs(docs) VALUES ('optimize')"}) {
    EXPECT_EQ(Query(sql), reason::kSqlError) << sql;
  }
  EXPECT_EQ(Query("SELECT count(*) FROM t"), "100");
}

TEST_F(QueryTest, TellsWhereTheErrorIs) {
  const auto status = Open("SELECT nosuch FROM t").status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(MetadataOf(status, "offset"), "7");
}

TEST_F(QueryTest, ShowsNoHiddenTables) {
  database_.file.Run("CREATE TABLE _sluice_commit(id, epoch, seq)");
  for (const char* table : {"sqlite_sequence", "_sluice_commit", "_litestream_seq", "docs_data",
                            "docs_content", "DOCS_Config", "sqlite_dbpage", "dbstat", "peep",
                            "main._sluice_commit", "pragma_database_list", "fts5vocab"}) {
    EXPECT_EQ(Query(absl::StrCat("SELECT * FROM ", table)), reason::kSqlError) << table;
    EXPECT_EQ(Query(absl::StrCat("SELECT count(*) FROM ", table)), reason::kSqlError) << table;
    EXPECT_EQ(Query(absl::StrCat("SELECT 1 FROM t WHERE EXISTS (SELECT 1 FROM ", table, ")")),
              reason::kSqlError)
        << table;
  }
  EXPECT_EQ(Query("SELECT count(*) > 5 FROM sqlite_schema"), "1");
  EXPECT_EQ(Query("SELECT name FROM pragma_table_info('t')"), "'id';'name'");
}

TEST_F(QueryTest, SearchesFullTextOnAConnectionThatHasNotSeenTheTable) {
  std::vector<sqlite::ReadLease> warm;
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(Query("SELECT body FROM docs WHERE docs MATCH 'hello'"), "'hello world'");
    auto lease = database_->Acquire(Interrupt());
    ASSERT_TRUE(lease.ok());
    warm.push_back(*std::move(lease));
  }
}

TEST_F(QueryTest, GoesOnInPieces) {
  const auto cursor = Open("SELECT id FROM t");
  ASSERT_TRUE(cursor.ok()) << cursor.status();
  CollectingSink all;
  int pieces = 0;
  bool more = true;
  while (more) {
    CollectingSink piece;
    const auto filled = (*cursor)->Fill(piece, kManyRows, 10);
    ASSERT_TRUE(filled.ok()) << filled.status();
    more = *filled;
    // The row that passes the target is the piece's last.
    EXPECT_LT(piece.bytes(), 10u + 3u);
    EXPECT_EQ(piece.columns(), pieces == 0 ? "id" : "");
    ++pieces;
    all.rows.insert(all.rows.end(), piece.rows.begin(), piece.rows.end());
  }
  EXPECT_GT(pieces, 10);
  EXPECT_EQ(all.text(), Query("SELECT id FROM t"));
  EXPECT_EQ((*cursor)->stats().row_count, 100);
  EXPECT_GT((*cursor)->stats().vm_steps, 100);
  CollectingSink after;
  EXPECT_FALSE(*(*cursor)->Fill(after, kManyRows, kManyBytes));
  EXPECT_TRUE(after.rows.empty());
}

TEST_F(QueryTest, GivesOutTheRowsOfASlowStatementBeforeItHasMany) {
  const auto cursor = Open(
      "SELECT id, (WITH RECURSIVE n(i) AS (SELECT t.id UNION ALL SELECT i + 1 FROM n LIMIT 10000) "
      "SELECT sum(i) FROM n) FROM t");
  CollectingSink sink;
  EXPECT_TRUE(*(*cursor)->Fill(sink, kManyRows, kManyBytes, Deadline::After(absl::ZeroDuration())));
  EXPECT_EQ(sink.rows.size(), 1u);
  EXPECT_FALSE(*(*cursor)->Fill(sink, kManyRows, kManyBytes));
  EXPECT_EQ(sink.rows.size(), 100u);
}

TEST_F(QueryTest, SaysWhetherThereIsMoreExactly) {
  for (const int rows : {99, 100, 101}) {
    const auto cursor = Open("SELECT id FROM t");
    CollectingSink sink;
    EXPECT_EQ(*(*cursor)->Fill(sink, rows, kManyBytes), rows < 100) << rows;
    EXPECT_EQ(sink.rows.size(), static_cast<size_t>(std::min(rows, 100)));
  }
}

TEST_F(QueryTest, StopsAtItsDeadlineAndWhenCancelled) {
  const auto late = Open(kEndless, {}, Interrupt(Deadline::After(absl::Milliseconds(20))));
  ASSERT_TRUE(late.ok());
  CollectingSink sink;
  EXPECT_EQ((*late)->Fill(sink, 1, 1).status().code(), absl::StatusCode::kDeadlineExceeded);

  std::atomic<bool> cancelled{false};
  const auto gone = Open(kEndless, {}, Interrupt(Deadline::Infinite(), &cancelled));
  ASSERT_TRUE(gone.ok());
  cancelled = true;
  EXPECT_EQ((*gone)->Fill(sink, 1, 1).status().code(), absl::StatusCode::kCancelled);
}

TEST_F(QueryTest, DoesNotInheritTheDeadlineOfTheCallBefore) {
  {
    const auto late = Open(kEndless, {}, Interrupt(Deadline::After(absl::Milliseconds(5))));
    CollectingSink sink;
    ASSERT_FALSE((*late)->Fill(sink, 1, 1).ok());
  }
  EXPECT_EQ(Query("SELECT count(*) FROM t AS a, t AS b"), "10000");
}

TEST_F(QueryTest, TellsAnErrorInTheMiddleOfTheRows) {
  const auto cursor = Open(
      "SELECT CASE WHEN id < 50 THEN id ELSE abs(-9223372036854775807 - 1) "
      "END FROM t");
  ASSERT_TRUE(cursor.ok()) << cursor.status();
  CollectingSink sink;
  EXPECT_EQ(ReasonOf((*cursor)->Fill(sink, kManyRows, kManyBytes).status()), reason::kSqlError);
  EXPECT_EQ(sink.rows.size(), 49u);
}

TEST_F(QueryTest, HoldsCallersToTheirLimits) {
  EXPECT_EQ(Query("SELECT length(zeroblob(2000000))"), reason::kLimit);
  EXPECT_EQ(Query("SELECT length(hex(zeroblob(900000)))"), reason::kLimit);
  EXPECT_EQ(Query(absl::StrCat("SELECT 1 --", std::string(limits::kSqlBytesMax, 'x'))),
            reason::kLimit);
  EXPECT_EQ(Query("SELECT length(zeroblob(900000))"), "900000");
}

TEST_F(QueryTest, KeepsOneStateWhileItRuns) {
  const auto cursor = Open("SELECT count(*) OVER (), id FROM t");
  CollectingSink sink;
  ASSERT_TRUE(*(*cursor)->Fill(sink, 10, kManyBytes));
  database_.file.Run("DELETE FROM t");
  ASSERT_FALSE(*(*cursor)->Fill(sink, kManyRows, kManyBytes));
  EXPECT_EQ(sink.rows.size(), 100u);
  EXPECT_EQ(Query("SELECT count(*) FROM t"), "0");
}

TEST_F(QueryTest, AnswersOverloadedWhenEveryConnectionIsOut) {
  std::vector<std::unique_ptr<Cursor>> out;
  for (int i = 0; i < 4; ++i) out.push_back(*Open("SELECT id FROM t"));
  const auto refused =
      Open("SELECT 1", {}, Interrupt(Deadline::After(absl::Milliseconds(10)))).status();
  EXPECT_EQ(refused.code(), absl::StatusCode::kDeadlineExceeded);
  out.pop_back();
  EXPECT_TRUE(Open("SELECT 1").ok());
}

}  // namespace
}  // namespace sluice::engine
