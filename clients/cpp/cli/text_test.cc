// What the command reads and writes, without a server.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "clients/cpp/cli/curl.h"
#include "clients/cpp/cli/display.h"
#include "clients/cpp/cli/failure.h"
#include "clients/cpp/cli/json.h"
#include "clients/cpp/cli/natural_json.h"
#include "clients/cpp/cli/progress.h"
#include "clients/cpp/cli/value_syntax.h"

namespace sluice::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::Pair;

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr int64_t kIntegerMax = std::numeric_limits<int64_t>::max();

Value FromJson(absl::string_view text) {
  const auto json = ParseJson(text);
  EXPECT_TRUE(json.ok()) << text << json.status();
  const auto value = ValueFromJson(*json);
  EXPECT_TRUE(value.ok()) << text << value.status();
  return *value;
}

std::string Natural(const Value& value) {
  std::string out;
  AppendNaturalJson(value, &out);
  return out;
}

std::string Tagged(const Value& value) {
  std::string out;
  AppendTaggedJson(value, &out);
  return out;
}

// --- JSON ---

TEST(JsonTest, ReadsNaturalValues) {
  EXPECT_EQ(FromJson(" null "), Value());
  EXPECT_EQ(FromJson("true"), Value(1));
  EXPECT_EQ(FromJson("false"), Value(0));
  EXPECT_EQ(FromJson("9223372036854775807"), Value(kIntegerMax));
  EXPECT_EQ(FromJson("-0"), Value(0));
  EXPECT_EQ(FromJson("5.0"), Value(5.0));
  EXPECT_EQ(FromJson("1e3"), Value(1000.0));
  EXPECT_EQ(FromJson(R"("a\n\"\u00e9\ud83d\ude00")"), Value("a\n\"é😀"));
  EXPECT_EQ(FromJson(R"("\u0000")"), Value(std::string("\0", 1)));
  EXPECT_EQ(FromJson(R"("-Infinity")"), Value(-kInfinity));
  EXPECT_EQ(FromJson(R"({"$base64":true,"encoded":"AP8="})"),
            Value(Blob{std::string("\0\xFF", 2)}));
  EXPECT_EQ(FromJson(R"({"encoded":"","$base64":true})"), Value(Blob{""}));
  EXPECT_EQ(FromJson(R"({"$integer":"9007199254740993"})"), Value(int64_t{9007199254740993}));
  EXPECT_EQ(FromJson(R"({"$real":5})"), Value(5.0));
  EXPECT_EQ(FromJson(R"({"$text":"Infinity"})"), Value("Infinity"));
}

TEST(JsonTest, RefusesWhatIsNoValue) {
  for (const char* text :
       {"[1]", "{}", R"({"a":1})", R"({"$base64":true})", R"({"$base64":true,"encoded":"?"})",
        R"({"$integer":"x"})", R"({"$text":1})", "9223372036854775808", "1e999",
        R"({"$base64":false,"encoded":""})"}) {
    const auto json = ParseJson(text);
    ASSERT_TRUE(json.ok()) << text;
    EXPECT_FALSE(ValueFromJson(*json).ok()) << text;
  }
}

TEST(JsonTest, RefusesMalformedTexts) {
  for (const char* text : {"",
                           "nul",
                           "01",
                           "1.",
                           ".5",
                           "+1",
                           "1 2",
                           "[1,]",
                           "{\"a\":1,}",
                           "{a:1}",
                           "'x'",
                           "\"x",
                           "\"\\x\"",
                           "\"\\u12\"",
                           "\"\\ud800\"",
                           "\"\\ude00\"",
                           "\"\n\"",
                           "[",
                           "{\"a\"}",
                           "NaN",
                           "{\"a\":1,\"a\":2}",
                           "\"\xFF\"",
                           "-",
                           "1e",
                           "\"\\"}) {
    EXPECT_FALSE(ParseJson(text).ok()) << text;
  }
  EXPECT_FALSE(ParseJson(std::string(100'000, '[')).ok());
}

TEST(NaturalJsonTest, WritesEveryClass) {
  EXPECT_EQ(Natural(Null()), "null");
  EXPECT_EQ(Natural(kIntegerMax), "9223372036854775807");
  EXPECT_EQ(Natural(5.0), "5.0");
  EXPECT_EQ(Natural(-0.0), "-0.0");
  EXPECT_EQ(Natural(0.1), "0.1");
  EXPECT_EQ(Natural(1e300), "1e+300");
  EXPECT_EQ(Natural(kInfinity), "\"Infinity\"");
  EXPECT_EQ(Natural("a\"\\\n\t\x01é"), "\"a\\\"\\\\\\n\\t\\u0001é\"");
  EXPECT_EQ(Natural(Blob{"\xDE\xAD"}), R"({"$base64":true,"encoded":"3q0="})");
  EXPECT_EQ(Natural(RawText{"\xFF"}), R"({"$raw_text":"/w=="})");
}

TEST(NaturalJsonTest, MovesNoTerminal) {
  EXPECT_EQ(Natural("\x7F\u009B\u202E\u2069é"), R"("\u007f\u009b\u202e\u2069é")");
  EXPECT_EQ(FromJson(Natural("\x7F\u009B\u202Ex")), Value("\x7F\u009B\u202Ex"));
  EXPECT_EQ(EscapeJson("{\n\"a\":\"\u009B\x7F\u202Eé\"}"), "{\n\"a\":\"\\u009b\\u007f\\u202eé\"}");
}

TEST(NaturalJsonTest, TaggedFormsReadBackTheSame) {
  for (const Value& value :
       std::vector<Value>{Null(), 1, kIntegerMax, 5.0, -0.5, 1e300, kInfinity, "Infinity", "x",
                          Blob{"\xFF"}, RawText{"\xFF"}, int64_t{-9007199254740992}}) {
    EXPECT_EQ(FromJson(Tagged(value)), value) << Tagged(value);
  }
}

// --- values on the command line ---

TEST(ValueSyntaxTest, TakesNumbersForNumbersAndTheRestForTexts) {
  EXPECT_EQ(*ParseValue("null"), Value());
  EXPECT_EQ(*ParseValue("42"), Value(42));
  EXPECT_EQ(*ParseValue("-1"), Value(-1));
  EXPECT_EQ(*ParseValue("2.5"), Value(2.5));
  EXPECT_EQ(*ParseValue("1e3"), Value(1000.0));
  for (const char* text :
       {"", "007", "+1", "1.", ".5", "1 ", "NULL", "abc", "1,5", "-", "Infinity"}) {
    EXPECT_EQ(*ParseValue(text), Value(text)) << text;
  }
  EXPECT_EQ(*ParseValue("text:42"), Value("42"));
  EXPECT_EQ(*ParseValue("text:"), Value(""));
  EXPECT_EQ(*ParseValue("int:42"), Value(42));
  EXPECT_EQ(*ParseValue("real:5"), Value(5.0));
  EXPECT_EQ(*ParseValue("real:-Infinity"), Value(-kInfinity));
  EXPECT_EQ(*ParseValue("blob:dEAD"), Value(Blob{"\xDE\xAD"}));
  EXPECT_EQ(*ParseValue("blob:"), Value(Blob{""}));
  EXPECT_EQ(*ParseValue("\xFF"), Value(RawText{"\xFF"}));
  for (const char* text :
       {"9223372036854775808", "int:x", "real:x", "real:nan", "real:1e999", "blob:f", "blob:zz"}) {
    EXPECT_FALSE(ParseValue(text).ok()) << text;
  }
}

TEST(ValueSyntaxTest, TakesParametersByNameOrByPosition) {
  Statement named;
  EXPECT_TRUE(AddParameter("a=1", &named).ok());
  EXPECT_TRUE(AddParameter(":b=x=y", &named).ok());
  EXPECT_THAT(named.named_params,
              ::testing::ElementsAre(Pair("a", Value(1)), Pair("b", Value("x=y"))));
  EXPECT_FALSE(AddParameter("a=2", &named).ok());
  EXPECT_FALSE(AddParameter("2", &named).ok());
  Statement positional;
  EXPECT_TRUE(AddParameter("-5", &positional).ok());
  EXPECT_TRUE(AddParameter("text:a=b", &positional).ok());
  EXPECT_TRUE(AddParameter("1=2", &positional).ok());
  EXPECT_EQ(positional.params, (std::vector<Value>{-5, "a=b", "1=2"}));
}

TEST(ValueSyntaxTest, TakesAssignments) {
  EXPECT_EQ(ParseAssignment("a b=c=d")->first, "a b");
  EXPECT_EQ(ParseAssignment("a b=c=d")->second, Value("c=d"));
  EXPECT_FALSE(ParseAssignment("ab").ok());
  EXPECT_FALSE(ParseAssignment("=1").ok());
}

// --- terminals ---

TEST(DisplayTest, EscapesWhatMovesTheCursor) {
  EXPECT_EQ(EscapeForTerminal("a\nb\t\x1b[31m\x7f"), "a\\nb\\t\\u{1B}[31m\\u{7F}");
  EXPECT_EQ(EscapeForTerminal("\xC2\x9B"), "\\u{9B}");
  EXPECT_EQ(EscapeForTerminal("x\u202Ey"), "x\\u{202E}y");
  EXPECT_EQ(EscapeForTerminal("\xFF"), "\\xFF");
  EXPECT_EQ(EscapeForTerminal("é漢😀"), "é漢😀");
  EXPECT_EQ(EscapeForTerminal(std::string("\0", 1)), "\\u{0}");
}

TEST(DisplayTest, CountsCells) {
  EXPECT_EQ(DisplayWidth("abc"), 3u);
  EXPECT_EQ(DisplayWidth("é"), 1u);
  EXPECT_EQ(DisplayWidth("e\u0301"), 1u);
  EXPECT_EQ(DisplayWidth("漢字"), 4u);
  EXPECT_EQ(CutToWidth("abcdef", 4), "abc…");
  EXPECT_EQ(CutToWidth("abcd", 4), "abcd");
  EXPECT_EQ(CutToWidth("漢字漢", 4), "漢…");
}

TEST(DisplayTest, ShowsTheBeginningOfBlobs) {
  EXPECT_EQ(DisplayValue(Blob{"\xDE\xAD"}), "x'dead'");
  EXPECT_THAT(DisplayValue(Blob{std::string(100, 'a')}), HasSubstr("…' (100 bytes)"));
  EXPECT_EQ(DisplayValue(Null()), "NULL");
  EXPECT_EQ(DisplayValue(-kInfinity), "-Infinity");
}

TEST(ProgressTest, WritesSizesForPeople) {
  EXPECT_EQ(FormatBytes(0), "0 B");
  EXPECT_EQ(FormatBytes(999), "999 B");
  EXPECT_EQ(FormatBytes(8'123'456), "8.1 MB");
  EXPECT_EQ(FormatBytes(999'999'999), "1.0 GB");
}

// --- curl ---

TEST(CurlTest, QuotesForTheShellAndTheUrl) {
  EXPECT_EQ(ShellQuote("it's"), R"('it'\''s')");
  EXPECT_EQ(ShellQuote(""), "''");
  EXPECT_EQ(ShellQuote("$(x)"), "'$(x)'");
  EXPECT_EQ(UrlEncode("a/b c%é~"), "a%2Fb%20c%25%C3%A9~");
  EXPECT_EQ(CurlLine("http://h:1/", {}, {.path = {"v1", "a/b"}, .query = {{"q", "1&2"}}}),
            "curl -sS 'http://h:1/v1/a%2Fb?q=1%262'");
}

TEST(CurlTest, NeverShowsTheToken) {
  using Source = client::Credential::Source;
  const HttpCall write{.path = {"x"}, .body = "{}", .writes = true};
  EXPECT_THAT(CurlLine("http://h", {"secret", Source::kGiven, ""}, write),
              ::testing::AllOf(HasSubstr(R"(-H "Authorization: Bearer $SLUICE_TOKEN")"),
                               ::testing::Not(HasSubstr("secret"))));
  EXPECT_THAT(CurlLine("http://h", {"secret", Source::kFile, "/a b/t"}, write),
              HasSubstr("-H \"Authorization: Bearer $(cat '/a b/t')\""));
  EXPECT_EQ(CurlLine("http://h", {"secret", Source::kFile, "/t"}, {.path = {"x"}}),
            "curl -sS http://h/x");
}

// --- failures ---

TEST(FailureTest, GivesAnExitCodeForEachKind) {
  EXPECT_EQ(ExitCodeOf(absl::OkStatus()), 0);
  EXPECT_EQ(ExitCodeOf(absl::InvalidArgumentError("")), 1);
  EXPECT_EQ(ExitCodeOf(UsageError("")), 2);
  EXPECT_EQ(ExitCodeOf(absl::NotFoundError("")), 3);
  EXPECT_EQ(ExitCodeOf(absl::UnauthenticatedError("")), 4);
  EXPECT_EQ(ExitCodeOf(absl::PermissionDeniedError("")), 4);
  EXPECT_EQ(ExitCodeOf(absl::UnavailableError("")), 5);
  EXPECT_EQ(ExitCodeOf(absl::DeadlineExceededError("")), 6);
}

TEST(FailureTest, EscapesWhatTheServerSays) {
  EXPECT_EQ(DescribeFailure(absl::InternalError("a\x1b[2J"), "h"), "error: a\\u{1B}[2J\n");
}

}  // namespace
}  // namespace sluice::cli
