#include "gateway/json_writer.h"

#include <cmath>
#include <limits>

#include "gtest/gtest.h"

namespace sluice::gateway {
namespace {

std::string Double(double value) {
  std::string out;
  AppendDouble(value, &out);
  return out;
}

std::string Text(absl::string_view text) {
  std::string out;
  return AppendJsonString(text, &out) ? out : "invalid";
}

TEST(JsonWriterTest, DoublesAreTheShortestThatReadBack) {
  EXPECT_EQ(Double(0), "0");
  EXPECT_EQ(Double(-0.0), "-0");
  EXPECT_EQ(Double(1), "1");
  EXPECT_EQ(Double(6.38318), "6.38318");
  EXPECT_EQ(Double(0.1), "0.1");
  EXPECT_EQ(Double(123456789.25), "123456789.25");
  EXPECT_EQ(Double(9007199254740993.0), "9007199254740992");
  EXPECT_EQ(Double(1.2345678901234567e20), "123456789012345670000");
  EXPECT_EQ(Double(1e20), "100000000000000000000");
  EXPECT_EQ(Double(1e21), "1e+21");
  EXPECT_EQ(Double(-1.5e300), "-1.5e+300");
  EXPECT_EQ(Double(1e-6), "0.000001");
  EXPECT_EQ(Double(1e-7), "1e-7");
  EXPECT_EQ(Double(5e-324), "5e-324");
  EXPECT_EQ(Double(-12345678901.5), "-12345678901.5");
  EXPECT_EQ(Double(std::numeric_limits<double>::quiet_NaN()), "\"NaN\"");
  EXPECT_EQ(Double(-std::numeric_limits<double>::infinity()), "\"-Infinity\"");
  std::string small;
  AppendFloat(0.1f, &small);
  EXPECT_EQ(small, "0.1");
}

TEST(JsonWriterTest, TextIsEscapedOnlyWhereJsonAsksForIt) {
  EXPECT_EQ(Text("plain text of some length"), "\"plain text of some length\"");
  EXPECT_EQ(Text("a\"b\\c\n\t\r\b\f"), "\"a\\\"b\\\\c\\n\\t\\r\\b\\f\"");
  EXPECT_EQ(Text(absl::string_view("\0\x1f\x7f", 3)), "\"\\u0000\\u001f\x7f\"");
  EXPECT_EQ(Text("<script>&\xE2\x80\xA8"), "\"<script>&\xE2\x80\xA8\"");
  EXPECT_EQ(Text("\xF0\x9F\x92\xA7 12345678901234567890\""),
            "\"\xF0\x9F\x92\xA7 12345678901234567890\\\"\"");
}

TEST(JsonWriterTest, TextThatIsNoUtf8IsNeverWritten) {
  for (const char* bad : {"\xff", "\xc3", "\xed\xa0\x80", "\xc0\xaf", "\xf4\x90\x80\x80",
                          "abcdefgh\x80", "\xe2\x82", "\xf0\x80\x80\x80"}) {
    EXPECT_EQ(Text(bad), "invalid");
  }
}

TEST(JsonWriterTest, EveryByteKeepsItsPlaceAtEveryOffset) {
  for (size_t size = 0; size < 40; ++size) {
    for (size_t at = 0; at < size; ++at) {
      std::string text(size, 'x');
      text[at] = '"';
      std::string expected = text;
      expected.insert(at, 1, '\\');
      EXPECT_EQ(Text(text), "\"" + expected + "\"");
      text[at] = '\x1f';
      EXPECT_EQ(Text(text).size(), size + 7);
    }
  }
}

TEST(JsonWriterTest, Base64HasItsPadding) {
  const auto base64 = [](absl::string_view bytes) {
    std::string out;
    AppendBase64(bytes, &out);
    return out;
  };
  EXPECT_EQ(base64(""), "\"\"");
  EXPECT_EQ(base64("f"), "\"Zg==\"");
  EXPECT_EQ(base64("fo"), "\"Zm8=\"");
  EXPECT_EQ(base64("foo"), "\"Zm9v\"");
  EXPECT_EQ(base64("\xfb\xff\xbf"), "\"+/+/\"");
}

}  // namespace
}  // namespace sluice::gateway
