// The gateway as a whole: real sockets in front, a gRPC server behind, in process and over a
// socket.
#include "gateway/gateway.h"

#include <thread>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "grpcpp/health_check_service_interface.h"
#include "gtest/gtest.h"

#include "gateway/backend.h"
#include "gateway/testing/gateway_fixture.h"
#include "server/base/limits.h"

namespace sluice::gateway {
namespace {

using http::testing::RawClient;
using http::testing::RawResponse;
using ::testing::EndsWith;
using testing::FakeSnapshots;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

bool WaitFor(const std::function<bool()>& condition) {
  const absl::Time until = absl::Now() + absl::Seconds(10);
  while (!condition()) {
    if (absl::Now() > until) return false;
    std::this_thread::yield();
  }
  return true;
}

INSTANTIATE_TEST_SUITE_P(Channels, GatewayTest, ::testing::Bool(),
                         [](const auto& param) { return param.param ? "InProcess" : "Socket"; });

TEST_P(GatewayTest, AGetBecomesACall) {
  const RawResponse response = Get("/v1/databases/a%20b");
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.Header("Content-Type"), "application/json");
  EXPECT_EQ(response.Header("X-Content-Type-Options"), "nosniff");
  EXPECT_EQ(response.Header("Grpc-Metadata-Served-By"), "fake");
  EXPECT_THAT(response.body, HasSubstr(R"({"database":{"name":"a b","state":"STATE_UNSPECIFIED")"));
}

TEST_P(GatewayTest, APostBecomesACallWithThePathOnTop) {
  const RawResponse response = Call(
      "POST", "/v1/databases/d:query", "",
      R"({"database":"x","sql":"SELECT ?","params":[{"integer":"7"},{"null":null},{"real":-0.5},)"
      R"({"blob":"3q0"}]})");
  EXPECT_EQ(response.status, 200) << response.body;
  // In pieces: the contract gains fields.
  EXPECT_THAT(response.body, StartsWith(R"({"columns":[{"name":"SELECT ?","declaredType":"")"));
  EXPECT_THAT(response.body, HasSubstr(R"("rows":[{"values":[{"integer":"7"},{"null":null},)"
                                       R"({"real":-0.5},{"blob":"3q0="}],"key":"","etag":""}],)"));
  EXPECT_THAT(response.body, HasSubstr(R"("truncated":false,"stats":null)"));
}

TEST_P(GatewayTest, NaturalObjectsArriveAsStructs) {
  const RawResponse response = Call("POST", "/v1/databases/d/tables/t/rows:insert",
                                    "Content-Type: application/x-www-form-urlencoded\r\n",
                                    R"({"objects":[{"b":1},{"c":null}]})");
  EXPECT_THAT(response.body, HasSubstr(R"({"insertedCount":"2","keys":["b","c"])"));
}

TEST_P(GatewayTest, MetadataCrossesButForgedIdentityDoesNot) {
  const RawResponse response =
      Get("/v1/databases/echo",
          "Authorization: Bearer t\r\nGrpc-Metadata-Foo: bar\r\nX-Request-Id: rid\r\n"
          "Grpc-Metadata-X-Sluice-Principal: admin\r\nX-Sluice-Principal: admin\r\n");
  EXPECT_EQ(response.Header("X-Request-Id"), "rid");
  EXPECT_THAT(response.body, HasSubstr("authorization=Bearer t;"));
  EXPECT_THAT(response.body, HasSubstr("foo=bar;"));
  EXPECT_THAT(response.body, HasSubstr("x-request-id=rid;"));
  EXPECT_THAT(response.body, HasSubstr("x-forwarded-for=127.0.0.1;"));
  EXPECT_THAT(response.body, Not(HasSubstr("principal")));
  EXPECT_EQ(Get("/v1/databases/a").Header("X-Request-Id").size(), 32u);
}

TEST_P(GatewayTest, ErrorsKeepTheirDetails) {
  const RawResponse missing = Get("/v1/databases/missing");
  EXPECT_EQ(missing.status, 404);
  EXPECT_EQ(missing.body,
            R"({"code":5,"message":"no such database","details":[{"@type":)"
            R"("type.googleapis.com/google.rpc.ErrorInfo","reason":"NO_SUCH_DATABASE",)"
            R"("domain":"sluice","metadata":{}}]})");
  EXPECT_EQ(missing.Header("Grpc-Metadata-Served-By"), "fake");
  const RawResponse busy = Get("/v1/databases/busy");
  EXPECT_EQ(busy.status, 503);
  EXPECT_EQ(busy.Header("Retry-After"), "3");
  const RawResponse locked = Get("/v1/databases/locked");
  EXPECT_EQ(locked.status, 401);
  EXPECT_EQ(locked.Header("WWW-Authenticate"), "Bearer");
  const RawResponse nothing = Call("GET", "/v1/databases");
  EXPECT_EQ(nothing.status, 501);
  EXPECT_THAT(nothing.body, HasSubstr(R"("code":12)"));
}

TEST_P(GatewayTest, WhatTheServiceSaysOfItselfIsKept) {
  const RawResponse response = Get("/v1/databases/plain");
  EXPECT_EQ(response.status, 503);
  EXPECT_THAT(response.body, HasSubstr("back at noon"));
}

TEST_P(GatewayTest, AServiceThatIsNotReachedIsNotNamed) {
  if (GetParam()) GTEST_SKIP() << "it is always reached";
  backend_->Shutdown();
  for (const char* path : {"/v1/databases/d", "/v1/databases/d/query?sql=1", "/readyz"}) {
    const RawResponse response = Get(path);
    EXPECT_EQ(response.status, 503) << path;
    EXPECT_THAT(response.body, Not(HasSubstr("127.0.0.1"))) << path;
    EXPECT_THAT(response.body, HasSubstr(R"("reason":)")) << path;
  }
  const RawResponse response = Get("/v1/databases/d");
  EXPECT_THAT(response.body, HasSubstr(R"("message":"the service cannot be reached")"));
  EXPECT_THAT(response.body, HasSubstr(R"("reason":"NOT_SERVED")"));
  EXPECT_THAT(response.body, HasSubstr("google.rpc.RetryInfo"));
  EXPECT_EQ(response.Header("Retry-After"), "1");
}

TEST_P(GatewayTest, OversizeRequestsAreRefusedAlikeWhateverTheirSize) {
  for (const size_t size : {limits::kRequestBytesMax + 1000, size_t{6} << 20}) {
    RawClient client(server_->port());
    const std::string body = absl::StrCat("{\"sql\":\"", std::string(size, 'x'), "\"}");
    std::thread sender([&] { client.Request("POST", "/v1/databases/d:query", "", body); });
    const RawResponse response = client.Read();
    sender.join();
    EXPECT_EQ(response.status, 413) << size;
    EXPECT_THAT(response.body, HasSubstr(R"("code":8)")) << size;
    EXPECT_THAT(response.body, HasSubstr(R"("reason":"LIMIT")")) << size;
  }
}

TEST_P(GatewayTest, BodiesShareOneBudgetAndGiveItBack) {
  // Each holds almost all that one request may; together they would be beyond the budget.
  const std::string piece(4'000'000, 'x');
  std::vector<std::unique_ptr<RawClient>> holders;
  const auto hold = [&] {
    auto client = std::make_unique<RawClient>(server_->port());
    client->Send(absl::StrCat("POST /v1/databases/d:query HTTP/1.1\r\nHost: h\r\nContent-Length: ",
                              piece.size() + 1, "\r\n\r\n", piece));
    holders.push_back(std::move(client));
  };
  for (size_t i = 0; i < options_.body_bytes_max / piece.size() + 2; ++i) hold();
  // The last ones find no room. Which and how many they are depends on whose bytes came when: those
  // that are refused give back what they held, so there may be room for others.
  RawResponse refused;
  ASSERT_TRUE(WaitFor([&] {
    refused = Call("POST", "/v1/databases/d:query", "", absl::StrCat("\"", piece, "\""));
    if (refused.status != 503) hold();
    return refused.status == 503;
  }));
  EXPECT_THAT(refused.body, HasSubstr(R"("reason":"OVERLOADED")"));
  EXPECT_EQ(refused.Header("Retry-After"), "1");
  EXPECT_EQ(Get("/v1/databases/d").status, 200) << "requests without a body go on";
  holders.clear();
  const std::string good = absl::StrCat("{\"sql\":\"", piece, "\"}");
  EXPECT_TRUE(
      WaitFor([&] { return Call("POST", "/v1/databases/d:query", "", good).status == 200; }));
}

TEST_P(GatewayTest, AMistypedParameterIsRefusedWhereThatIsAsked) {
  EXPECT_EQ(Get("/v1/databases/d?filtr=x").status, 200);
  options_.refuse_unknown_parameters = true;
  Start();
  const RawResponse refused = Get("/v1/databases/d?filtr=x");
  EXPECT_EQ(refused.status, 400);
  EXPECT_THAT(refused.body, HasSubstr(R"("fieldViolations":[{"field":"filtr")"));
  EXPECT_EQ(Get("/v1/databases/d?utm_source=news&_=1700000000").status, 200);
  EXPECT_EQ(Call("POST", "/v1/databases/d:query?sql=x", "", "{}").status, 400);
  EXPECT_EQ(Call("POST", "/v1/databases/d:query?utm_campaign=x", "", "{}").status, 200);
}

TEST_P(GatewayTest, AVerbWithAnotherMethodIsNoName) {
  const RawResponse wrong = Get("/v1/databases/proj:query");
  EXPECT_EQ(wrong.status, 405);
  EXPECT_EQ(wrong.Header("Allow"), "POST");
  EXPECT_EQ(Get("/v1/databases/proj%3Aquery").status, 200);
  EXPECT_EQ(Get("/v1/databases/proj:unknown").status, 200);
}

TEST_P(GatewayTest, WhatHasNoRouteSaysSo) {
  const RawResponse unknown = Get("/v2/x");
  EXPECT_EQ(unknown.status, 404);
  EXPECT_EQ(
      unknown.body,
      R"({"code":5,"message":"Not Found","details":[{"@type":"type.googleapis.com/google.rpc.ErrorInfo",)"
      R"("reason":"NO_SUCH_ROUTE","domain":"sluice","metadata":{}}]})");
  const RawResponse wrong = Call("DELETE", "/v1/databases/d/query");
  EXPECT_EQ(wrong.status, 405);
  EXPECT_EQ(wrong.Header("Allow"), "GET, HEAD, POST");
  EXPECT_EQ(
      wrong.body,
      R"({"code":12,"message":"Method Not Allowed","details":[{"@type":"type.googleapis.com/google.rpc.ErrorInfo",)"
      R"("reason":"UNSUPPORTED","domain":"sluice","metadata":{}}]})");
  EXPECT_EQ(Call("OPTIONS", "/v1/databases/d/query").Header("Allow"), "GET, HEAD, POST, OPTIONS");
  EXPECT_EQ(Get("/v1/databases/%zz").status, 400);
  EXPECT_EQ(Call("TRACE", "/").status, 405);
}

TEST_P(GatewayTest, MalformedRequestsAreRefusedBeforeTheCall) {
  const RawResponse unknown = Call("POST", "/v1/databases/d:query", "", R"({"sqll":"x"})");
  EXPECT_EQ(unknown.status, 400);
  EXPECT_THAT(unknown.body, HasSubstr(R"("reason":"BAD_REQUEST","domain":"sluice")"));
  EXPECT_THAT(unknown.body, HasSubstr(R"("fieldViolations":[{"field":"sqll")"));
  EXPECT_THAT(unknown.body, HasSubstr("sqll: unknown field"));
  EXPECT_EQ(Call("POST", "/v1/databases/d:query", "", "{").status, 400);
  EXPECT_EQ(Call("POST", "/v1/databases/d:query", "", "{}{}").status, 400);
  EXPECT_EQ(Get("/v1/databases/d/tables/t/rows?page_size=x").status, 400);
  EXPECT_EQ(Get("/v1/databases/a", "Grpc-Timeout: soon\r\n").status, 400);
  EXPECT_EQ(Call("POST", "/v1/databases/d:query", "Content-Type: text/xml\r\n", "<a/>").status,
            415);
  EXPECT_EQ(Call("POST", "/v1/databases/d:query", "Content-Encoding: gzip\r\n", "x").status, 415);
  EXPECT_EQ(Call("POST", "/v1/databases/d:streamQuery", "", "[]").body.substr(0, 8), "{\"code\":");
}

TEST_P(GatewayTest, ADeadlineEndsTheCall) {
  const RawResponse response = Get("/v1/databases/slow", "Grpc-Timeout: 20m\r\n");
  EXPECT_EQ(response.status, 504);
  EXPECT_THAT(response.body, HasSubstr(R"("code":4)"));
}

TEST_P(GatewayTest, ACallerThatLeavesCancelsTheCallEvenWithItsBodyUnread) {
  {
    RawClient client(server_->port());
    client.Send("GET /v1/databases/slow HTTP/1.1\r\nHost: h\r\nContent-Length: 1000\r\n\r\npart");
    ASSERT_TRUE(WaitFor([this] { return catalog_.waiting == 1; }));
  }
  EXPECT_TRUE(WaitFor([this] { return catalog_.cancelled == 1; }));
}

TEST_P(GatewayTest, StreamsOfMessagesComeInEnvelopesOrAsLines) {
  const RawResponse enveloped = Call("POST", "/v1/databases/d:streamQuery", "", R"({"sql":"2"})");
  EXPECT_TRUE(enveloped.complete);
  EXPECT_EQ(enveloped.Header("Content-Type"), "application/json");
  const std::vector<std::string> envelopes = absl::StrSplit(enveloped.body, '\n');
  ASSERT_EQ(envelopes.size(), 3u) << enveloped.body;
  EXPECT_THAT(envelopes[0],
              StartsWith(R"({"result":{"columns":[],"rows":[{"values":[{"integer":"0"}])"));
  EXPECT_THAT(envelopes[1],
              StartsWith(R"({"result":{"columns":[],"rows":[{"values":[{"integer":"1"}])"));
  EXPECT_THAT(envelopes[1], EndsWith("}}"));
  EXPECT_EQ(envelopes[2], "");
  const RawResponse lines = Call("POST", "/v1/databases/d:streamQuery",
                                 "Accept: application/x-ndjson\r\n", R"({"sql":"1"})");
  EXPECT_EQ(lines.Header("Content-Type"), "application/x-ndjson");
  EXPECT_THAT(lines.body, StartsWith(R"({"columns":[],"rows":[{"values":[{"integer":"0"}])"));
  EXPECT_THAT(lines.body, EndsWith("}\n"));
  const RawResponse empty = Call("POST", "/v1/databases/d:streamQuery", "", R"({"sql":"0"})");
  EXPECT_EQ(empty.status, 200);
  EXPECT_TRUE(empty.complete);
  EXPECT_EQ(empty.body, "");
}

TEST_P(GatewayTest, AStreamThatFailsAtOnceHasItsStatus) {
  const RawResponse stream = Call("POST", "/v1/databases/missing:streamQuery", "", "{}");
  EXPECT_EQ(stream.status, 404);
  EXPECT_THAT(stream.body, ::testing::StartsWith(R"({"error":{"code":5,)"));
  const RawResponse file = Get("/v1/databases/missing/query?sql=1");
  EXPECT_EQ(file.status, 404);
  EXPECT_THAT(file.body, ::testing::StartsWith(R"({"code":5,)"));
}

TEST_P(GatewayTest, AStreamThatFailsMidwayIsCut) {
  const RawResponse stream = Call("POST", "/v1/databases/broken:streamQuery", "", R"({"sql":"1"})");
  EXPECT_EQ(stream.status, 200);
  EXPECT_FALSE(stream.complete);
  EXPECT_THAT(stream.body,
              EndsWith("{\"error\":{\"code\":15,\"message\":\"corrupt\",\"details\":[]}}\n"));
  const RawResponse file = Get("/v1/databases/broken/query?sql=2");
  EXPECT_FALSE(file.complete);
  EXPECT_EQ(file.body, "row,0\nrow,1\n");
  const RawResponse download = Get("/v1/databases/cut/content");
  EXPECT_FALSE(download.complete);
}

TEST_P(GatewayTest, RawStreamsAreTheirBytes) {
  const RawResponse response = Get("/v1/databases/d/query?sql=3");
  EXPECT_TRUE(response.complete);
  EXPECT_EQ(response.Header("Content-Type"), "text/csv; charset=utf-8");
  EXPECT_EQ(response.body, "row,0\nrow,1\nrow,2\n");
}

TEST_P(GatewayTest, ADownloadTellsItsLengthAndName) {
  const RawResponse response = Get("/v1/databases/d/content");
  EXPECT_TRUE(response.complete);
  EXPECT_EQ(response.Header("Content-Length"), absl::StrCat(FakeSnapshots::kFileBytes));
  EXPECT_EQ(response.Header("Content-Disposition"), "attachment; filename=\"a.db\"");
  EXPECT_EQ(response.Header("Content-Type"), "application/vnd.sqlite3");
  ASSERT_EQ(response.body.size(), FakeSnapshots::kFileBytes);
  EXPECT_EQ(response.body[150'000], 'b');
}

TEST_P(GatewayTest, AHeadOfADownloadHasTheHeadersAndEndsTheCall) {
  RawClient client(server_->port());
  client.Request("HEAD", "/v1/databases/d/content");
  EXPECT_EQ(client.Read(/*to_head=*/true).Header("Content-Length"),
            absl::StrCat(FakeSnapshots::kFileBytes));
  client.Request("HEAD", "/v1/databases/d/tables/t/rows?format=csv");
  EXPECT_EQ(client.Read(/*to_head=*/true).Header("Content-Length"), "8");
  client.Request("GET", "/livez");
  EXPECT_EQ(client.Read().status, 200);
}

TEST_P(GatewayTest, UnaryBodiesAreTheirBytesWithTheServicesHeaders) {
  const RawResponse response = Get("/v1/databases/d/tables/a%2Fb%22/rows?pageSize=100&format=csv");
  EXPECT_EQ(response.body, "a/b\",100,csv\n");
  EXPECT_EQ(response.Header("Content-Type"), "text/csv; charset=utf-8");
  EXPECT_EQ(response.Header("Grpc-Metadata-Sluice-Next-Page-Token"), "next");
}

TEST_P(GatewayTest, ASlowReaderHoldsTheServiceBackAndLeavingEndsIt) {
  {
    RawClient client(server_->port(), 4'096);
    client.Request("GET", "/v1/databases/endless/query?sql=x");
    size_t last = 0;
    ASSERT_TRUE(WaitFor([&] {
      const size_t now = query_.written;
      absl::SleepFor(absl::Milliseconds(50));
      const bool still = now > 0 && now == query_.written;
      last = now;
      return still;
    }));
    EXPECT_LT(last, size_t{24} << 20) << "buffers of the kernel, of gRPC and ours";
    client.ReadSome(last + 1'000'000);
    EXPECT_GT(query_.written, last);
  }
  EXPECT_TRUE(WaitFor([this] { return query_.cancelled == 1; }));
}

TEST_P(GatewayTest, EndingWithCallsInFlightCutsThem) {
  RawClient unary(server_->port());
  unary.Request("GET", "/v1/databases/slow");
  RawClient stream(server_->port(), 4'096);
  stream.Request("GET", "/v1/databases/endless/query?sql=x");
  ASSERT_TRUE(WaitFor([this] { return catalog_.waiting == 1 && query_.written > 0; }));
  server_.reset();
  gateway_.reset();
  EXPECT_TRUE(unary.IsClosed());
  EXPECT_TRUE(WaitFor([this] { return catalog_.cancelled == 1 && query_.cancelled == 1; }));
}

TEST_P(GatewayTest, ManyCallersAreServedAtOnce) {
  std::vector<std::thread> callers;
  std::atomic<int> right{0};
  for (int i = 0; i < 8; ++i) {
    callers.emplace_back([this, i, &right] {
      RawClient client(server_->port());
      for (int j = 0; j < 50; ++j) {
        const std::string name = absl::StrCat("d", i, "-", j);
        client.Request("GET", absl::StrCat("/v1/databases/", name));
        right += absl::StrContains(client.Read().body, absl::StrCat("\"", name, "\"")) ? 1 : 0;
      }
    });
  }
  for (std::thread& caller : callers) caller.join();
  EXPECT_EQ(right, 400);
}

}  // namespace
}  // namespace sluice::gateway
