#include "server/wire/filter_parser.h"

#include <gtest/gtest.h>

#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "server/base/error.h"
#include "server/base/limits.h"
#include "server/engine/filter_sql.h"
#include "server/sqlite/test_database.h"

namespace sluice::wire {
namespace {

using engine::Filter;

std::string TextOf(const sqlite::Value& owned) {
  const sqlite::ValueView value = owned.view();
  switch (value.type) {
    case sqlite::StorageClass::kInteger:
      return absl::StrCat(value.integer);
    case sqlite::StorageClass::kReal:
      return absl::StrCat("r", value.real);
    case sqlite::StorageClass::kText:
      return absl::StrCat("'", value.bytes, "'");
    case sqlite::StorageClass::kBlob:
      return absl::StrCat("x", absl::BytesToHexString(value.bytes));
    case sqlite::StorageClass::kNull:
      return "null";
  }
  return "";
}

// The tree with every parenthesis.
std::string TextOf(const Filter& filter) {
  const auto join = [&](const char* op) {
    return absl::StrCat("(",
                        absl::StrJoin(filter.parts, op,
                                      [](std::string* out, const Filter& part) {
                                        absl::StrAppend(out, TextOf(part));
                                      }),
                        ")");
  };
  const std::string subject =
      filter.date ? absl::StrCat("date(", filter.column, ")") : filter.column;
  const auto call = [&](const char* name) {
    std::string text = absl::StrCat(name, "(", subject);
    for (const auto& value : filter.values) absl::StrAppend(&text, ",", TextOf(value));
    return text + ")";
  };
  switch (filter.kind) {
    case Filter::Kind::kAnd:
      return join("&");
    case Filter::Kind::kOr:
      return join("|");
    case Filter::Kind::kNot:
      return "!" + TextOf(filter.parts.at(0));
    case Filter::Kind::kCompare: {
      constexpr const char* kSigns[] = {"=", "!=", "<", "<=", ">", ">="};
      return absl::StrCat(subject, kSigns[static_cast<int>(filter.comparison)],
                          TextOf(filter.values.at(0)));
    }
    case Filter::Kind::kHas:
      return absl::StrCat(subject, ":", TextOf(filter.values.at(0)), "/",
                          TextOf(filter.values.at(1)));
    case Filter::Kind::kContains:
      return call("contains");
    case Filter::Kind::kStartsWith:
      return call("startsWith");
    case Filter::Kind::kEndsWith:
      return call("endsWith");
    case Filter::Kind::kLike:
      return call("like");
    case Filter::Kind::kGlob:
      return call("glob");
    case Filter::Kind::kArrayContains:
      return call("arrayContains");
    case Filter::Kind::kIn:
      return call("in");
    case Filter::Kind::kIsNull:
      return call("isNull");
    case Filter::Kind::kIsBlank:
      return call("isBlank");
    case Filter::Kind::kThrough:
      return absl::StrCat("through(", filter.table, filter.column.empty() ? "" : ".", filter.column,
                          ",", TextOf(filter.parts.at(0)), ")");
  }
  return "";
}

std::string Parsed(const std::string& text) {
  const auto filter = ParseFilter(text);
  return filter.ok() ? TextOf(*filter) : std::string(filter.status().message());
}

TEST(FilterParserTest, ReadsTheGrammarOfAip160) {
  EXPECT_EQ(Parsed("a = 1"), "a=1");
  EXPECT_EQ(Parsed("a=1"), "a=1");
  EXPECT_EQ(Parsed("  a  !=\n1 "), "a!=1");
  EXPECT_EQ(Parsed("a < 1 AND b <= 2"), "(a<1&b<=2)");
  EXPECT_EQ(Parsed("a > 1 OR b >= 2"), "(a>1|b>=2)");
  // OR binds closer than AND, and what stands side by side must all hold.
  EXPECT_EQ(Parsed("a=1 AND b=2 OR c=3"), "(a=1&(b=2|c=3))");
  EXPECT_EQ(Parsed("a=1 OR b=2 AND c=3 OR d=4"), "((a=1|b=2)&(c=3|d=4))");
  EXPECT_EQ(Parsed("a=1 b=2 OR c=3 d=4"), "(a=1&(b=2|c=3)&d=4)");
  EXPECT_EQ(Parsed("(a=1 AND b=2) OR c=3"), "((a=1&b=2)|c=3)");
  EXPECT_EQ(Parsed("((a=1))"), "a=1");
  EXPECT_EQ(Parsed("NOT a=1"), "!a=1");
  EXPECT_EQ(Parsed("-a=1"), "!a=1");
  EXPECT_EQ(Parsed("-(a=1 OR b=2)"), "!(a=1|b=2)");
  EXPECT_EQ(Parsed("NOT (a=1 OR b=2) AND -c=3"), "(!(a=1|b=2)&!c=3)");
  EXPECT_EQ(Parsed("NOT a=1 OR b=2"), "(!a=1|b=2)");
  EXPECT_EQ(Parsed("-\"a b\"=1"), "!a b=1");
  EXPECT_EQ(Parsed("a:1"), "a:1/'1'");
  EXPECT_EQ(Parsed("a:\"x y\""), "a:'x y'/'x y'");
  EXPECT_EQ(Parsed("a:*"), "!isNull(a)");
  EXPECT_EQ(Parsed("-a:*"), "!!isNull(a)");
  // Keywords are words in capitals; as names they stand in quotes.
  EXPECT_EQ(Parsed("and=1 or=2 not=3"), "(and=1&or=2&not=3)");
  EXPECT_EQ(Parsed("\"AND\"=\"OR\""), "AND='OR'");
  EXPECT_EQ(Parsed("a=AND"), "a='AND'");
}

TEST(FilterParserTest, ReadsValues) {
  EXPECT_EQ(Parsed("a=-5"), "a=-5");
  EXPECT_EQ(Parsed("a=9223372036854775807"), "a=9223372036854775807");
  EXPECT_EQ(Parsed("a=-9223372036854775808"), "a=-9223372036854775808");
  EXPECT_EQ(Parsed("a=2.5"), "a=r2.5");
  EXPECT_EQ(Parsed("a=-.5"), "a=r-0.5");
  EXPECT_EQ(Parsed("a=1e3"), "a=r1000");
  EXPECT_EQ(Parsed("a=1e+3"), "a=r1000");
  EXPECT_EQ(Parsed("a=5."), "a=r5");
  EXPECT_EQ(Parsed("a=true AND b=false"), "(a=1&b=0)");
  EXPECT_EQ(Parsed("a=null AND b!=null"), "(a=null&b!=null)");
  EXPECT_EQ(Parsed("a=word"), "a='word'");
  EXPECT_EQ(Parsed("a=2024-05-01"), "a='2024-05-01'");
  EXPECT_EQ(Parsed("a=1.2.3"), "a='1.2.3'");
  EXPECT_EQ(Parsed("a=inf"), "a='inf'");
  EXPECT_EQ(Parsed("a=0x10"), "a='0x10'");
  EXPECT_EQ(Parsed("a=\"5\""), "a='5'");
  EXPECT_EQ(Parsed("a='it\\'s \\\\ \"q\" \\n'"), "a='it's \\ \"q\" \n'");
  EXPECT_EQ(Parsed("a=\"\""), "a=''");
  EXPECT_EQ(Parsed("\"\"=1"), "=1");
  EXPECT_EQ(Parsed("straße=grün"), "straße='grün'");
  EXPECT_EQ(Parsed("a=base64(\"AP8=\")"), "a=x00ff");
}

TEST(FilterParserTest, ReadsFunctions) {
  EXPECT_EQ(Parsed("contains(a, x)"), "contains(a,'x')");
  EXPECT_EQ(Parsed("contains(a, 0050)"), "contains(a,'0050')");
  EXPECT_EQ(Parsed("startsWith(\"a b\", \"x\")"), "startsWith(a b,'x')");
  EXPECT_EQ(Parsed("endsWith(a,\"%\")"), "endsWith(a,'%')");
  EXPECT_EQ(Parsed("like(a,\"x%\") AND glob(b,\"[a-z]*\")"), "(like(a,'x%')&glob(b,'[a-z]*'))");
  EXPECT_EQ(Parsed("in(a, 1, \"1\", 2.5, null)"), "in(a,1,'1',r2.5,null)");
  EXPECT_EQ(Parsed("NOT isNull(a) OR isBlank(b)"), "(!isNull(a)|isBlank(b))");
  EXPECT_EQ(Parsed("arrayContains(a, 1)"), "arrayContains(a,1)");
  EXPECT_EQ(Parsed("date(a) = \"2024-05-01\""), "date(a)='2024-05-01'");
  EXPECT_EQ(Parsed("in(date(a), 2024-05-01)"), "in(date(a),'2024-05-01')");
  EXPECT_EQ(Parsed("through(t, (a = 1 OR b = 2))"), "through(t,(a=1|b=2))");
  EXPECT_EQ(Parsed("through(\"a b\".\"c d\", (through(u, (x=1))))"),
            "through(a b.c d,through(u,x=1))");
}

TEST(FilterParserTest, SaysWhereItIsWrong) {
  const auto offset = [](const std::string& text) {
    const auto filter = ParseFilter(text);
    EXPECT_EQ(ReasonOf(filter.status()), reason::kBadRequest) << text;
    EXPECT_EQ(filter.status().code(), absl::StatusCode::kInvalidArgument);
    return MetadataOf(filter.status(), "offset");
  };
  EXPECT_EQ(offset(" "), "0");
  EXPECT_EQ(offset("a"), "0");
  EXPECT_EQ(offset("a b"), "0");
  EXPECT_EQ(offset("a = "), "4");
  EXPECT_EQ(offset("= 1"), "0");
  EXPECT_EQ(offset("a = 1 AND"), "9");
  EXPECT_EQ(offset("a = 1 OR OR b = 2"), "9");
  EXPECT_EQ(offset("AND a = 1"), "0");
  EXPECT_EQ(offset("NOT NOT a = 1"), "4");
  EXPECT_EQ(offset("(a = 1"), "6");
  EXPECT_EQ(offset("a = 1)"), "5");
  EXPECT_EQ(offset("a == 1"), "3");
  EXPECT_EQ(offset("a ! 1"), "2");
  EXPECT_EQ(offset("a = 1; DROP TABLE t"), "5");
  EXPECT_EQ(offset("a = \"x"), "4");
  EXPECT_EQ(offset("a = \"\\q\""), "5");
  EXPECT_EQ(offset("a.b = 1"), "1");
  EXPECT_EQ(offset("a = 9223372036854775808"), "4");
  EXPECT_EQ(offset("a = 1e999"), "4");
  EXPECT_EQ(offset("a < null"), "4");
  EXPECT_EQ(offset("a:null"), "2");
  EXPECT_EQ(offset("nope(a, 1)"), "0");
  EXPECT_EQ(offset("Contains(a, 1)"), "0");
  EXPECT_EQ(offset("contains(a)"), "9");
  EXPECT_EQ(offset("contains(a, 1, 2)"), "9");
  EXPECT_EQ(offset("contains(a, base64(\"AA==\"))"), "12");
  EXPECT_EQ(offset("isNull(a, 1)"), "7");
  EXPECT_EQ(offset("isNull(a) = 1"), "10");
  EXPECT_EQ(offset("in(a)"), "3");
  EXPECT_EQ(offset("in(upper(a), 1)"), "3");
  EXPECT_EQ(offset("date(a)"), "5");
  EXPECT_EQ(offset("a = lower(b)"), "4");
  EXPECT_EQ(offset("a = base64(\"?\")"), "11");
  EXPECT_EQ(offset("through(t, a = 1)"), "11");
  EXPECT_EQ(offset("through(t)"), "9");
  EXPECT_EQ(offset(std::string("contains(a, \"x\0y\")", 17)), "12");
}

TEST(FilterParserTest, HasCeilings) {
  const auto reason_of = [](const std::string& text) {
    return ReasonOf(ParseFilter(text).status());
  };
  const auto nested = [](int levels) {
    return absl::StrCat(std::string(static_cast<size_t>(levels), '('), "a=1",
                        std::string(static_cast<size_t>(levels), ')'));
  };
  EXPECT_EQ(reason_of(nested(limits::kFilterDepthMax - 1)), "");
  EXPECT_EQ(reason_of(nested(limits::kFilterDepthMax)), reason::kLimit);
  EXPECT_EQ(reason_of(nested(10'000)), reason::kLimit);
  const auto many = [](int terms) {
    std::string text;
    for (int i = 0; i < terms; ++i) absl::StrAppend(&text, i == 0 ? "" : " OR ", "a=1");
    return text;
  };
  EXPECT_EQ(reason_of(many(limits::kFilterTermsMax / 2)), "");
  EXPECT_EQ(reason_of(many(limits::kFilterTermsMax / 2 + 1)), reason::kLimit);
  EXPECT_EQ(reason_of(std::string(limits::kFilterBytesMax + 1, ' ')), reason::kLimit);
  const auto pattern = [](size_t bytes) {
    return absl::StrCat("contains(a, \"", std::string(bytes, 'x'), "\")");
  };
  EXPECT_EQ(reason_of(pattern(limits::kFilterPatternBytesMax)), "");
  const auto too_long = ParseFilter(pattern(limits::kFilterPatternBytesMax + 1));
  EXPECT_EQ(ReasonOf(too_long.status()), reason::kLimit);
  EXPECT_EQ(MetadataOf(too_long.status(), "offset"), "12");
}

// Rows of a small table that a filter finds, by their ids, and those that plain SQL finds.
class FilterSqlTest : public testing::Test {
 protected:
  FilterSqlTest()
      : connection_(file_.Open(sqlite::OpenOptions::Mode::kReadOnly)),
        schema_(*engine::Schema::Load(*connection_)) {}

  std::string Ids(const std::string& condition, engine::Binds& binds) {
    auto statement = connection_->Prepare(
        absl::StrCat("SELECT group_concat(id) FROM (SELECT id FROM book AS t0 WHERE ", condition,
                     " ORDER BY id)"));
    if (!statement.ok()) return statement.status().ToString();
    binds.ApplyTo(*statement);
    const auto row = statement->Step();
    return row.ok() ? std::string(statement->column(0).bytes) : row.status().ToString();
  }

  std::string Found(const std::string& text) {
    const auto filter = ParseFilter(text);
    if (!filter.ok()) return filter.status().ToString();
    engine::Binds binds;
    const auto sql =
        engine::FilterSql(*filter, *connection_, *schema_, *schema_->Find("book"), "t0", binds);
    return sql.ok() ? Ids(*sql, binds) : sql.status().ToString();
  }

  std::string Plain(const std::string& condition) {
    engine::Binds none;
    return Ids(condition, none);
  }

  std::string OffsetOf(const std::string& text) {
    const auto filter = ParseFilter(text);
    engine::Binds binds;
    const auto sql =
        engine::FilterSql(*filter, *connection_, *schema_, *schema_->Find("book"), "t0", binds);
    EXPECT_EQ(ReasonOf(sql.status()), reason::kBadRequest) << text;
    return MetadataOf(sql.status(), "offset");
  }

  const sqlite::TestDatabase file_{
      "CREATE TABLE author(id INTEGER PRIMARY KEY, name TEXT);\n"
      "CREATE TABLE book(id INTEGER PRIMARY KEY, title TEXT COLLATE NOCASE, pages INTEGER, any_ , "
      "tags TEXT, made TEXT, \"a b\", author REFERENCES author, second REFERENCES author(id));\n"
      "CREATE TABLE tag(book REFERENCES book, word TEXT);\n"
      "CREATE TABLE loan(book REFERENCES book, again REFERENCES book, day TEXT);\n"
      "CREATE TABLE _sluice_secret(book REFERENCES book);\n"
      "INSERT INTO author VALUES (1, 'Ada'), (2, 'Bo');\n"
      "INSERT INTO book VALUES\n"
      "(1,'Sea',100,'5','[\"a\",\"b\",5]','2024-05-01T10:00:00',1,1,2),\n"
      "(2,'sea 100%',200,5,'{\"a\":1}','2024-05-02',2,1,NULL),\n"
      "(3,'under_score',NULL,5.5,'not json','',NULL,NULL,NULL),\n"
      "(4,NULL,-3,x'35',NULL,NULL,'',2,1),\n"
      "(5,'',0,NULL,'[]','2023-01-01 00:00',x'00',2,2),\n"
      "(6,'back\\slash',9223372036854775807,'Mixed Case','5','2024-05-01',0.5,1,1);\n"
      "INSERT INTO tag VALUES (1,'wet'),(1,'salt'),(2,'wet'),(NULL,'dry'),(5,'dry');\n"
      "INSERT INTO loan VALUES (1,2,'mon'),(3,4,'tue')"};
  const std::unique_ptr<sqlite::Connection> connection_;
  const std::shared_ptr<const engine::Schema> schema_;
};

// Datasette's operators `column__op=value`, what they run there, and how they are said here.
struct Operator {
  const char* name;
  const char* plain;
  const char* filter;
};
constexpr Operator kOperators[] = {
    {"exact", "pages = 200", "pages = 200"},
    {"not", "pages != 200", "pages != 200"},
    {"contains", "title LIKE '%SEA%'", "contains(title, SEA)"},
    {"notcontains", "title NOT LIKE '%sea%'", "NOT contains(title, sea)"},
    {"endswith", "title LIKE '%slash'", "endsWith(title, slash)"},
    {"startswith", "title LIKE 'sea%'", "startsWith(title, sea)"},
    {"gt", "pages > 100", "pages > 100"},
    {"gte", "pages >= 100", "pages >= 100"},
    {"lt", "pages < 100", "pages < 100"},
    {"lte", "pages <= 100", "pages <= 100"},
    {"like", "title LIKE 's_a%'", "like(title, \"s_a%\")"},
    {"notlike", "title NOT LIKE 's_a%'", "-like(title, \"s_a%\")"},
    {"glob", "title GLOB 'S*'", "glob(title, \"S*\")"},
    {"in", "pages IN (100, -3)", "in(pages, 100, -3)"},
    {"notin", "pages NOT IN (100, -3)", "NOT in(pages, 100, -3)"},
    {"arraycontains", "id IN (1)", "arrayContains(tags, \"b\")"},
    {"arraynotcontains", "id NOT IN (1)", "NOT arrayContains(tags, \"b\")"},
    {"date", "date(made) = '2024-05-01'", "date(made) = \"2024-05-01\""},
    {"isnull", "title IS NULL", "isNull(title)"},
    {"notnull", "title IS NOT NULL", "title:*"},
    {"isblank", "title IS NULL OR title = ''", "isBlank(title)"},
    {"notblank", "title IS NOT NULL AND title != ''", "NOT isBlank(title)"},
    // ?_through={"table":"tag","column":"word","value":"wet"}
    {"_through", "id IN (SELECT book FROM tag WHERE word = 'wet')", "through(tag, (word = wet))"},
};

TEST_F(FilterSqlTest, SaysAllThatDatasettesOperatorsSay) {
  EXPECT_EQ(std::size(kOperators), 22u + 1u);
  for (const Operator& op : kOperators) {
    EXPECT_EQ(Found(op.filter), Plain(op.plain)) << op.name;
    EXPECT_NE(Found(op.filter), "") << op.name;
  }
}

TEST_F(FilterSqlTest, FindsWhatPlainSqlFinds) {
  struct Pair {
    const char* filter;
    const char* plain;
  };
  const Pair kPairs[] = {
      // Affinity and collation are the column's.
      {"title = SEA", "title = 'SEA'"},
      {"pages = \"100\"", "pages = '100'"},
      {"any_ = 5", "any_ = 5"},
      {"any_ = \"5\"", "any_ = '5'"},
      {"any_ = base64(\"NQ==\")", "any_ = x'35'"},
      {"any_ > 5", "any_ > 5"},
      {"rowid >= 5", "id >= 5"},
      {"TITLE = sea", "title = 'sea'"},
      {"\"a b\" = 1", "\"a b\" = 1"},
      // Wildcards are characters in contains() and its kind.
      {"contains(title, \"100%\")", "instr(title, '100%')"},
      {"contains(title, \"_\")", "instr(title, '_')"},
      {"contains(title, \"\\\\\")", "instr(title, '\\')"},
      {"endsWith(title, \"%\")", "title = 'sea 100%'"},
      // NULL.
      {"pages = null", "pages IS NULL"},
      {"pages != null", "pages IS NOT NULL"},
      {"NOT pages = 100", "NOT pages = 100"},
      {"in(pages, null, 0)", "pages = 0 OR pages IS NULL"},
      {"NOT in(pages, null, 0)", "pages != 0"},
      {"in(pages, null)", "pages IS NULL"},
      // AIP-160's precedence.
      {"id = 1 AND pages = 1 OR pages = 100", "id = 1 AND (pages = 1 OR pages = 100)"},
      {"-(id = 1 OR id = 2) -id = 3", "id NOT IN (1, 2, 3)"},
      // The has operator looks into arrays, objects and texts.
      {"tags:a", "id IN (1, 2)"},
      {"tags:5", "id IN (1, 6)"},
      {"tags:json", "id = 3"},
      {"tags:*", "tags IS NOT NULL"},
      {"arrayContains(tags, 5)", "id = 1"},
      {"isNull(date(made))", "date(made) IS NULL"},
      {"in(date(made), 2024-05-01, 2023-01-01)", "id IN (1, 5, 6)"},
      // Other tables.
      {"NOT through(tag, (word = wet))", "id NOT IN (1, 2)"},
      {"through(tag, (word:*))", "id IN (1, 2, 5)"},
      {"through(loan.again, (day = mon))", "id = 2"},
      {"through(loan.book, (day = mon)) OR through(tag, (word = dry))", "id IN (1, 5)"},
  };
  for (const Pair& pair : kPairs) EXPECT_EQ(Found(pair.filter), Plain(pair.plain)) << pair.filter;
}

TEST_F(FilterSqlTest, NamesWhatIsNotThereWithItsPlace) {
  EXPECT_EQ(OffsetOf("id = 1 AND nosuch = 2"), "11");
  EXPECT_EQ(OffsetOf("contains(nosuch, 2)"), "9");
  EXPECT_EQ(OffsetOf("through(nosuch, (a = 1))"), "8");
  EXPECT_EQ(OffsetOf("through(_sluice_secret, (book = 1))"), "8");
  EXPECT_EQ(OffsetOf("through(author, (id = 1))"), "8");
  EXPECT_EQ(OffsetOf("through(loan, (day = mon))"), "8");
  EXPECT_EQ(OffsetOf("through(loan.day, (day = mon))"), "8");
  EXPECT_EQ(OffsetOf("through(tag, (nosuch = 1))"), "14");
}

TEST_F(FilterSqlTest, TakesTheLargestFilter) {
  std::string text = "id = 1";
  for (int i = 1; i < limits::kFilterTermsMax / 2; ++i) absl::StrAppend(&text, " OR id = 1");
  EXPECT_EQ(Found(text), "1");
  text = absl::StrReplaceAll(text, {{"OR", "AND"}});
  EXPECT_EQ(Found(text), "1");
}

}  // namespace
}  // namespace sluice::wire
