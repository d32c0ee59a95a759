#include "gateway/route_table.h"

#include <tuple>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace sluice::gateway {
namespace {

using ::testing::ElementsAre;

class RouteTableTest : public ::testing::Test {
 protected:
  void Add(const std::string& method, const std::string& path) {
    const auto parsed = ParsePathTemplate(path);
    ASSERT_TRUE(parsed.ok()) << path;
    ASSERT_TRUE(table_.Add(method, *parsed, names_.size()).ok()) << path;
    names_.push_back(path);
  }

  // `template value|value`, or what went wrong.
  std::string Get(const std::string& path, const std::string& method = "GET") {
    const RouteMatch match = table_.Match(method, path);
    switch (match.kind) {
      case RouteMatch::Kind::kFound:
        return absl::StrCat(names_[match.route], " ", absl::StrJoin(match.values, "|"));
      case RouteMatch::Kind::kNotFound:
        return "404";
      case RouteMatch::Kind::kMethodNotAllowed:
        return absl::StrCat("405 ", absl::StrJoin(match.allowed, ","));
      case RouteMatch::Kind::kMalformed:
        return "400";
    }
    return "";
  }

  RouteTable table_;
  std::vector<std::string> names_;
};

TEST_F(RouteTableTest, PrefersLiteralsThenOneSegmentThenTheRest) {
  Add("GET", "/c/{x=**}");
  Add("GET", "/c/{x}/d/{y=**}");
  Add("GET", "/c/{x}/d/e");
  Add("GET", "/c/f/d/e");
  EXPECT_EQ(Get("/c/f/d/e"), "/c/f/d/e ");
  EXPECT_EQ(Get("/c/g/d/e"), "/c/{x}/d/e g");
  EXPECT_EQ(Get("/c/g/d/h"), "/c/{x}/d/{y=**} g|h");
  EXPECT_EQ(Get("/c/g/d"), "/c/{x}/d/{y=**} g|");
  EXPECT_EQ(Get("/c/g/x"), "/c/{x=**} g/x");
  EXPECT_EQ(Get("/c"), "/c/{x=**} ");
}

TEST_F(RouteTableTest, TracksBackWhereALiteralLeadsNowhere) {
  Add("GET", "/a/{x}/c/d/e");
  Add("GET", "/{x=a/*}/b/{y=*}/c");
  Add("GET", "/a/{x=b/*}/{y=d/**}");
  Add("GET", "/{x=**}/a/b");
  EXPECT_EQ(Get("/a/hello/c/d/e"), "/a/{x}/c/d/e hello");
  EXPECT_EQ(Get("/a/hello/b/world/c"), "/{x=a/*}/b/{y=*}/c a/hello|world");
  EXPECT_EQ(Get("/a/b/foo/d"), "/a/{x=b/*}/{y=d/**} b/foo|d");
  EXPECT_EQ(Get("/a/b/foo/d/x/y"), "/a/{x=b/*}/{y=d/**} b/foo|d/x/y");
  EXPECT_EQ(Get("/p/q/a/b"), "/{x=**}/a/b p/q");
  EXPECT_EQ(Get("/a/b"), "/{x=**}/a/b ");
}

TEST_F(RouteTableTest, TheRestKeepsTheLiteralsAroundIt) {
  Add("GET", "/a/{x=b/**}/z");
  Add("GET", "/m/{x=**}/tail/end:verb");
  EXPECT_EQ(Get("/a/b/q/r/z"), "/a/{x=b/**}/z b/q/r");
  EXPECT_EQ(Get("/a/b/z"), "/a/{x=b/**}/z b");
  EXPECT_EQ(Get("/m/tail/tail/end:verb"), "/m/{x=**}/tail/end:verb tail");
  EXPECT_EQ(Get("/m/x/tail/end"), "404");
}

TEST_F(RouteTableTest, VerbsComeFirstAndAnUnknownOneBelongsToTheName) {
  Add("GET", "/foo/{id}");
  Add("POST", "/foo/{id}:run");
  Add("POST", "/foo/{id}:run:now");
  EXPECT_EQ(Get("/foo/bar:run", "POST"), "/foo/{id}:run bar");
  EXPECT_EQ(Get("/foo/bar:run:now", "POST"), "/foo/{id}:run:now bar");
  EXPECT_EQ(Get("/foo/a:b:run", "POST"), "/foo/{id}:run a:b");
  EXPECT_EQ(Get("/foo/bar:123"), "/foo/{id} bar:123");
  // A name with that colon is spelled otherwise.
  EXPECT_EQ(Get("/foo/bar:run"), "405 POST") << "a known verb is no part of a name";
  EXPECT_EQ(Get("/foo/bar%3Arun"), "/foo/{id} bar:run");
  EXPECT_EQ(Get("/foo/bar%3Arun", "POST"), "405 GET,HEAD");
  EXPECT_EQ(Get("/foo/:run", "POST"), "405 GET,HEAD");
}

TEST_F(RouteTableTest, EmptySegmentsAndTrailingSlashesAreNoMatch) {
  Add("GET", "/v1/{id}");
  Add("GET", "/v1");
  EXPECT_EQ(Get("/v1/"), "404");
  EXPECT_EQ(Get("/v1//"), "404");
  EXPECT_EQ(Get("//v1"), "404");
  EXPECT_EQ(Get("/v1"), "/v1 ");
  EXPECT_EQ(Get("/"), "404");
}

TEST_F(RouteTableTest, DecodesASegmentWhollyAndKeepsTheSlashesOfSeveral) {
  Add("GET", "/one/{x}");
  Add("GET", "/many/{x=**}");
  EXPECT_EQ(Get("/one/p%20q%2Fr+"), "/one/{x} p q/r+");
  EXPECT_EQ(Get("/many/%2f%23/%20%2523"), "/many/{x=**} %2f#/ %23");
  EXPECT_EQ(Get("/one/%C3%B8"), "/one/{x} \xC3\xB8");
  EXPECT_EQ(Get("/one/.."), "/one/{x} ..");
  EXPECT_EQ(Get("/one/%zz"), "400");
  EXPECT_EQ(Get("/one/%2"), "400");
  EXPECT_EQ(Get("/nowhere/%"), "400");
  EXPECT_EQ(Get("/o%6Ee/x"), "/one/{x} x");
}

TEST_F(RouteTableTest, AWrongMethodTellsTheRightOnes) {
  Add("GET", "/v1/{id}");
  Add("DELETE", "/v1/{id}");
  Add("POST", "/v1/a");
  EXPECT_EQ(Get("/v1/a", "PUT"), "405 DELETE,GET,HEAD,POST");
  EXPECT_EQ(Get("/v1/b", "PUT"), "405 DELETE,GET,HEAD");
  EXPECT_THAT(table_.Allowed("/v1/b"), ElementsAre("DELETE", "GET", "HEAD"));
  EXPECT_TRUE(table_.Allowed("/v2").empty());
}

TEST_F(RouteTableTest, GetRoutesAnswerHeadUnlessThereIsAnOwnOne) {
  Add("GET", "/v1/{id}");
  Add("HEAD", "/v1/own");
  EXPECT_TRUE(table_.Match("HEAD", "/v1/x").implicit_head);
  EXPECT_FALSE(table_.Match("HEAD", "/v1/own").implicit_head);
  EXPECT_EQ(Get("/v1/x", "HEAD"), "/v1/{id} x");
}

TEST_F(RouteTableTest, AStarMethodTakesWhatHasNoOwnRoute) {
  Add("*", "/any");
  Add("TRACE", "/any");
  EXPECT_EQ(table_.Match("TRACE", "/any").route, 1u);
  EXPECT_EQ(table_.Match("BREW", "/any").route, 0u);
}

TEST_F(RouteTableTest, RefusesASecondRouteOfOneShape) {
  Add("GET", "/v1/{id}");
  EXPECT_FALSE(table_.Add("GET", *ParsePathTemplate("/v1/{name=*}"), 1).ok());
  EXPECT_TRUE(table_.Add("GET", *ParsePathTemplate("/v1/{name=*}:verb"), 1).ok());
  EXPECT_TRUE(table_.Add("PUT", *ParsePathTemplate("/v1/{name=*}"), 1).ok());
}

TEST_F(RouteTableTest, LongHostilePathsStayCheap) {
  Add("GET", "/{x=**}/a/b/c");
  Add("GET", "/a/{x=**}/a/a/b");
  std::string path;
  for (int i = 0; i < 4'000; ++i) path += "/a";
  EXPECT_EQ(Get(path), "404");
}

}  // namespace
}  // namespace sluice::gateway
