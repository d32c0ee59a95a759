#include "server/engine/describe.h"

#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "server/base/error.h"
#include "server/engine/query.h"
#include "server/engine/test_served.h"

namespace sluice::engine {
namespace {

constexpr char kSchema[] =
    "CREATE TABLE author(id INTEGER PRIMARY KEY, name TEXT);\n"
    "CREATE TABLE book(id INTEGER PRIMARY KEY, title TEXT, author_id INTEGER);\n"
    "CREATE VIEW titles AS SELECT title FROM book;\n"
    "CREATE TABLE counted(a INTEGER PRIMARY KEY AUTOINCREMENT);\n"
    "CREATE TABLE _litestream_seq(id)";

class DescribeTest : public testing::Test {
 protected:
  DescribeTest() : database_(kSchema) {}

  StatementDescription Describe(absl::string_view sql) {
    auto description = DescribeStatement(*database_.served, {}, sql, Interrupt());
    EXPECT_TRUE(description.ok()) << sql << ": " << description.status();
    return description.ok() ? *std::move(description) : StatementDescription();
  }
  std::string Refused(absl::string_view sql) {
    return ReasonOf(DescribeStatement(*database_.served, {}, sql, Interrupt()).status());
  }

  ServedDatabase database_;
};

// "author(id,name) book(title) +insert".
std::string TablesOf(const StatementDescription& description) {
  std::vector<std::string> tables;
  for (const auto& table : description.tables) {
    std::string text = absl::StrCat(table.name, "(", absl::StrJoin(table.columns_read, ","), ")");
    if (table.inserts) text += "+";
    if (table.updates) absl::StrAppend(&text, "=(", absl::StrJoin(table.columns_updated, ","), ")");
    if (table.deletes) text += "-";
    tables.push_back(text);
  }
  return absl::StrJoin(tables, " ");
}

TEST_F(DescribeTest, TellsParametersByPositionAndName) {
  const auto description = Describe("SELECT ?, :a, @b, ?5, $c");
  std::vector<std::string> names;
  for (const auto& parameter : description.parameters) names.push_back(parameter.name);
  EXPECT_EQ(names, (std::vector<std::string>{"", "a", "b", "", "", "c"}));
}

TEST_F(DescribeTest, TellsWhereColumnsComeFrom) {
  const auto columns =
      Describe("SELECT b.title AS t, a.rowid, 1 + 1, v.title FROM book b, author a, titles v")
          .columns;
  ASSERT_EQ(columns.size(), 4U);
  EXPECT_EQ(columns[0].name + columns[0].declared_type, "tTEXT");
  EXPECT_EQ(columns[0].table + "." + columns[0].column, "book.title");
  EXPECT_EQ(columns[1].table + "." + columns[1].column, "author.id");
  EXPECT_EQ(columns[2].table + "." + columns[2].column, ".");
  EXPECT_EQ(columns[3].table + "." + columns[3].column, "book.title");
}

TEST_F(DescribeTest, TellsWhatIsReadAndChanged) {
  EXPECT_EQ(TablesOf(Describe("SELECT 1")), "");
  EXPECT_EQ(TablesOf(Describe("SELECT name FROM AUTHOR WHERE id = 1")), "author(name,id)");
  EXPECT_EQ(TablesOf(Describe("WITH c AS (SELECT title FROM titles) SELECT * FROM c")),
            "book(title) titles(title)");
  const auto insert = Describe("INSERT INTO book(title) SELECT name FROM author");
  EXPECT_FALSE(insert.read_only);
  EXPECT_EQ(TablesOf(insert), "author(name) book()+");
  EXPECT_EQ(TablesOf(Describe("UPDATE book SET title = 'x' WHERE id = :id")), "book(id)=(title)");
  EXPECT_EQ(TablesOf(Describe("DELETE FROM book WHERE author_id = 3")), "book(author_id)-");
}

TEST_F(DescribeTest, ShowsThePlanAsATree) {
  const auto plan = Describe("SELECT * FROM book WHERE id = 1 UNION ALL SELECT * FROM book").plan;
  ASSERT_EQ(plan.size(), 1U);
  EXPECT_EQ(plan[0].detail, "COMPOUND QUERY");
  ASSERT_EQ(plan[0].children.size(), 2U);
  EXPECT_EQ(plan[0].children[1].children[0].detail, "SCAN book");
  EXPECT_TRUE(Describe("EXPLAIN SELECT 1").plan.empty());
}

TEST_F(DescribeTest, ChangesNothingAndLeavesNothingBehind) {
  Describe("DELETE FROM book");
  const auto cursor =
      Cursor::Open(database_.served, {.sql = "DELETE FROM book", .parameters = {}}, Interrupt());
  EXPECT_EQ(ReasonOf(cursor.status()), reason::kSqlError);
}

TEST_F(DescribeTest, RefusesWhatMayNotBeRunOrSeen) {
  for (const char* sql :
       {"", "SELEC 1", "SELECT 1; SELECT 2", "SELECT absent FROM book", "CREATE TABLE t(a)",
        "DROP TABLE book", "PRAGMA user_version", "ATTACH 'x' AS y", "VACUUM", "BEGIN", "REINDEX",
        "SELECT load_extension('x')", "SELECT * FROM _litestream_seq",
        "INSERT INTO _litestream_seq VALUES (1)", "DELETE FROM sqlite_sequence",
        "UPDATE sqlite_schema SET sql = ''", "INSERT INTO sqlite_schema VALUES (1,2,3,4,5)"}) {
    EXPECT_EQ(Refused(sql), reason::kSqlError) << sql;
  }
}

TEST_F(DescribeTest, ALongPlanStaysReadable) {
  std::string sql = "SELECT id FROM book";
  for (int i = 0; i < 70; ++i) sql = absl::StrCat("SELECT max(id) OVER () AS id FROM (", sql, ")");
  const auto description = DescribeStatement(*database_.served, {}, sql, Interrupt());
  if (!description.ok()) return;  // Deeper than SQLite's limits let a caller go.
  int depth = 0;
  for (const auto* nodes = &description->plan; !nodes->empty(); nodes = &nodes->back().children) {
    ++depth;
  }
  EXPECT_LE(depth, 61);
}

}  // namespace
}  // namespace sluice::engine
