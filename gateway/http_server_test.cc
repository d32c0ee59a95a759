#include "gateway/http_server.h"

#include <unistd.h>

#include <atomic>
#include <functional>
#include <future>
#include <thread>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "gateway/testing/raw_client.h"

namespace sluice::http {
namespace {

using testing::RawClient;
using testing::RawResponse;

// What the tests want of a request, by its path.
class FakeExchange : public Exchange {
 public:
  FakeExchange(RequestHead head, std::shared_ptr<ResponseWriter> writer,
               std::atomic<int>* cancelled, std::atomic<size_t>* written)
      : head_(std::move(head)),
        writer_(std::move(writer)),
        cancelled_(cancelled),
        written_(written) {}

  void OnBody(absl::string_view piece) override { body_.append(piece.data(), piece.size()); }

  void OnBodyEnd() override {
    if (head_.path == "/echo") {
      Respond(writer_.get(), {}, absl::StrCat(head_.method, " ", head_.query, " ", body_));
    } else if (head_.path == "/chunks") {
      writer_->Start({});
      for (const char* piece : {"one,", "two,", "three"}) writer_->Write(piece);
      writer_->Finish();
    } else if (head_.path == "/cut") {
      writer_->Start({});
      writer_->Write("half");
      writer_->Abort();
    } else if (head_.path == "/short") {
      writer_->Start({.content_length = 10});
      writer_->Write("half");
      writer_->Finish();
    } else if (head_.path == "/long") {
      writer_->Start({.content_length = 2});
      writer_->Write("too long");
      writer_->Finish();
    } else if (head_.path == "/endless") {
      writer_->Start({});
      Pour();
    }  // "/never" is never answered.
  }

  void OnWritable() override { Pour(); }
  void OnCancel() override { ++*cancelled_; }

 private:
  void Pour() {
    bool more = true;
    while (more) {
      more = writer_->Write(std::string(10'000, 'x'));
      *written_ += 10'000;
    }
  }

  const RequestHead head_;
  const std::shared_ptr<ResponseWriter> writer_;
  std::atomic<int>* const cancelled_;
  std::atomic<size_t>* const written_;
  std::string body_;
};

class FakeHandler : public Handler {
 public:
  std::shared_ptr<Exchange> OnRequest(RequestHead head,
                                      std::shared_ptr<ResponseWriter> writer) override {
    ++requests;
    if (head.path == "/refused") {
      RespondError(writer.get(), 403, 7, "no \"entry\"\n");
      return nullptr;
    }
    return std::make_shared<FakeExchange>(std::move(head), std::move(writer), &cancelled, &written);
  }

  std::atomic<int> requests{0};
  std::atomic<int> cancelled{0};
  std::atomic<size_t> written{0};
};

bool WaitFor(const std::function<bool()>& condition) {
  const absl::Time until = absl::Now() + absl::Seconds(10);
  while (!condition()) {
    if (absl::Now() > until) return false;
    std::this_thread::yield();
  }
  return true;
}

class HttpServerTest : public ::testing::Test {
 protected:
  void Start(HttpServerOptions options = {}) {
    auto server = HttpServer::Start(options, &handler_);
    ASSERT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
  }
  RawResponse Get(absl::string_view path) {
    RawClient client(server_->port());
    client.Request("GET", path);
    return client.Read();
  }

  FakeHandler handler_;
  std::unique_ptr<HttpServer> server_;
};

TEST_F(HttpServerTest, OneConnectionServesManyRequests) {
  Start();
  RawClient client(server_->port());
  for (int i = 0; i < 50; ++i) {
    ASSERT_TRUE(client.Request("POST", absl::StrCat("/echo?", i), "", "body"));
    const RawResponse response = client.Read();
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(response.body, absl::StrCat("POST ", i, " body"));
  }
  EXPECT_EQ(server_->connections(), 1u);
}

TEST_F(HttpServerTest, PipelinedRequestsAreAnsweredInTheirOrder) {
  Start();
  RawClient client(server_->port());
  std::string requests;
  for (int i = 0; i < 500; ++i) {
    absl::StrAppend(&requests, "GET /", i % 2 ? "echo" : "chunks", "?", i,
                    " HTTP/1.1\r\nHost: h\r\n\r\n");
  }
  std::thread sender([&] { client.Send(requests); });
  for (int i = 0; i < 500; ++i) {
    EXPECT_EQ(client.Read().body, i % 2 ? absl::StrCat("GET ", i, " ") : "one,two,three");
  }
  sender.join();
}

TEST_F(HttpServerTest, AConnectionThatSpeaksHttp2IsLeftToWhoeverTakesThose) {
  const std::string preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
  std::promise<std::pair<int, std::string>> taken;
  HttpServerOptions options;
  options.take_http2 = [&](int descriptor, const std::string& read) {
    taken.set_value({descriptor, read});
  };
  Start(options);
  RawClient client(server_->port());
  // In two pieces, as a network may deliver it.
  ASSERT_TRUE(client.Send(preface.substr(0, 2)) && client.Send(preface.substr(2) + "frames"));
  std::future<std::pair<int, std::string>> future = taken.get_future();
  ASSERT_EQ(future.wait_for(std::chrono::seconds(10)), std::future_status::ready);
  const auto [descriptor, read] = future.get();
  EXPECT_TRUE(WaitFor([&] { return server_->connections() == 0; }));
  EXPECT_TRUE(absl::StartsWith(absl::StrCat(preface, "frames"), read));
  ASSERT_EQ(write(descriptor, "answer", 6), 6);
  EXPECT_EQ(client.ReadSome(6), "answer");
  close(descriptor);
  // Others are served as ever, also those that begin alike.
  RawClient other(server_->port());
  ASSERT_TRUE(other.Send("P") &&
              other.Send("OST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n"));
  EXPECT_EQ(other.Read().body, "POST  ");
}

TEST_F(HttpServerTest, AConnectionThatSpeaksHttp2IsRefusedWhereNobodyTakesThose) {
  Start();
  RawClient client(server_->port());
  ASSERT_TRUE(client.Send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"));
  EXPECT_GE(client.Read().status, 400);
}

TEST_F(HttpServerTest, AConnectionBeyondItsShareOfDescriptorsIsTurnedAway) {
  Start({.descriptors_max = 0});
  RawClient client(server_->port());
  EXPECT_EQ(client.Read().status, 503);
  EXPECT_TRUE(client.IsClosed());
}

TEST_F(HttpServerTest, AnEmptyLineAfterARequestLeavesTheConnectionIdle) {
  Start({.head_timeout = absl::Milliseconds(50)});
  RawClient client(server_->port());
  client.Send("GET /echo HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_EQ(client.Read().status, 200);
  client.Send("\r\n");
  EXPECT_FALSE(client.IsClosed(std::chrono::milliseconds(500)));
  client.Send("GET /echo HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_EQ(client.Read().status, 200);
  client.Send("GET /echo HTTP/1.1\r\nHost: h\r\n\r\n\r\n");
  EXPECT_EQ(client.Read().status, 200);
  EXPECT_FALSE(client.IsClosed(std::chrono::milliseconds(500)));
}

TEST_F(HttpServerTest, BodiesComeInChunksAndOneByteAtATime) {
  Start();
  RawClient client(server_->port());
  const std::string request =
      "POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: "
      "chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n";
  for (const char c : request) client.Send(absl::string_view(&c, 1));
  EXPECT_EQ(client.Read().body, "POST  abcde");
  const std::string large(3'000'000, 'y');
  client.Request("POST", "/echo", "", large);
  EXPECT_EQ(client.Read().body.size(), large.size() + 6);
}

TEST_F(HttpServerTest, AHeadRequestGetsTheSameHeadersAndNoBody) {
  Start();
  RawClient client(server_->port());
  client.Request("HEAD", "/echo?x");
  EXPECT_EQ(client.Read(/*to_head=*/true).Header("Content-Length"), "7");
  client.Request("HEAD", "/chunks");
  EXPECT_EQ(client.Read(/*to_head=*/true).Header("Transfer-Encoding"), "chunked");
  client.Request("GET", "/echo");
  EXPECT_EQ(client.Read().status, 200);
}

TEST_F(HttpServerTest, ACutAnswerNeverLooksWhole) {
  Start();
  for (const char* path : {"/cut", "/short", "/long"}) {
    const RawResponse response = Get(path);
    EXPECT_EQ(response.status, 200) << path;
    EXPECT_FALSE(response.complete) << path;
  }
  EXPECT_EQ(Get("/cut").body, "half");
}

TEST_F(HttpServerTest, Http10IsAnsweredAndClosed) {
  Start();
  RawClient client(server_->port());
  client.Send("GET /chunks HTTP/1.0\r\n\r\n");
  const std::string answer = client.ReadAll();
  EXPECT_TRUE(absl::EndsWith(answer, "\r\n\r\none,two,three")) << answer;
  EXPECT_FALSE(absl::StrContains(answer, "chunked"));
}

TEST_F(HttpServerTest, AHandlerThatAnswersAtOnceMayIgnoreTheBody) {
  Start();
  RawClient client(server_->port());
  client.Request("POST", "/refused", "", std::string(100'000, 'x'));
  const RawResponse response = client.Read();
  EXPECT_EQ(response.status, 403);
  EXPECT_EQ(response.body,
            R"({"code":7,"message":"no \"entry\"\u000a","details":[{"@type":)"
            R"("type.googleapis.com/google.rpc.ErrorInfo","reason":"PERMISSION_DENIED",)"
            R"("domain":"sluice","metadata":{}}]})");
  client.Request("GET", "/echo");
  EXPECT_EQ(client.Read().status, 200);
}

TEST_F(HttpServerTest, AContinueIsSentOnlyWhenTheBodyIsWanted) {
  Start();
  RawClient client(server_->port());
  client.Send(
      "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(client.Read().status, 100);
  client.Send("ok");
  EXPECT_EQ(client.Read().body, "POST  ok");
  client.Send(
      "POST /refused HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n");
  const RawResponse refused = client.Read();
  EXPECT_EQ(refused.status, 403);
  EXPECT_EQ(refused.Header("Connection"), "close");
  EXPECT_TRUE(client.IsClosed());
}

TEST_F(HttpServerTest, AMalformedRequestIsToldAndTheConnectionEnds) {
  Start();
  for (const char* request :
       {"GET / HTTP/1.1\r\n\r\n", "GET / HTTP/1.1\nHost: h\n\n\r\n\r\n",
        "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nTransfer-Encoding: "
        "chunked\r\n\r\n0\r\n\r\n",
        "POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        "GARBAGE\r\n\r\n"}) {
    RawClient client(server_->port());
    client.Send(request);
    const RawResponse response = client.Read();
    EXPECT_EQ(response.status, 400) << request;
    EXPECT_EQ(response.Header("Content-Type"), "application/json");
    EXPECT_TRUE(client.IsClosed()) << request;
  }
}

TEST_F(HttpServerTest, ABodyThatIsTooLargeIsToldBeforeItIsSent) {
  Start({.decoder = {.body_bytes_max = 1'000}});
  RawClient client(server_->port());
  client.Send("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 1001\r\n\r\n");
  EXPECT_EQ(client.Read().status, 413);
  EXPECT_TRUE(client.IsClosed());
  EXPECT_EQ(handler_.requests, 0);
}

TEST_F(HttpServerTest, ACallerThatLeavesCancelsItsRequest) {
  Start();
  {
    RawClient client(server_->port());
    client.Request("GET", "/never");
    ASSERT_TRUE(WaitFor([this] { return handler_.requests == 1; }));
  }
  EXPECT_TRUE(WaitFor([this] { return handler_.cancelled == 1; }));
  RawClient reset(server_->port());
  reset.Send("POST /never HTTP/1.1\r\nHost: h\r\nContent-Length: 100\r\n\r\npart");
  ASSERT_TRUE(WaitFor([this] { return handler_.requests == 2; }));
  reset.Reset();
  EXPECT_TRUE(WaitFor([this] { return handler_.cancelled == 2; }));
  EXPECT_TRUE(WaitFor([this] { return server_->connections() == 0; }));
}

TEST_F(HttpServerTest, ASlowReaderHoldsTheWriterBack) {
  Start({.response_buffer_bytes_max = 64 << 10});
  RawClient client(server_->port(), 4'096);
  client.Request("GET", "/endless");
  size_t last = 0;
  // What the kernel's buffers take is written; then it stops.
  ASSERT_TRUE(WaitFor([&] {
    const size_t now = handler_.written;
    absl::SleepFor(absl::Milliseconds(50));
    const bool still = now > 0 && now == handler_.written;
    last = now;
    return still;
  }));
  EXPECT_LT(last, size_t{16} << 20);
  EXPECT_EQ(client.ReadSome(last + 100'000).size(), last + 100'000);
  EXPECT_GT(handler_.written, last);
}

TEST_F(HttpServerTest, SlowCallersAreCutOff) {
  Start({.head_timeout = absl::Milliseconds(100),
         .body_timeout = absl::Milliseconds(100),
         .idle_timeout = absl::Milliseconds(100),
         .stall_timeout = absl::Milliseconds(200)});
  RawClient idle(server_->port());
  EXPECT_TRUE(idle.IsClosed());
  RawClient head(server_->port());
  head.Send("GET / HTTP/1.1\r\nHo");
  EXPECT_EQ(head.Read().status, 408);
  RawClient body(server_->port());
  body.Send("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 100\r\n\r\npart");
  EXPECT_EQ(body.Read().status, 408);
  EXPECT_EQ(handler_.cancelled, 1);
  RawClient stalled(server_->port(), 4'096);
  stalled.Request("GET", "/endless");
  EXPECT_TRUE(WaitFor([this] { return handler_.cancelled == 2; }));
}

TEST_F(HttpServerTest, TooManyConnectionsAreTurnedAway) {
  Start({.connections_max = 2});
  RawClient one(server_->port());
  RawClient two(server_->port());
  ASSERT_TRUE(WaitFor([this] { return server_->connections() == 2; }));
  RawClient three(server_->port());
  EXPECT_EQ(three.Read().status, 503);
  EXPECT_TRUE(three.IsClosed());
}

TEST_F(HttpServerTest, DrainLetsAnswersFinishAndEndsTheIdle) {
  Start();
  RawClient idle(server_->port());
  idle.Request("GET", "/echo");
  EXPECT_EQ(idle.Read().status, 200);
  RawClient busy(server_->port());
  busy.Send("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\n");
  ASSERT_TRUE(WaitFor([this] { return handler_.requests == 2; }));
  auto drained = std::async(std::launch::async, [this] { server_->Drain(absl::Seconds(10)); });
  EXPECT_TRUE(idle.IsClosed());
  busy.Send("ok");
  EXPECT_EQ(busy.Read().body, "POST  ok");
  EXPECT_TRUE(busy.IsClosed());
  drained.wait();
}

TEST_F(HttpServerTest, DrainCutsWhatDoesNotFinishInTime) {
  Start();
  RawClient busy(server_->port());
  busy.Request("GET", "/never");
  ASSERT_TRUE(WaitFor([this] { return handler_.requests == 1; }));
  server_->Drain(absl::Milliseconds(20));
  EXPECT_EQ(handler_.cancelled, 1);
  EXPECT_TRUE(busy.IsClosed());
}

TEST_F(HttpServerTest, ABusyAddressIsRefusedByName) {
  Start();
  const auto second = HttpServer::Start({.address = server_->address()}, &handler_);
  EXPECT_EQ(second.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_TRUE(absl::StrContains(second.status().message(), server_->address()));
  for (const char* bad : {"", "127.0.0.1", "127.0.0.1:x", "127.0.0.1:70000", "::1:80", ":80"}) {
    EXPECT_EQ(HttpServer::Start({.address = bad}, &handler_).status().code(),
              absl::StatusCode::kInvalidArgument)
        << bad;
  }
}

TEST(AddressTest, LoopbackHasManyNames) {
  for (const char* yes : {"localhost", "LOCALHOST", "a.localhost", "localhost.", "127.0.0.1",
                          "127.9.9.9", "::1", "[::1]"}) {
    EXPECT_TRUE(IsLoopbackHost(yes)) << yes;
  }
  for (const char* no : {"", "evil.com", "localhost.evil.com", "127.0.0.1.evil.com", "0.0.0.0",
                         "::", "10.0.0.1", "notlocalhost"}) {
    EXPECT_FALSE(IsLoopbackHost(no)) << no;
  }
}

}  // namespace
}  // namespace sluice::http
