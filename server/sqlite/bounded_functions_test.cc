#include "server/sqlite/bounded_functions.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "server/sqlite/test_database.h"
#include "server/sqlite/test_raw.h"

namespace sluice::sqlite {
namespace {

// A connection with SQLite's own functions and one with ours.
class BoundedFunctionsTest : public testing::Test {
 protected:
  BoundedFunctionsTest() : stock_(database_.path()), ours_(database_.Open()) {}

  void ExpectSame(const std::string& expression) {
    const std::string sql = absl::StrCat("SELECT quote(", expression, ")");
    const auto value = ours_->QueryValue(sql);
    ASSERT_TRUE(value.ok()) << expression << ": " << value.status();
    EXPECT_EQ(value->view().bytes, stock_.Text(sql)) << expression;
  }

  const TestDatabase database_;
  RawConnection stock_;
  const std::unique_ptr<Connection> ours_;
};

TEST_F(BoundedFunctionsTest, AnswerWhatSqliteAnswersAtTheEdges) {
  const std::vector<std::string> values = {
      "NULL",    "''",    "'a'", "'ab'", "'äöä'", "'aXbXc'", "x''",     "x'c3'",
      "x'c3a4'", "x'a4'", "1",   "12.5", "'b'",   "'ä'",     "char(0)", "'a' || char(0) || 'b'"};
  for (const std::string& first : values) {
    for (const std::string& second : values) {
      ExpectSame(absl::StrCat("instr(", first, ", ", second, ")"));
      ExpectSame(absl::StrCat("replace(", first, ", ", second, ", 'zz')"));
      ExpectSame(absl::StrCat("replace(", first, ", ", second, ", NULL)"));
      if (second.find("'c3'") != std::string::npos || second.find("'a4'") != std::string::npos) {
        continue;  // Parts of a character: see the header.
      }
      for (const char* trim : {"trim", "ltrim", "rtrim"}) {
        ExpectSame(absl::StrCat(trim, "(", first, ", ", second, ")"));
      }
    }
  }
}

TEST_F(BoundedFunctionsTest, AnswerWhatSqliteAnswersForRandomTexts) {
  std::mt19937 random(7);
  const auto text = [&](size_t length_max) {
    static const char* const kLetters[] = {"a", "b", "ä", "€", "😀"};
    std::string sql = "'";
    for (size_t i = random() % (length_max + 1); i > 0; --i) sql += kLetters[random() % 5];
    return sql + "'";
  };
  for (int round = 0; round < 2'000; ++round) {
    ExpectSame(absl::StrCat("instr(", text(20), ", ", text(3), ")"));
    ExpectSame(absl::StrCat("replace(", text(20), ", ", text(3), ", ", text(3), ")"));
    ExpectSame(absl::StrCat("trim(", text(20), ", ", text(3), ")"));
    ExpectSame(absl::StrCat("ltrim(", text(20), ", ", text(3), ")"));
    ExpectSame(absl::StrCat("rtrim(", text(20), ", ", text(3), ")"));
  }
}

// SQLite's own take minutes for these, and nothing could stop them.
TEST_F(BoundedFunctionsTest, EndSoonOnHostileTexts) {
  constexpr char kLong[] = "hex(zeroblob(8000000))";
  const auto integer = [&](const std::string& expression) {
    const auto value = ours_->QueryInteger("SELECT " + expression);
    EXPECT_TRUE(value.ok()) << value.status();
    return value.value_or(-1);
  };
  const std::string half = "hex(zeroblob(4000000))";
  EXPECT_EQ(integer(absl::StrCat("instr(", kLong, ", ", half, " || '1')")), 0);
  EXPECT_EQ(integer(absl::StrCat("length(replace(", kLong, ", ", half, " || '1', 'x'))")),
            16'000'000);
  // A set whose last character is the one that is trimmed.
  EXPECT_EQ(
      integer(absl::StrCat("length(trim(", kLong, ", replace(", half, ", '0', 'x') || '0'))")), 0);
}

TEST_F(BoundedFunctionsTest, ReplaceKeepsToTheLimitOfAValue) {
  ours_->guard().Arm({.interrupt = Interrupt(), .profile = LimitProfile::kCaller});
  const auto value = ours_->QueryValue("SELECT replace(hex(zeroblob(400000)), '0', 'abc')");
  EXPECT_EQ(value.status().code(), absl::StatusCode::kResourceExhausted) << value.status();
}

}  // namespace
}  // namespace sluice::sqlite
