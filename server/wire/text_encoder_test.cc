#include "server/wire/text_encoder.h"

#include <gtest/gtest.h>

#include <charconv>
#include <cmath>
#include <random>

#include "server/base/error.h"
#include "server/sqlite/test_database.h"
#include "server/wire/content_disposition.h"
#include "server/wire/json_text.h"
#include "server/wire/utf8.h"

namespace sluice::wire {
namespace {

using sqlite::ValueView;

std::string Natural(const ValueView& value, bool int64_as_string = false) {
  Buffer out;
  PutNaturalJson(out, value, int64_as_string);
  return std::string(out.view());
}

TEST(NaturalJsonTest, WritesEveryStorageClass) {
  EXPECT_EQ(Natural(ValueView::Null()), "null");
  EXPECT_EQ(Natural(ValueView::Integer(-5)), "-5");
  EXPECT_EQ(Natural(ValueView::Integer(INT64_MAX)), "9223372036854775807");
  EXPECT_EQ(Natural(ValueView::Integer(INT64_MAX), true), "\"9223372036854775807\"");
  EXPECT_EQ(Natural(ValueView::Integer(9007199254740991), true), "9007199254740991");
  EXPECT_EQ(Natural(ValueView::Integer(9007199254740992), true), "\"9007199254740992\"");
  EXPECT_EQ(Natural(ValueView::Real(5)), "5.0");
  EXPECT_EQ(Natural(ValueView::Real(-0.0)), "-0.0");
  EXPECT_EQ(Natural(ValueView::Real(0.1)), "0.1");
  EXPECT_EQ(Natural(ValueView::Real(1e300)), "1e+300");
  EXPECT_EQ(Natural(ValueView::Real(HUGE_VAL)), "\"Infinity\"");
  EXPECT_EQ(Natural(ValueView::Real(-HUGE_VAL)), "\"-Infinity\"");
  EXPECT_EQ(Natural(ValueView::Text("a\"\\\n\x01é")), "\"a\\\"\\\\\\n\\u0001é\"");
  EXPECT_EQ(Natural(ValueView::Text("\xff")), "{\"$raw_text\":\"/w==\"}");
  EXPECT_EQ(Natural(ValueView::Blob("\xff")), "{\"$base64\":true,\"encoded\":\"/w==\"}");
}

TEST(NaturalJsonTest, WritesRealsAsTheirShortestDecimals) {
  for (const auto& [real, text] :
       std::vector<std::pair<double, const char*>>{{0, "0.0"},
                                                   {100'000, "100000.0"},
                                                   {-2.50, "-2.5"},
                                                   {0.0001, "0.0001"},
                                                   {19.99, "19.99"},
                                                   {0.00001, "1e-05"},
                                                   {1e10 + 0.5, "10000000000.5"},
                                                   {0.1 + 0.2, "0.30000000000000004"},
                                                   {5e-324, "5e-324"}}) {
    EXPECT_EQ(Natural(ValueView::Real(real)), text);
  }
  std::mt19937_64 random(20261127);
  for (int round = 0; round < 200'000; ++round) {
    const double places = std::pow(10, static_cast<double>(random() % 7));
    const double real =
        static_cast<double>(static_cast<int64_t>(random()) >> (random() % 63)) / places;
    const std::string text = Natural(ValueView::Real(real));
    ASSERT_EQ(std::strtod(text.c_str(), nullptr), real) << text;
    char digits[400];
    const char* const end =
        std::to_chars(digits, digits + sizeof(digits), real, std::chars_format::fixed).ptr;
    std::string plain(digits, static_cast<size_t>(end - digits));
    if (plain.find('.') == std::string::npos) plain += ".0";
    if (std::fabs(real) < 1e11 && places <= 1e4) {
      ASSERT_EQ(text, plain);
    }
  }
}

// Words of eight are looked at together: each place in and after them must count.
TEST(NaturalJsonTest, EscapesWhereverItIsNeeded) {
  for (size_t size = 1; size < 28; ++size) {
    for (size_t at = 0; at < size; ++at) {
      for (const auto& [special, escaped] :
           std::vector<std::pair<char, const char*>>{{'"', "\\\""},
                                                     {'\\', "\\\\"},
                                                     {'\x1f', "\\u001f"},
                                                     {'\0', "\\u0000"},
                                                     {' ', " "},
                                                     {'~', "~"},
                                                     {'\x7f', "\x7f"}}) {
        std::string text(size, 'x');
        text[at] = special;
        const std::string want =
            "\"" + std::string(at, 'x') + escaped + std::string(size - at - 1, 'x') + "\"";
        ASSERT_EQ(Natural(ValueView::Text(text)), want);
      }
      std::string text(size, 'x');
      text[at] = '\xff';
      ASSERT_FALSE(IsValidUtf8(text));
      ASSERT_EQ(Natural(ValueView::Text(text)).substr(0, 13), "{\"$raw_text\":") << size << at;
      text.replace(at, 1, "é");
      ASSERT_TRUE(IsValidUtf8(text));
      ASSERT_EQ(Natural(ValueView::Text(text)), "\"" + text + "\"");
    }
  }
}

TEST(Utf8Test, KnowsWhatIsWellFormed) {
  for (const char* text :
       {"", "abcdefghijk", "é", "€", "😀", "aaaaaaa\xc3\xa9", "\xf4\x8f\xbf\xbf"}) {
    EXPECT_TRUE(IsValidUtf8(text)) << text;
  }
  for (const char* text : {"\x80", "\xc3", "\xc0\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80",
                           "\xf8\x88\x80\x80\x80", "aaaaaaaa\xff", "\xe2\x82"}) {
    EXPECT_FALSE(IsValidUtf8(text));
    EXPECT_TRUE(IsValidUtf8(ReplaceInvalidUtf8(text)));
  }
}

class TextEncoderTest : public testing::Test {
 protected:
  // What the format makes of a query's result.
  std::string Encode(const TextFormat& format, const char* sql) {
    const auto connection = database_.Open();
    auto statement = connection->Prepare(sql);
    const auto encoder = MakeTextEncoder(format);
    std::vector<engine::ColumnView> columns;
    for (int i = 0; i < statement->column_count(); ++i) {
      columns.push_back({statement->column_name(i), statement->column_declared_type(i)});
    }
    status_ = encoder->OnColumns(columns);
    while (status_.ok() && *statement->Step()) {
      status_ = encoder->OnRow(engine::RowView(*statement, 0, statement->column_count(), nullptr));
    }
    encoder->Finish("\"truncated\":false");
    return std::string(encoder->buffer().view());
  }

  const sqlite::TestDatabase database_{"CREATE TABLE t(a INTEGER, b)"};
  absl::Status status_;
};

TEST_F(TextEncoderTest, WritesJsonObjectsAndArrays) {
  EXPECT_EQ(
      Encode({}, "SELECT 1 AS a, 'x' AS b UNION ALL SELECT 2, NULL"),
      "{\"columns\":[{\"name\":\"a\",\"type\":\"\"},{\"name\":\"b\",\"type\":\"\"}],\"rows\":[\n"
      "{\"a\":1,\"b\":\"x\"},\n{\"a\":2,\"b\":null}\n],\"truncated\":false}\n");
  EXPECT_EQ(
      Encode({.arrays = true}, "SELECT a FROM t"),
      "{\"columns\":[{\"name\":\"a\",\"type\":\"INTEGER\"}],\"rows\":[\n],\"truncated\":false}\n");
}

TEST_F(TextEncoderTest, RefusesObjectsWithTwoMembersOfOneName) {
  Encode({}, "SELECT 1 AS a, 2 AS a");
  EXPECT_EQ(ReasonOf(status_), reason::kBadRequest);
  Encode({.arrays = true}, "SELECT 1 AS a, 2 AS a");
  EXPECT_TRUE(status_.ok());
}

TEST_F(TextEncoderTest, WritesNdjsonAndCsv) {
  EXPECT_EQ(Encode({.kind = TextFormat::Kind::kNdjson}, "SELECT 1 AS a UNION ALL SELECT 2"),
            "{\"a\":1}\n{\"a\":2}\n");
  EXPECT_EQ(Encode({.kind = TextFormat::Kind::kCsv},
                   "SELECT 1 AS \"a,b\", 'x\"y' AS c, NULL AS d, x'ff' AS e, 2.0 AS f, 'z\n' AS g"),
            "\"a,b\",c,d,e,f,g\r\n1,\"x\"\"y\",,/w==,2.0,\"z\n\"\r\n");
}

TEST(TextFormatTest, TakesTheContractsWordsOnly) {
  EXPECT_TRUE(ParseTextFormat("", "", "").ok());
  EXPECT_TRUE(ParseTextFormat("csv", "number", "objects")->kind == TextFormat::Kind::kCsv);
  EXPECT_FALSE(ParseTextFormat("CSV", "", "").ok());
  EXPECT_FALSE(ParseTextFormat("", "text", "").ok());
  EXPECT_FALSE(ParseTextFormat("", "", "rows").ok());
}

TEST(ContentDispositionTest, NamesAFileInBothForms) {
  EXPECT_EQ(AttachmentDisposition("proj.db"),
            "attachment; filename=\"proj.db\"; filename*=UTF-8''proj.db");
  EXPECT_EQ(AttachmentDisposition("é\"\r\n.db"),
            "attachment; filename=\"_____.db\"; filename*=UTF-8''%C3%A9%22%0D%0A.db");
}

}  // namespace
}  // namespace sluice::wire
