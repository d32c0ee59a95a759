#include "server/engine/sql_text.h"

#include <gtest/gtest.h>

#include "absl/strings/str_join.h"
#include "server/engine/table_text.h"

namespace sluice::engine {
namespace {

std::string Texts(absl::string_view sql) {
  return absl::StrJoin(Tokenize(sql), "|", [](std::string* out, const SqlToken& token) {
    absl::StrAppend(out, token.text);
  });
}

TEST(SqlTextTest, SplitsIntoTokens) {
  EXPECT_EQ(Texts("CREATE TABLE\"a\"\"b\"(x'00',-1.5 /* ( */,[a]]b]--c\n,`d``e`)"),
            "CREATE|TABLE|\"a\"\"b\"|(|x'00'|,|-|1|.|5|,|[a]|]|b|]|,|`d``e`|)");
  EXPECT_EQ(Tokenize("\"a\"\"b\"")[0].name(), "a\"b");
  EXPECT_EQ(Tokenize("[a]")[0].name(), "a");
  EXPECT_EQ(Tokenize("'it''s'")[0].name(), "it's");
  EXPECT_EQ(Tokenize("'open").back().kind, SqlToken::Kind::kUnended);
  EXPECT_EQ(Tokenize("/* open").back().kind, SqlToken::Kind::kUnended);
  EXPECT_TRUE(Tokenize(" -- only\n").empty());
}

std::string Again(absl::string_view sql) {
  const auto text = TableText::Parse(sql);
  return text.ok() ? text->Sql("t") : std::string(text.status().message());
}

TEST(TableTextTest, KeepsWhatItHasRead) {
  EXPECT_EQ(Again("CREATE TABLE x(a,b INT)"), "CREATE TABLE \"t\" (\n  \"a\",\n  \"b\" INT\n)");
  EXPECT_EQ(
      Again("CREATE TABLE \"x\"(a DECIMAL(10, 2) DEFAULT -1.5e-3 NOT NULL,b DEFAULT (1, 2)\n"
            "CHECK (b IN (1,2)), CONSTRAINT k PRIMARY KEY (a DESC, \"b\") UNIQUE(b)) STRICT , "
            "WITHOUT ROWID"),
      "CREATE TABLE \"t\" (\n  \"a\" DECIMAL(10, 2) DEFAULT -1.5e-3 NOT NULL,\n"
      "  \"b\" DEFAULT (1, 2) CHECK (b IN (1,2)),\n  CONSTRAINT k PRIMARY KEY (a DESC, \"b\"),\n"
      "  UNIQUE(b)\n) STRICT , WITHOUT ROWID");
  for (const char* sql :
       {"CREATE TABLE x", "CREATE TABLE x(a", "CREATE TABLE x(,)", "", "CREATE TABLE x(a NOT)"}) {
    EXPECT_EQ(Again(sql), "the table's definition is written in a way that cannot be changed")
        << sql;
  }
}

TEST(TableTextTest, KnowsEveryClause) {
  const auto text = TableText::Parse(
      "CREATE TABLE x(a INTEGER CONSTRAINT p PRIMARY KEY ASC ON CONFLICT ABORT AUTOINCREMENT,"
      "b NULL REFERENCES p(c) ON DELETE SET NULL ON UPDATE NO ACTION MATCH FULL NOT DEFERRABLE "
      "INITIALLY IMMEDIATE NOT NULL, c DEFAULT x'00' COLLATE nocase, d GENERATED ALWAYS AS (a) "
      "STORED,"
      "e AS (b) UNIQUE, f DEFAULT +.5 CONSTRAINT lonely, FOREIGN KEY (b, c) REFERENCES q "
      "DEFERRABLE)");
  ASSERT_TRUE(text.ok()) << text.status();
  std::string shape;
  for (const auto& column : text->columns()) {
    absl::StrAppend(&shape, column.name, ":", column.type_sql, ":", column.parts.size(), " ");
  }
  EXPECT_EQ(shape, "a:INTEGER:1 b::3 c::2 d::1 e::2 f::2 ");
  EXPECT_EQ(text->constraints()[0].columns, (std::vector<std::string>{"b", "c"}));
  EXPECT_EQ(text->PrimaryKey(), (std::vector<std::string>{"a"}));
}

}  // namespace
}  // namespace sluice::engine
