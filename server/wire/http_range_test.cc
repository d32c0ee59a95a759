#include "server/wire/http_range.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"

namespace sluice::wire {
namespace {

using ::testing::Contains;
using ::testing::Not;
using ::testing::Pair;

constexpr char kEtag[] = "\"abc\"";

// `status begin end` for a file of 1000 bytes.
std::string Answer(const FileRequest& request) {
  const FileAnswer answer = AnswerFileRequest(request, kEtag, 1000);
  return absl::StrCat(answer.status, " ", answer.begin, " ", answer.end);
}

TEST(HttpRangeTest, OneRangeIsGiven) {
  EXPECT_EQ(Answer({}), "200 0 1000");
  EXPECT_EQ(Answer({.range = "bytes=0-"}), "206 0 1000");
  EXPECT_EQ(Answer({.range = "bytes=10-19"}), "206 10 20");
  EXPECT_EQ(Answer({.range = "Bytes= 10 - 19 "}), "206 10 20");
  EXPECT_EQ(Answer({.range = "bytes=999-5000"}), "206 999 1000");
  EXPECT_EQ(Answer({.range = "bytes=-10"}), "206 990 1000");
  EXPECT_EQ(Answer({.range = "bytes=-5000"}), "206 0 1000");
  EXPECT_EQ(Answer({.range = "bytes=5-99999999999999999999"}), "206 5 1000");
}

TEST(HttpRangeTest, ARangeBehindTheEndIsAnError) {
  for (const char* range : {"bytes=1000-", "bytes=5000-6000", "bytes=-0"}) {
    EXPECT_EQ(Answer({.range = range}), "416 0 0") << range;
  }
  const FileAnswer answer = AnswerFileRequest({.range = "bytes=1000-"}, kEtag, 1000);
  EXPECT_EQ(ErrorOf(answer).code(), absl::StatusCode::kOutOfRange);
  EXPECT_THAT(HeadersOf(answer, kEtag, "a.db"), Contains(Pair("content-range", "bytes */1000")));
}

TEST(HttpRangeTest, WhatIsNotUnderstoodGetsTheWhole) {
  for (const char* range : {"bytes=5", "bytes=a-b", "lines=1-2", "bytes=9-5", "bytes=0-1,5-6",
                            "bytes=--5", "bytes=+1-5", "bytes="}) {
    EXPECT_EQ(Answer({.range = range}), "200 0 1000") << range;
  }
}

TEST(HttpRangeTest, IfRangeMustNameTheseBytes) {
  EXPECT_EQ(Answer({.range = "bytes=10-", .if_range = kEtag}), "206 10 1000");
  EXPECT_EQ(Answer({.range = "bytes=10-", .if_range = "\"other\""}), "200 0 1000");
  EXPECT_EQ(Answer({.range = "bytes=10-", .if_range = "W/\"abc\""}), "200 0 1000");
  EXPECT_EQ(Answer({.range = "bytes=10-", .if_range = "Sat, 21 Nov 2026 10:00:00 GMT"}),
            "200 0 1000");
  EXPECT_EQ(Answer({.range = "bytes=10-", .range_needs_if_range = true}), "200 0 1000");
}

TEST(HttpRangeTest, KnownBytesAreNotSent) {
  for (const char* tags : {"\"abc\"", "W/\"abc\"", "\"x\", \"abc\"", "*"}) {
    EXPECT_EQ(Answer({.if_none_match = tags}), "304 0 0") << tags;
  }
  EXPECT_EQ(Answer({.if_none_match = "\"x\""}), "200 0 1000");
  EXPECT_EQ(Answer({.range = "bytes=1-2", .if_none_match = kEtag}), "304 0 0");
}

TEST(HttpRangeTest, HeadersSayWhatIsSent) {
  const auto partial =
      HeadersOf(AnswerFileRequest({.range = "bytes=10-19"}, kEtag, 1000), kEtag, "a.db");
  EXPECT_THAT(partial, Contains(Pair("status", "206")));
  EXPECT_THAT(partial, Contains(Pair("content-length", "10")));
  EXPECT_THAT(partial, Contains(Pair("content-range", "bytes 10-19/1000")));
  EXPECT_THAT(partial, Contains(Pair("etag", kEtag)));
  const auto whole = HeadersOf(AnswerFileRequest({}, kEtag, 1000), kEtag, "a.db");
  EXPECT_THAT(whole, Not(Contains(Pair("status", ::testing::_))));
  EXPECT_THAT(whole, Contains(Pair("content-length", "1000")));
  EXPECT_THAT(whole, Contains(Pair("accept-ranges", "bytes")));
  const auto live =
      HeadersOf(AnswerFileRequest({.range_needs_if_range = true}, kEtag, 1000), kEtag, "a.db");
  EXPECT_THAT(live, Not(Contains(Pair("accept-ranges", ::testing::_))));
}

}  // namespace
}  // namespace sluice::wire
