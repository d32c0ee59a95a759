// What browsers and probes see of a gateway.
#include <gmock/gmock.h>

#include <atomic>
#include <string>

#include "gateway/testing/gateway_fixture.h"

namespace sluice::gateway {
namespace {

using http::testing::RawClient;
using http::testing::RawResponse;
using ::testing::HasSubstr;
using ::testing::Not;

TEST_P(GatewayTest, ProbesTellLifeAndReadiness) {
  EXPECT_EQ(Get("/livez").body, R"({"status":"SERVING"})");
  EXPECT_EQ(Get("/readyz").status, 200);
  backend_->GetHealthCheckService()->SetServingStatus(false);
  const RawResponse response = Get("/readyz");
  EXPECT_EQ(response.status, 503);
  EXPECT_EQ(response.Header("Content-Type"), "application/json");
}

TEST_P(GatewayTest, ReadinessMayBeAskedElsewhere) {
  std::atomic<bool> ready{false};
  options_.readiness = [&](const std::function<void(bool)>& answer) { answer(ready); };
  Start();
  EXPECT_EQ(Get("/readyz").status, 503);
  ready = true;
  EXPECT_EQ(Get("/readyz").status, 200);
}

TEST_P(GatewayTest, ThePageRunsNothingButItsOwnScript) {
  const RawResponse page = Get("/");
  EXPECT_EQ(page.status, 200);
  EXPECT_EQ(page.Header("Content-Type"), "text/html; charset=utf-8");
  EXPECT_THAT(page.Header("Content-Security-Policy"),
              ::testing::AllOf(HasSubstr("default-src 'none'"), Not(HasSubstr("unsafe"))));
  EXPECT_THAT(page.body, Not(HasSubstr("onclick")));
  EXPECT_THAT(page.body, Not(HasSubstr("http://")));
  EXPECT_EQ(Get("/explorer.js").Header("Content-Type"), "text/javascript; charset=utf-8");
  EXPECT_EQ(Get("/table.js").status, 200);
  EXPECT_EQ(Get("/explorer.css").status, 200);
  EXPECT_EQ(Call("POST", "/").status, 405);
  EXPECT_EQ(Call("OPTIONS", "/").Header("Allow"), "GET, HEAD, OPTIONS");
}

TEST_P(GatewayTest, OtherHostNamesAreRefusedWhereOnlyLoopbackIsServed) {
  options_.require_loopback_host = true;
  Start();
  for (const char* host : {"localhost", "localhost:7072", "127.0.0.1:1", "[::1]:7072", "[::1]"}) {
    RawClient client(server_->port());
    client.Send(absl::StrCat("GET /livez HTTP/1.1\r\nHost: ", host, "\r\n\r\n"));
    EXPECT_EQ(client.Read().status, 200) << host;
  }
  for (const char* host : {"evil.com", "evil.com:7072", "127.0.0.1.evil.com", "", "0.0.0.0"}) {
    RawClient client(server_->port());
    client.Send(absl::StrCat("GET /livez HTTP/1.1\r\nHost: ", host, "\r\n\r\n"));
    EXPECT_EQ(client.Read().status, 421) << host;
  }
}

TEST_P(GatewayTest, PagesOfOtherOriginsReadAndChangeOnlyWhereAllowed) {
  const std::string evil = "Origin: https://evil.example\r\n";
  EXPECT_EQ(Call("POST", "/v1/databases/d:query", evil, "{}").status, 403);
  EXPECT_EQ(Get("/v1/databases/a", evil).Header("Access-Control-Allow-Origin"), "");
  options_.cors_origins = {"https://good.example"};
  Start();
  const std::string good = "Origin: https://good.example\r\n";
  const RawResponse preflight =
      Call("OPTIONS", "/v1/databases/d/query", good + "Access-Control-Request-Method: POST\r\n");
  EXPECT_EQ(preflight.status, 204);
  EXPECT_EQ(preflight.Header("Access-Control-Allow-Methods"), "GET, HEAD, POST, OPTIONS");
  const RawResponse download = Get("/v1/databases/d/content", good);
  for (const char* name : {"Accept-Ranges", "Content-Length", "Content-Range", "ETag"}) {
    EXPECT_THAT(download.Header("Access-Control-Expose-Headers"), HasSubstr(name));
  }
  const RawResponse answer = Call("POST", "/v1/databases/d:query", good, "{}");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.Header("Access-Control-Allow-Origin"), "https://good.example");
  EXPECT_EQ(Get("/v2", good).Header("Access-Control-Allow-Origin"), "https://good.example");
  EXPECT_EQ(Call("POST", "/v1/databases/d:query", evil, "{}").status, 403);
}

}  // namespace
}  // namespace sluice::gateway
