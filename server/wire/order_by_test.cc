#include "server/wire/order_by.h"

#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "server/base/error.h"
#include "server/base/limits.h"

namespace sluice::wire {
namespace {

std::string Parsed(const std::string& text) {
  const auto terms = ParseOrderBy(text);
  if (!terms.ok()) return MetadataOf(terms.status(), "offset");
  return absl::StrJoin(*terms, "|", [](std::string* out, const engine::OrderTerm& term) {
    absl::StrAppend(out, term.descending ? "-" : "+", term.column);
    if (term.nulls_first.has_value()) absl::StrAppend(out, *term.nulls_first ? "^" : "_");
  });
}

TEST(OrderByTest, ReadsAip132) {
  EXPECT_EQ(Parsed("a"), "+a");
  EXPECT_EQ(Parsed("a,b desc , c asc"), "+a|-b|+c");
  EXPECT_EQ(Parsed(" \"a b\" DESC,\"c.d\""), "-a b|+c.d");
  EXPECT_EQ(Parsed("a nulls last, b desc nulls first"), "+a_|-b^");
  EXPECT_EQ(Parsed("desc desc, nulls nulls last"), "-desc|+nulls_");
  EXPECT_EQ(Parsed("größe"), "+größe");
}

TEST(OrderByTest, SaysWhereItIsWrong) {
  EXPECT_EQ(Parsed(""), "0");
  EXPECT_EQ(Parsed("a,"), "2");
  EXPECT_EQ(Parsed(",a"), "0");
  EXPECT_EQ(Parsed("a b"), "2");
  EXPECT_EQ(Parsed("a desc asc"), "7");
  EXPECT_EQ(Parsed("a nulls"), "7");
  EXPECT_EQ(Parsed("a nulls sideways"), "8");
  EXPECT_EQ(Parsed("a.b"), "1");
  EXPECT_EQ(Parsed("a; b"), "1");
  EXPECT_EQ(Parsed("\"a"), "0");
  EXPECT_EQ(Parsed("lower(a)"), "5");
}

TEST(OrderByTest, HasCeilings) {
  std::string text = "a";
  for (size_t i = 1; i < limits::kOrderTermsMax; ++i) absl::StrAppend(&text, ",a", i);
  EXPECT_TRUE(ParseOrderBy(text).ok());
  EXPECT_EQ(ReasonOf(ParseOrderBy(text + ",b").status()), reason::kLimit);
  EXPECT_EQ(ReasonOf(ParseOrderBy(std::string(limits::kFilterBytesMax + 1, 'a')).status()),
            reason::kLimit);
}

}  // namespace
}  // namespace sluice::wire
