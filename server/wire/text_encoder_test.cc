#include "server/wire/text_encoder.h"

#include <gtest/gtest.h>

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
