#include <gtest/gtest.h>

#include "server/base/error.h"
#include "server/engine/test_tables_changed.h"
#include "server/engine/test_write.h"

namespace sluice::engine {
namespace {

class FullTextChangeTest : public testing::Test {
 protected:
  FullTextChangeTest()
      : database_(
            "CREATE TABLE docs(id INTEGER PRIMARY KEY, title TEXT, body TEXT);\n"
            "CREATE TABLE \"od\"\"d (table)\"(\"a b\", \"it's\");\n"
            "CREATE TABLE w(k PRIMARY KEY, v) WITHOUT ROWID;\n"
            "CREATE TABLE taken(a);\n"
            "CREATE TABLE _sluice(a);\n"
            "CREATE TABLE taken_fts(a);\n"
            "INSERT INTO docs VALUES (3, 'Running dogs', 'fast'), (8, 'Cats', 'asleep');\n"
            "INSERT INTO \"od\"\"d (table)\" VALUES ('hello', 'world')") {}

  std::string Try(std::string table, std::vector<TableChange> changes) {
    return Refusal(AlterNow(database_, std::move(table), std::move(changes)));
  }
  // The rowids that a search finds.
  std::string Find(absl::string_view index, absl::string_view words) {
    return Ask(database_.file, absl::StrCat("SELECT rowid FROM \"", index, "\" WHERE \"", index,
                                            "\" MATCH '", words, "' ORDER BY rowid"));
  }
  bool Write(absl::string_view sql) { return database_.file.Open()->Execute(sql).ok(); }
  // Index and rows agree.
  std::string Check() {
    return database_.file.Open()
        ->Execute("INSERT INTO docs_fts(docs_fts, rank) VALUES ('integrity-check', 1)")
        .ToString();
  }

  ServedDatabase database_;
};

TEST_F(FullTextChangeTest, MakesAnIndexThatTriggersKeep) {
  ASSERT_EQ(Try("docs", {EnableFullText{{"title", "body"}, "porter unicode61"}}), "done");
  EXPECT_EQ(Find("docs_fts", "run"), "3");
  ASSERT_TRUE(Write("INSERT INTO docs VALUES (9, 'run', 'x')"));
  ASSERT_TRUE(Write("UPDATE docs SET title = 'Walking', id = 4 WHERE id = 3"));
  ASSERT_TRUE(Write("DELETE FROM docs WHERE id = 8"));
  EXPECT_EQ(Find("docs_fts", "run"), "9");
  EXPECT_EQ(Find("docs_fts", "walk"), "4");
  EXPECT_EQ(Find("docs_fts", "cat"), "");
  EXPECT_EQ(Check(), "OK");
  const auto schema = database_->CachedSchema();
}

TEST_F(FullTextChangeTest, FollowsTheTableThroughItsChanges) {
  ASSERT_EQ(Try("docs", {EnableFullText{{"body"}}}), "done");
  ASSERT_EQ(
      Try("docs", {AlterColumn{.column = "title", .not_null = true}, ReorderColumns{{"body"}}}),
      "done");
  EXPECT_EQ(Find("docs_fts", "asleep"), "8");
  ASSERT_TRUE(Write("UPDATE docs SET body = 'awake' WHERE id = 8"));
  EXPECT_EQ(Find("docs_fts", "asleep"), "");
  EXPECT_EQ(Check(), "OK");
  EXPECT_EQ(Try("docs", {DropColumn{"title"}}), "done");
  EXPECT_EQ(Try("docs", {DropColumn{"body"}}), "IN_USE");
  EXPECT_EQ(Try("docs", {RenameColumn{"body", "text"}}), "IN_USE");
  EXPECT_EQ(Try("docs", {RenameTable{"papers"}}), "IN_USE");
  EXPECT_EQ(Try("docs", {DisableFullText{}, RenameColumn{"body", "text"}, RenameTable{"papers"},
                         EnableFullText{{"text"}, "trigram"}}),
            "done");
  EXPECT_EQ(Find("papers_fts", "wak"), "8");
  // Rowids change with the key.
  EXPECT_EQ(Try("papers", {SetPrimaryKey{{}}}), "done");
  EXPECT_EQ(Find("papers_fts", "wak"), "8");
}

TEST_F(FullTextChangeTest, IsMadeAnewAndTakenAway) {
  ASSERT_EQ(Try("docs", {EnableFullText{{"body"}}}), "done");
  ASSERT_EQ(Try("docs", {EnableFullText{{"title"}}}), "done");
  EXPECT_EQ(Find("docs_fts", "fast"), "");
  EXPECT_EQ(Find("docs_fts", "cats"), "8");
  ASSERT_EQ(Try("docs", {DisableFullText{}}), "done");
  EXPECT_EQ(Ask(database_.file, "SELECT count(*) FROM sqlite_schema WHERE name LIKE 'docs_%'"),
            "0");
  EXPECT_EQ(Try("docs", {DisableFullText{}}), "UNSUPPORTED");
}

// Triggers that somebody else has made.
TEST_F(FullTextChangeTest, LeavesTriggersOfOthersAlone) {
  ASSERT_EQ(Try("docs", {EnableFullText{{"body"}}}), "done");
  ASSERT_TRUE(Write("CREATE TABLE log(a)"));
  ASSERT_TRUE(
      Write("CREATE TRIGGER mine AFTER INSERT ON docs BEGIN "
            "INSERT INTO log SELECT count(*) FROM docs_fts; END"));
  const auto refused = AlterNow(database_, "docs", {DisableFullText{}});
  EXPECT_EQ(Refusal(refused), "IN_USE");
  EXPECT_EQ(MetadataOf(refused.status(), "needed_by"), "mine");
  EXPECT_EQ(Try("docs", {EnableFullText{{"title"}}}), "IN_USE");
  EXPECT_EQ(Find("docs_fts", "asleep"), "8");
  EXPECT_EQ(Check(), "OK");
  ASSERT_TRUE(Write("DROP TRIGGER mine"));
  EXPECT_EQ(Try("docs", {DisableFullText{}}), "done");
}

TEST_F(FullTextChangeTest, BreaksNoViewOverTheIndex) {
  ASSERT_EQ(Try("docs", {EnableFullText{{"title", "body"}}}), "done");
  ASSERT_TRUE(Write("CREATE VIEW found AS SELECT title FROM docs_fts"));
  const auto refused = AlterNow(database_, "docs", {DisableFullText{}});
  EXPECT_EQ(Refusal(refused), "IN_USE");
  EXPECT_EQ(MetadataOf(refused.status(), "needed_by"), "found");
  EXPECT_EQ(Try("docs", {EnableFullText{{"body"}}}), "IN_USE");
  EXPECT_EQ(Try("docs", {EnableFullText{{"title"}}}), "done");
  ASSERT_TRUE(Write("DROP VIEW found"));
  EXPECT_EQ(Try("docs", {DisableFullText{}}), "done");
}

// Which rows it holds only its maker knows.
TEST_F(FullTextChangeTest, LeavesAnIndexOfOthersAsItIs) {
  ASSERT_TRUE(
      Write("CREATE VIRTUAL TABLE some USING fts5(body, content='docs', "
            "content_rowid='id')"));
  ASSERT_TRUE(
      Write("CREATE TRIGGER some_in AFTER INSERT ON docs WHEN new.title <> 'secret' BEGIN "
            "INSERT INTO some(rowid, body) VALUES (new.id, new.body); END"));
  ASSERT_TRUE(Write("INSERT INTO docs VALUES (20, 'secret', 'hidden'), (21, 'open', 'seen')"));
  ASSERT_EQ(Try("docs", {ReorderColumns{{"body"}}}), "done");
  EXPECT_EQ(Find("some", "seen"), "21");
  EXPECT_EQ(Find("some", "hidden"), "");
  // What it holds would no longer be what the table holds.
  EXPECT_EQ(Try("docs", {AlterColumn{.column = "body", .type = "INTEGER"}}), "IN_USE");
  EXPECT_EQ(Try("docs", {AlterColumn{.column = "title", .type = "VARCHAR"}}), "done");
  EXPECT_EQ(Find("some", "hidden"), "");
}

TEST_F(FullTextChangeTest, TakesOddNames) {
  ASSERT_EQ(Try("od\"d (table)", {EnableFullText{{"it's", "a b"}}}), "done");
  EXPECT_EQ(Ask(database_.file, "SELECT rowid FROM \"od\"\"d (table)_fts\"('world')"), "1");
  ASSERT_TRUE(Write("INSERT INTO \"od\"\"d (table)\" VALUES ('x', 'world')"));
  EXPECT_EQ(Ask(database_.file, "SELECT rowid FROM \"od\"\"d (table)_fts\"('world')"), "1;2");
  ASSERT_EQ(Try("od\"d (table)", {DisableFullText{}}), "done");
}

TEST_F(FullTextChangeTest, SaysWhatIsWrong) {
  const auto enable = [&](const char* table, std::vector<std::string> columns,
                          const char* tokenizer = "") {
    return Try(table, {EnableFullText{std::move(columns), tokenizer}});
  };
  EXPECT_EQ(enable("docs", {}), "BAD_REQUEST changes[0].enable_full_text.columns");
  EXPECT_EQ(enable("docs", {"x"}), "BAD_REQUEST changes[0].enable_full_text.columns");
  EXPECT_EQ(enable("docs", {"body", "BODY"}), "BAD_REQUEST changes[0].enable_full_text.columns");
  for (const char* tokenizer : {"nonsense", "unicode61 x y", "'", "porter', content='x"}) {
    EXPECT_EQ(enable("docs", {"body"}, tokenizer),
              "BAD_REQUEST changes[0].enable_full_text.tokenizer");
  }
  EXPECT_EQ(enable("w", {"v"}), "UNSUPPORTED");
  EXPECT_EQ(enable("_sluice", {"a"}), "BAD_REQUEST changes[0].enable_full_text");
  EXPECT_EQ(enable("taken", {"a"}), "NAME_TAKEN");
}

}  // namespace
}  // namespace sluice::engine
