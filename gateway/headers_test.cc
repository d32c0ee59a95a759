// Metadata, errors and CORS: everything about headers that needs no socket.
#include <algorithm>
#include <map>

#include "gmock/gmock.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "gtest/gtest.h"

#include "gateway/cors.h"
#include "gateway/metadata.h"
#include "gateway/status_json.h"

namespace sluice::gateway {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::Pair;

http::RequestHead Head(const std::vector<http::Header>& headers) {
  http::RequestHead head;
  head.method = "GET";
  head.path = "/";
  head.peer = "10.0.0.1";
  for (const http::Header& header : headers) head.headers.Add(header.name, header.value);
  return head;
}

Metadata Read(const std::vector<http::Header>& headers) {
  return *MetadataFromRequest(Head(headers), "id");
}

TEST(MetadataTest, TheAuthorizationHeaderComesAsItself) {
  const Metadata metadata = Read({{"Authorization", "Bearer x"}});
  EXPECT_THAT(metadata, Contains(Pair("authorization", "Bearer x")));
  EXPECT_THAT(metadata, Contains(Pair("grpcgateway-authorization", "Bearer x")));
}

TEST(MetadataTest, PermanentHeadersAndRangesGetAPrefixAndOthersAreDropped) {
  const Metadata metadata = Read({{"User-Agent", "curl"},
                                  {"Range", "bytes=0-"},
                                  {"X-Custom", "1"},
                                  {"Accept-Encoding", "gzip"}});
  EXPECT_THAT(metadata, Contains(Pair("grpcgateway-user-agent", "curl")));
  EXPECT_THAT(metadata, Contains(Pair("grpcgateway-range", "bytes=0-")));
  for (const auto& [key, value] : metadata) EXPECT_THAT(key, Not(HasSubstr("custom")));
}

TEST(MetadataTest, AServiceMaySayAStatusThatAnswersARange) {
  EXPECT_THAT(Read({}), Contains(Pair("x-http-statuses", "206,304,412,416")));
  for (const auto& [value, status] : std::map<std::string, int>{
           {"206", 206}, {"304", 304}, {"416", 416}, {"200", 200}, {"500", 200}, {"x", 200}}) {
    http::ResponseHead head;
    AddMetadata("x-http-status", value, &head);
    EXPECT_EQ(head.status, status) << value;
    EXPECT_TRUE(head.headers.all().empty());
  }
  http::ResponseHead head;
  AddMetadata("x-http-content-range", "bytes 0-1/2", &head);
  EXPECT_EQ(head.headers.Get("Content-Range"), "bytes 0-1/2");
}

TEST(MetadataTest, GrpcMetadataHeadersLoseTheirPrefix) {
  const Metadata metadata = Read({{"Grpc-Metadata-Foo", "bar"},
                                  {"grpc-metadata-trace-bin", "AAE"},
                                  {"Grpc-Metadata-N\xC3\xB8", "x"},
                                  {"Grpc-Metadata-City", "Gj\xC3\xB8vik"}});
  EXPECT_THAT(metadata, Contains(Pair("foo", "bar")));
  EXPECT_THAT(metadata, Contains(Pair("trace-bin", std::string("\0\1", 2))));
  EXPECT_THAT(metadata, Not(Contains(Pair("city", ::testing::_))));
  EXPECT_FALSE(MetadataFromRequest(Head({{"Grpc-Metadata-X-Bin", "*"}}), "id").ok());
}

TEST(MetadataTest, WhatAssertsAnIdentityDoesNotComeFromOutside) {
  for (const char* name :
       {"Grpc-Metadata-X-Sluice-Principal", "X-Sluice-Principal", "Grpc-Metadata-X-Forwarded-For",
        "Grpc-Metadata-Grpc-Timeout", "Grpc-Metadata-Content-Type", "Grpc-Metadata-Authorization",
        "Grpc-Metadata-Grpcgateway-Cookie", "Grpc-Metadata-TE", "Grpc-Metadata-"}) {
    const Metadata metadata = Read({{name, "forged"}});
    for (const auto& [key, value] : metadata) EXPECT_NE(value, "forged") << name << " as " << key;
  }
}

TEST(MetadataTest, ForwardedAddressesEndWithTheCallers) {
  EXPECT_THAT(Read({}), Contains(Pair("x-forwarded-for", "10.0.0.1")));
  EXPECT_THAT(Read({{"X-Forwarded-For", "1.1.1.1"}, {"X-Forwarded-For", "2.2.2.2"}}),
              Contains(Pair("x-forwarded-for", "1.1.1.1, 2.2.2.2, 10.0.0.1")));
  EXPECT_THAT(Read({{"Host", "a:1"}}), Contains(Pair("x-forwarded-host", "a:1")));
}

TEST(MetadataTest, TimeoutsHaveSixUnits) {
  EXPECT_EQ(*ParseGrpcTimeout("2H"), absl::Hours(2));
  EXPECT_EQ(*ParseGrpcTimeout("10m"), absl::Milliseconds(10));
  EXPECT_EQ(*ParseGrpcTimeout("99999999n"), absl::Nanoseconds(99999999));
  for (const char* bad : {"", "m", "10", "10x", "-1S", "+1S", "1 S", "999999999S", "0x1S"}) {
    EXPECT_FALSE(ParseGrpcTimeout(bad).ok()) << bad;
  }
}

TEST(MetadataTest, RequestIdsArePassedOrMade) {
  EXPECT_EQ(RequestIdFor(Head({{"X-Request-Id", "abc"}})), "abc");
  EXPECT_EQ(RequestIdFor(Head({{"X-Request-Id", std::string(500, 'x')}})).size(), 32u);
  EXPECT_EQ(RequestIdFor(Head({{"X-Request-Id", "a b"}})).size(), 32u);
  EXPECT_NE(RequestIdFor(Head({})), RequestIdFor(Head({})));
}

TEST(MetadataTest, AServiceSetsAFewHeadersAndNoOthers) {
  http::ResponseHead head;
  AddMetadata("x-http-etag", "\"a\"", &head);
  AddMetadata("x-http-content-length", "12", &head);
  AddMetadata("x-http-transfer-encoding", "chunked", &head);
  AddMetadata("x-http-set-cookie", "a=b", &head);
  AddMetadata("x-http-content-disposition", "a\r\nb: c", &head);
  AddMetadata("sluice-next-page-token", "t", &head);
  AddMetadata("raw-bin", std::string("\0\1", 2), &head);
  EXPECT_EQ(head.headers.Get("ETag"), "\"a\"");
  EXPECT_EQ(head.content_length, 12u);
  EXPECT_EQ(head.headers.Get("Grpc-Metadata-Sluice-Next-Page-Token"), "t");
  EXPECT_EQ(head.headers.Get("Grpc-Metadata-Raw-Bin"), "AAE=");
  EXPECT_EQ(head.headers.all().size(), 3u);
}

class StatusJsonTest : public ::testing::Test {
 protected:
  FieldTables tables_{google::protobuf::DescriptorPool::generated_pool()};
};

TEST_F(StatusJsonTest, CodesHaveTheirStatus) {
  const int expected[] = {200, 499, 500, 400, 504, 404, 409, 403, 429,
                          400, 409, 400, 501, 500, 503, 500, 401};
  for (int code = 0; code <= 16; ++code) {
    EXPECT_EQ(HttpStatusOf(static_cast<grpc::StatusCode>(code)), expected[code]) << code;
  }
}

TEST_F(StatusJsonTest, DetailsComeAlong) {
  google::rpc::Status rich;
  rich.set_code(14);
  rich.set_message("busy");
  google::rpc::RetryInfo retry;
  retry.mutable_retry_delay()->set_nanos(250'000'000);
  rich.add_details()->PackFrom(retry);
  auto* unknown = rich.add_details();
  unknown->set_type_url("example.org/no.Such");
  unknown->set_value("abc");
  const grpc::Status status(grpc::StatusCode::UNAVAILABLE, "busy", rich.SerializeAsString());
  EXPECT_EQ(StatusJson(&tables_, status),
            R"({"code":14,"message":"busy","details":[{"@type":)"
            R"("type.googleapis.com/google.rpc.RetryInfo","retryDelay":"0.250s"},)"
            R"({"@type":"example.org/no.Such","value":"YWJj"}]})");
  EXPECT_EQ(RetryAfterSeconds(status), 1);
}

TEST_F(StatusJsonTest, DetailsOfAnotherStatusOrNoneAreLeftOut) {
  google::rpc::Status other;
  other.set_code(5);
  other.set_message("busy");
  const grpc::Status status(grpc::StatusCode::UNAVAILABLE, "busy", other.SerializeAsString());
  EXPECT_EQ(StatusJson(&tables_, status), R"({"code":14,"message":"busy","details":[]})");
  EXPECT_FALSE(RetryAfterSeconds(status).has_value());
  EXPECT_EQ(StatusJson(&tables_, {grpc::StatusCode::UNKNOWN, "\xff\"", "garbage"}),
            "{\"code\":2,\"message\":\"\xEF\xBF\xBD\\\"\",\"details\":[]}");
}

TEST(CorsTest, OriginsAreExactOrSubdomainsOrAll) {
  const CorsPolicy policy = *CorsPolicy::Make({"https://a.example", "http://*.b.example"});
  EXPECT_TRUE(policy.Allows("https://a.example"));
  EXPECT_TRUE(policy.Allows("http://x.y.b.example"));
  for (const char* no :
       {"", "null", "http://a.example", "https://a.example.evil", "http://b.example",
        "https://x.b.example", "http://evil/.b.example", "http://.b.example"}) {
    EXPECT_FALSE(policy.Allows(no)) << no;
  }
  EXPECT_TRUE(CorsPolicy::Make({"*"})->Allows("https://any"));
  for (const char* bad :
       {"a.example", "https://", "https://a/b", "https://*", "https://a.*.b", ""}) {
    EXPECT_FALSE(CorsPolicy::Make({bad}).ok()) << bad;
  }
}

TEST(CorsTest, APreflightTellsMethodsAndEchoesHeaders) {
  const CorsPolicy policy = *CorsPolicy::Make({"https://a.example"});
  http::RequestHead request = Head({{"Origin", "https://a.example"},
                                    {"Access-Control-Request-Method", "POST"},
                                    {"Access-Control-Request-Headers", "authorization, x-y, b@d"}});
  request.method = "OPTIONS";
  ASSERT_TRUE(CorsPolicy::IsPreflight(request));
  const http::ResponseHead head = policy.Preflight(request, {"GET", "POST"});
  EXPECT_EQ(head.status, 204);
  EXPECT_EQ(head.headers.Get("Access-Control-Allow-Origin"), "https://a.example");
  EXPECT_EQ(head.headers.Get("Access-Control-Allow-Methods"), "GET, POST");
  EXPECT_EQ(head.headers.Get("Access-Control-Allow-Headers"), "authorization, x-y");
  request.headers.Set("Origin", "https://other");
  EXPECT_EQ(policy.Preflight(request, {"GET"}).headers.Find("Access-Control-Allow-Origin"),
            nullptr);
}

TEST(CorsTest, AnswersExposeTheirHeadersToTheOriginsAlone) {
  const CorsPolicy policy = *CorsPolicy::Make({"https://a.example"});
  http::ResponseHead head;
  head.headers.Add("Grpc-Metadata-Foo", "1");
  policy.Decorate("https://a.example", &head);
  EXPECT_THAT(std::string(head.headers.Get("Access-Control-Expose-Headers")),
              HasSubstr("Grpc-Metadata-Foo"));
  EXPECT_EQ(head.headers.Get("Vary"), "Origin");
  http::ResponseHead other;
  policy.Decorate("https://other", &other);
  EXPECT_EQ(other.headers.Find("Access-Control-Allow-Origin"), nullptr);
  http::ResponseHead none;
  CorsPolicy().Decorate("https://a.example", &none);
  EXPECT_TRUE(none.headers.all().empty());
}

TEST(CorsTest, BrowsersTellWhenAPageIsOfAnotherOrigin) {
  EXPECT_FALSE(IsCrossOrigin(Head({{"Host", "a:1"}})));
  EXPECT_FALSE(IsCrossOrigin(Head({{"Host", "a:1"}, {"Origin", "http://a:1"}})));
  EXPECT_TRUE(IsCrossOrigin(Head({{"Host", "a:1"}, {"Origin", "http://b:1"}})));
  EXPECT_TRUE(IsCrossOrigin(Head({{"Host", "a:1"}, {"Origin", "null"}})));
  EXPECT_TRUE(IsCrossOrigin(Head({{"Host", "a:1"}, {"Sec-Fetch-Site", "cross-site"}})));
  EXPECT_FALSE(IsCrossOrigin(Head({{"Host", "a:1"}, {"Sec-Fetch-Site", "same-origin"}})));
}

}  // namespace
}  // namespace sluice::gateway
