// An HTTP/1.1 server over Boost.Asio: keep-alive, pipelining (answers in order), chunked bodies,
// limits and timeouts against slow and hostile callers, and back-pressure in both directions. It
// knows nothing of what it serves: see Handler in gateway/http.h.
//
// Thread-safe. Owns its threads, its listening socket and its connections; not the handler.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

#include "gateway/http.h"
#include "gateway/http1_decoder.h"
#include "server/base/limits.h"

namespace sluice::http {

struct HttpServerOptions {
  // `host:port`, `[v6]:port`; the host may be a name. Port 0 takes a free one.
  std::string address = "127.0.0.1:0";
  int threads = 1;
  // Beyond it a caller is told so (503) and let go.
  size_t connections_max = 1'024;
  // The same for one whose descriptor is not below it; see server/base/descriptors.h.
  int descriptors_max = std::numeric_limits<int>::max();
  // The body has room for a message of kRequestBytesMax whose bytes fields are base64.
  DecoderLimits decoder = {.body_bytes_max = limits::kRequestBytesMax / 3 * 4 + (64 << 10)};
  // Bytes of one answer that wait for the caller before Write says to stop.
  // Two messages of a download, so that one is on its way in while the other is on its way out.
  size_t response_buffer_bytes_max = size_t{512} << 10;
  // From a request's first byte to the end of its headers.
  absl::Duration head_timeout = absl::Seconds(10);
  // From the headers to the end of the body.
  absl::Duration body_timeout = absl::Seconds(60);
  // Between requests.
  absl::Duration idle_timeout = absl::Seconds(75);
  // A caller that takes nothing of its answer.
  absl::Duration stall_timeout = limits::kStreamStallMax;
  // Given connections that begin with HTTP/2's preface: the descriptor, which it owns from then on,
  // and what was read from it already. Unset: they are refused as any malformed request.
  std::function<void(int descriptor, const std::string& read)> take_http2 = nullptr;
};

class HttpServer {
 public:
  // Listens and serves. UNAVAILABLE, naming the address, when it cannot be bound; INVALID_ARGUMENT
  // when it is no address.
  static absl::StatusOr<std::unique_ptr<HttpServer>> Start(const HttpServerOptions& options,
                                                           Handler* handler);
  // Ends everything at once, as Drain with no time.
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  // `127.0.0.1:7072`, with the port that was bound.
  const std::string& address() const { return address_; }
  int port() const { return port_; }
  size_t connections() const;

  // Listens no more, ends idle connections, lets requests in flight finish for at most `grace`,
  // then cuts them. Returns when nothing is left. May be called more than once.
  void Drain(absl::Duration grace);

 private:
  class Loop;
  explicit HttpServer(std::unique_ptr<Loop> loop);

  std::unique_ptr<Loop> loop_;
  std::string address_;
  int port_ = 0;
};

// Splits `host:port`; brackets around an IPv6 host are dropped.
absl::Status SplitAddress(absl::string_view address, std::string* host, std::string* port);

// Whether every address that `host` stands for is loopback: 127.0.0.0/8, ::1 and names under
// localhost.
bool IsLoopbackHost(absl::string_view host);

// Whether a request's Host header names a loopback host. A server on loopback that answers others
// can be read by any web page, through a name that resolves to 127.0.0.1.
bool NamesLoopback(const RequestHead& head);
inline constexpr absl::string_view kForeignHost =
    "This server answers only to localhost, 127.0.0.1 and [::1]: the Host header names another";

}  // namespace sluice::http
