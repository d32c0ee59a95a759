#include "server/wire/page_token.h"

#include <gtest/gtest.h>

#include "server/base/error.h"

namespace sluice::wire {
namespace {

using sqlite::Value;
using sqlite::ValueView;

TEST(PageTokensTest, OpenForTheirScopeAlone) {
  const PageTokens tokens("secret");
  const std::string scope = MakeScope({"rows", "db", "t"});
  const std::string token = tokens.Seal(scope, "after this");
  EXPECT_EQ(*tokens.Open(scope, token), "after this");
  EXPECT_EQ(ReasonOf(tokens.Open(MakeScope({"rows", "db", "u"}), token).status()),
            reason::kBadRequest);
  EXPECT_FALSE(PageTokens("other").Open(scope, token).ok());
  EXPECT_TRUE(PageTokens("secret").Open(scope, token).ok());
}

TEST(PageTokensTest, RefuseEveryChange) {
  const PageTokens tokens("secret");
  const std::string token = tokens.Seal("scope", "12;EPSG");
  for (size_t i = 0; i < token.size(); ++i) {
    std::string changed = token;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    EXPECT_FALSE(tokens.Open("scope", changed).ok()) << i;
  }
  EXPECT_FALSE(tokens.Open("scope", "").ok());
  EXPECT_FALSE(tokens.Open("scope", token.substr(1)).ok());
  EXPECT_FALSE(tokens.Open("scope", "no base64!").ok());
}

TEST(PageTokensTest, ScopesOfDifferentPartsDiffer) {
  EXPECT_NE(MakeScope({"a", "bc"}), MakeScope({"ab", "c"}));
  EXPECT_NE(MakeScope({"a", ""}), MakeScope({"a"}));
}

TEST(PageTokensTest, KeepPositionsOfEveryType) {
  const PageTokens tokens("secret");
  engine::PagePosition position;
  position.equal_rows = 3;
  position.values.emplace_back(ValueView::Text("a;b,c"));
  position.values.emplace_back(ValueView::Null());
  position.values.emplace_back(ValueView::Real(-0.5));
  const auto opened = tokens.OpenPosition("s", *tokens.SealPosition("s", position));
  ASSERT_TRUE(opened.ok());
  EXPECT_EQ(opened->equal_rows, 3);
  ASSERT_EQ(opened->values.size(), 3u);
  EXPECT_EQ(opened->values[0].view().bytes, "a;b,c");
  EXPECT_TRUE(opened->values[1].view().is_null());
  EXPECT_EQ(opened->values[2].view().real, -0.5);
}

TEST(PageTokensTest, SayWhenARowIsTooLarge) {
  engine::PagePosition position;
  position.values.emplace_back(ValueView::Blob(std::string(100'000, 'x')));
  EXPECT_EQ(ReasonOf(PageTokens("secret").SealPosition("s", position).status()), reason::kLimit);
}

}  // namespace
}  // namespace sluice::wire
