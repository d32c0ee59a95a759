#include "gateway/http1_decoder.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace sluice::http {
namespace {

struct Decoded {
  int status = 0;  // Of the error; 0 for a whole request.
  RequestHead head;
  std::string body;
  size_t used = 0;
  bool complete = false;
  bool keep_alive = false;
};

// Feeds `input` in pieces of `step` bytes, as a socket would.
Decoded Decode(absl::string_view input, size_t step = 1'000'000, DecoderLimits limits = {}) {
  Http1Decoder decoder(limits);
  Decoded result;
  size_t have = std::min(step, input.size());
  while (true) {
    size_t used = 0;
    const auto event = decoder.Next(input.substr(result.used, have - result.used), &used);
    result.used += used;
    switch (event) {
      case Http1Decoder::Event::kNeedMore:
        if (have == input.size()) return result;
        have = std::min(have + step, input.size());
        break;
      case Http1Decoder::Event::kHead:
        result.head = decoder.head();
        result.keep_alive = decoder.keep_alive();
        break;
      case Http1Decoder::Event::kBody:
        result.body.append(decoder.body().data(), decoder.body().size());
        break;
      case Http1Decoder::Event::kEnd:
        result.complete = true;
        return result;
      case Http1Decoder::Event::kError:
        result.status = decoder.error().status;
        return result;
    }
  }
}

TEST(Http1DecoderTest, TakesRequestsInPiecesOfAnySize) {
  const std::string request =
      "POST /a%20b?x=1&y HTTP/1.1\r\nHost: h\r\nX-One:  padded \t\r\nContent-Length: "
      "5\r\n\r\nhello";
  for (size_t step = 1; step <= request.size(); ++step) {
    const Decoded decoded = Decode(request + "GET / HTTP/1.1\r\n", step);
    ASSERT_TRUE(decoded.complete) << step;
    EXPECT_EQ(decoded.head.method, "POST");
    EXPECT_EQ(decoded.head.path, "/a%20b");
    EXPECT_EQ(decoded.head.query, "x=1&y");
    EXPECT_EQ(decoded.head.headers.Get("x-one"), "padded");
    EXPECT_EQ(decoded.body, "hello");
    EXPECT_EQ(decoded.used, request.size());
    EXPECT_TRUE(decoded.keep_alive);
  }
}

TEST(Http1DecoderTest, TakesChunksExtensionsAndTrailersInPiecesOfAnySize) {
  const std::string request =
      "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
      "5;name=value\r\nhello\r\n6\r\n world\r\n0\r\nX-Trailer: t\r\n\r\n";
  for (size_t step = 1; step <= request.size(); ++step) {
    const Decoded decoded = Decode(request, step);
    ASSERT_TRUE(decoded.complete) << step << " " << decoded.status;
    EXPECT_EQ(decoded.body, "hello world");
    EXPECT_EQ(decoded.used, request.size());
    EXPECT_EQ(decoded.head.headers.Find("X-Trailer"), nullptr);
  }
}

TEST(Http1DecoderTest, KnowsWhenAConnectionGoesOn) {
  EXPECT_TRUE(Decode("GET / HTTP/1.1\r\nHost: h\r\n\r\n").keep_alive);
  EXPECT_FALSE(Decode("GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n").keep_alive);
  EXPECT_FALSE(Decode("GET / HTTP/1.0\r\n\r\n").keep_alive);
}

TEST(Http1DecoderTest, AbsoluteTargetsLoseTheirAuthorityToTheHostHeader) {
  const Decoded decoded = Decode("GET http://real:80/p?q HTTP/1.1\r\nHost: other\r\n\r\n");
  EXPECT_EQ(decoded.head.path, "/p");
  EXPECT_EQ(decoded.head.query, "q");
  EXPECT_EQ(decoded.head.headers.Get("Host"), "real:80");
  EXPECT_EQ(Decode("OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n").head.path, "*");
}

TEST(Http1DecoderTest, OneEmptyLineBeforeARequestIsForgiven) {
  EXPECT_TRUE(Decode("\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n").complete);
  EXPECT_EQ(Decode("\r\n\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n").status, 400);
}

TEST(Http1DecoderTest, WhatTwoReadersCouldReadDifferentlyIsRefused) {
  const std::string chunked = "Transfer-Encoding: chunked\r\n";
  const std::string body = "\r\n5\r\nhello\r\n0\r\n\r\n";
  for (const std::string& headers :
       std::vector<std::string>{"Content-Length: 5\r\n" + chunked,
                                chunked + "Content-Length: 5\r\n",
                                "Content-Length: 5\r\nContent-Length: 5\r\n",
                                "Content-Length: 5\r\nContent-Length: 6\r\n",
                                "Content-Length: +5\r\n",
                                "Content-Length: 5, 5\r\n",
                                "Content-Length: 0x5\r\n",
                                "Content-Length: -1\r\n",
                                "Content-Length: \r\n",
                                "Content-Length: 5 5\r\n",
                                "Content-Length: 99999999999999999999\r\n",
                                chunked + chunked,
                                "Transfer-Encoding: chunked, identity\r\n",
                                "Transfer-Encoding: identity, chunked\r\n",
                                "Transfer-Encoding: chunked;q=1\r\n",
                                "Transfer-Encoding : chunked\r\n",
                                "Content-Length : 5\r\n",
                                "X: a\r\n folded\r\n",
                                "X: a\r\n\tfolded\r\n",
                                " X: a\r\n",
                                "X: a\nContent-Length: 5\r\n",
                                "X: a\rb\r\n",
                                "X\r\n",
                                ": a\r\n",
                                "X Y: a\r\n",
                                std::string("X: a\0b\r\n", 8),
                                "X: a\x01\r\n",
                                "Host: again\r\n",
                                "Transfer-Encoding:\r\n "
                                "chunked\r\n"}) {
    EXPECT_EQ(Decode("POST / HTTP/1.1\r\nHost: h\r\n" + headers + body).status, 400) << headers;
  }
  EXPECT_EQ(Decode("POST / HTTP/1.0\r\n" + chunked + body).status, 400);
  EXPECT_EQ(Decode("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip\r\n\r\n").status, 501);
}

TEST(Http1DecoderTest, MalformedRequestLinesAreRefused) {
  for (const char* line :
       {"GET", "GET /", "GET  / HTTP/1.1", "GET / HTTP/1.1 ", "GET / http/1.1", " GET / HTTP/1.1",
        "G@T / HTTP/1.1", "GET /\x7f HTTP/1.1", "GET /a b HTTP/1.1", "GET a HTTP/1.1",
        "GET * HTTP/1.1", "GET /#f HTTP/1.1", "CONNECT h:80 HTTP/1.1", "GET / HTTP/1.1\n"}) {
    const int status = Decode(absl::StrCat(line, "\r\nHost: h\r\n\r\n")).status;
    EXPECT_TRUE(status == 400 || status == 505) << line << " " << status;
  }
  EXPECT_EQ(Decode("GET / HTTP/2.0\r\nHost: h\r\n\r\n").status, 505);
  EXPECT_EQ(Decode("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").status, 505);
  EXPECT_EQ(Decode("GET / HTTP/1.1\r\n\r\n").status, 400) << "no Host";
  EXPECT_EQ(Decode("GET / HTTP/1.1\r\nHost: h\r\nExpect: 200\r\n\r\n").status, 417);
}

TEST(Http1DecoderTest, MalformedChunksAreRefused) {
  for (const char* body :
       {"x\r\n", "\r\n", "5\nhello\r\n0\r\n\r\n", "5\r\nhelloX\r\n0\r\n\r\n", "-1\r\n\r\n",
        "ffffffffffffffffff\r\n", "5 5\r\nhello\r\n", "0x5\r\nhello\r\n0\r\n\r\n",
        "5\r\nhello\n0\r\n\r\n", "5;a=\"\n\"\r\nhello\r\n0\r\n\r\n"}) {
    const Decoded decoded = Decode(
        absl::StrCat("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n", body));
    EXPECT_FALSE(decoded.complete) << body;
    EXPECT_GE(decoded.status, 400) << body;
  }
}

TEST(Http1DecoderTest, EveryCeilingHasItsStatus) {
  const std::string start = "GET / HTTP/1.1\r\nHost: h\r\n";
  EXPECT_EQ(
      Decode(absl::StrCat("GET /", std::string(9'000, 'a'), " HTTP/1.1\r\nHost: h\r\n\r\n")).status,
      414);
  EXPECT_EQ(Decode(absl::StrCat("GET /", std::string(20'000, 'a'))).status, 414);
  EXPECT_EQ(Decode(absl::StrCat(start, "X: ", std::string(20'000, 'a'))).status, 431);
  EXPECT_EQ(Decode(absl::StrCat(start, "X: ", std::string(20'000, 'a'), "\r\n\r\n")).status, 431);
  std::string many = start;
  for (int i = 0; i < 200; ++i) many += "A: b\r\n";
  EXPECT_EQ(Decode(many + "\r\n").status, 431);
  const DecoderLimits small{.body_bytes_max = 10};
  EXPECT_EQ(Decode(start + "Content-Length: 11\r\n\r\n", 1'000, small).status, 413);
  EXPECT_EQ(
      Decode(
          start + "Transfer-Encoding: chunked\r\n\r\n8\r\n12345678\r\n8\r\n12345678\r\n0\r\n\r\n",
          1'000, small)
          .status,
      413);
  EXPECT_TRUE(Decode(start + "Content-Length: 10\r\n\r\n1234567890", 1'000, small).complete);
  EXPECT_GE(
      Decode(absl::StrCat(start, "Transfer-Encoding: chunked\r\n\r\n5;", std::string(40'000, 'x')))
          .status,
      400);
  EXPECT_GE(Decode(absl::StrCat(start, "Transfer-Encoding: chunked\r\n\r\n0\r\nT: ",
                                std::string(40'000, 'x')))
                .status,
            400);
}

TEST(Http1DecoderTest, OneDecoderServesManyRequests) {
  Http1Decoder decoder({});
  const std::string two = "GET /1 HTTP/1.1\r\nHost: h\r\n\r\nGET /2 HTTP/1.1\r\nHost: h\r\n\r\n";
  absl::string_view rest = two;
  for (const char* path : {"/1", "/2"}) {
    size_t used = 0;
    ASSERT_EQ(decoder.Next(rest, &used), Http1Decoder::Event::kHead);
    EXPECT_EQ(decoder.head().path, path);
    rest.remove_prefix(used);
    ASSERT_EQ(decoder.Next(rest, &used), Http1Decoder::Event::kEnd);
    decoder.Reset();
  }
}

}  // namespace
}  // namespace sluice::http
