#include "gateway/path_template.h"

#include "gtest/gtest.h"

namespace sluice::gateway {
namespace {

TEST(PathTemplateTest, AcceptsWhatTheGrammarHas) {
  for (const char* text : {"/",
                           "/v1/a",
                           "/a:foo",
                           "/a/b/c:foo",
                           "/*",
                           "/**",
                           "/*/**",
                           "/*/a/**",
                           "/a/{b}",
                           "/a/{a.b.c}",
                           "/a/{b=*}",
                           "/a/{b=**}",
                           "/a/{b=c/*}",
                           "/a/{b=c/*/d}",
                           "/a/{b=c/**}",
                           "/{x}:verb",
                           "/{x.y.z=*/*}:verb",
                           "/{x=**}:myverb",
                           "/*:verb",
                           "/**:verb",
                           "/a/{b=*}/**:verb",
                           "/a/{b=c/**}/d/e",
                           "/a/{b=c/**/d}/e:verb",
                           "/a%20b/c",
                           "/foo/{id=*}:verb:subverb",
                           "/a-b_c.d~e"}) {
    EXPECT_TRUE(ParsePathTemplate(text).ok()) << text << ParsePathTemplate(text).status();
  }
}

TEST(PathTemplateTest, RefusesEverythingElse) {
  for (const char* text : {"",
                           "a",
                           "//",
                           "/a/",
                           "/a//b",
                           "/{}",
                           ":verb",
                           "/:verb",
                           "/a/:verb",
                           ":",
                           "/:",
                           "/*:",
                           "/**:",
                           "/{var}:",
                           "/a/{",
                           "/a/{var",
                           "/a/{var.",
                           "/a/{x=var:verb}",
                           "{x}",
                           "{x=/a}",
                           "a/b",
                           "/a/{var=/b}",
                           "/{var=a/{nested=b}}",
                           "/a{x}",
                           "/{x}a",
                           "/a{x}b",
                           "/{x}a{y}",
                           "/a/b{x}/s",
                           "/{1}",
                           "/{-}",
                           "/foo?x",
                           "/a b",
                           "/foo/***",
                           "/%1",
                           "/%zz",
                           "/foo/bar:baz/buzz",
                           "/a/**/*",
                           "/a/**/foo/*",
                           "/a/**/**",
                           "/{x}/{x}",
                           "/a#b"}) {
    EXPECT_FALSE(ParsePathTemplate(text).ok()) << text;
  }
}

TEST(PathTemplateTest, KnowsWhatAVariableTakes) {
  const auto path = ParsePathTemplate("/v1/{name=a/*/b/**}/tail/{other}:verb:sub");
  ASSERT_FALSE(path.ok()) << "a variable after ** is no literal";
  const auto good = ParsePathTemplate("/v1/{one}/{name=a/*/b/**}/tail:verb");
  ASSERT_TRUE(good.ok()) << good.status();
  EXPECT_EQ(good->segments.size(), 7u);
  ASSERT_EQ(good->variables.size(), 2u);
  EXPECT_EQ(good->variables[0].field_path, "one");
  EXPECT_TRUE(good->variables[0].single);
  EXPECT_EQ(good->variables[1].begin, 2u);
  EXPECT_EQ(good->variables[1].end, 6u);
  EXPECT_FALSE(good->variables[1].single);
  EXPECT_EQ(good->verb, "verb");
}

TEST(PathTemplateTest, TheVerbAfterAVariableBeginsAtTheFirstColonAndAfterALiteralAtTheLast) {
  EXPECT_EQ(ParsePathTemplate("/foo/{id=*}:verb:subverb")->verb, "verb:subverb");
  const auto literal = ParsePathTemplate("/foo/bar:baz:verb");
  ASSERT_TRUE(literal.ok()) << literal.status();
  EXPECT_EQ(literal->verb, "verb");
  EXPECT_EQ(literal->segments.back().literal, "bar:baz");
}

TEST(PathTemplateTest, LiteralsHaveOneSpelling) {
  EXPECT_EQ(ParsePathTemplate("/%61%2f")->segments[0].literal, "a%2F");
  EXPECT_EQ(ParsePathTemplate("/\xC3\xB8")->segments[0].literal, "%C3%B8");
}

}  // namespace
}  // namespace sluice::gateway
