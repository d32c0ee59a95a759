#include "gateway/http_server.h"

#include <chrono>
#include <thread>
#include <utility>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"

#include "gateway/http_connection.h"
#include "server/base/mutex.h"
#include "server/base/status.h"

namespace sluice::http {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

// Out of descriptors: the next try comes when some may be free again.
constexpr std::chrono::milliseconds kAcceptPause{100};

std::string FormatEndpoint(const tcp::endpoint& endpoint) {
  const std::string host = endpoint.address().to_string();
  return endpoint.address().is_v6() ? absl::StrCat("[", host, "]:", endpoint.port())
                                    : absl::StrCat(host, ":", endpoint.port());
}

absl::StatusOr<tcp::endpoint> Resolve(asio::io_context* io, absl::string_view address) {
  std::string host;
  std::string port;
  RETURN_IF_ERROR(SplitAddress(address, &host, &port));
  error_code error;
  tcp::resolver resolver(*io);
  const auto found = resolver.resolve(host, port, tcp::resolver::passive, error);
  if (error || found.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat("cannot resolve ", address, ": ", error.message()));
  }
  return found.begin()->endpoint();
}

}  // namespace

absl::Status SplitAddress(absl::string_view address, std::string* host, std::string* port) {
  const size_t colon = address.rfind(':');
  int number = -1;
  if (colon == absl::string_view::npos || !absl::SimpleAtoi(address.substr(colon + 1), &number) ||
      number < 0 || number > 65535) {
    return absl::InvalidArgumentError(absl::StrCat(address, " is not of the form host:port"));
  }
  absl::string_view name = address.substr(0, colon);
  if (absl::StartsWith(name, "[") && absl::EndsWith(name, "]")) {
    name = name.substr(1, name.size() - 2);
  } else if (absl::StrContains(name, ":")) {
    return absl::InvalidArgumentError(
        absl::StrCat(address, ": an IPv6 address stands in brackets, as in [::1]:7072"));
  }
  if (name.empty()) {
    return absl::InvalidArgumentError(absl::StrCat(address, " names no host"));
  }
  *host = std::string(name);
  *port = absl::StrCat(number);
  return absl::OkStatus();
}

bool IsLoopbackHost(absl::string_view host) {
  if (absl::StartsWith(host, "[") && absl::EndsWith(host, "]")) {
    host = host.substr(1, host.size() - 2);
  }
  if (absl::EndsWith(host, ".")) host.remove_suffix(1);
  const std::string lower = absl::AsciiStrToLower(host);
  if (lower == "localhost" || absl::EndsWith(lower, ".localhost")) return true;
  error_code error;
  const auto address = asio::ip::make_address(lower, error);
  return !error && address.is_loopback();
}

bool NamesLoopback(const RequestHead& head) {
  const absl::string_view host = head.headers.Get("Host");
  // `[::1]:7072` and `localhost:7072` without the port.
  const size_t bracket = host.rfind(']');
  const size_t colon = host.rfind(':');
  const bool port =
      colon != absl::string_view::npos && (bracket == absl::string_view::npos || colon > bracket);
  return IsLoopbackHost(port ? host.substr(0, colon) : host);
}

// The io_context with everything in it.
class HttpServer::Loop {
 public:
  Loop(HttpServerOptions options, Handler* handler)
      : options_(std::move(options)),
        handler_(handler),
        acceptor_(asio::make_strand(io_)),
        retry_(acceptor_.get_executor()) {}

  absl::StatusOr<tcp::endpoint> Listen();
  void Run();
  void Drain(absl::Duration grace);

  size_t connections() const {
    MutexLock lock(&mutex_);
    return connections_.size();
  }

 private:
  void Accept();
  void OnAccepted(const error_code& error, tcp::socket socket);
  void Admit(tcp::socket socket);
  static void TurnAway(tcp::socket socket);
  void OnClosed(Connection* connection);
  void ForEachConnection(void (Connection::*call)());
  // False when some are left at `until`.
  bool WaitUntilEmpty(absl::Time until);

  const HttpServerOptions options_;
  Handler* const handler_;
  asio::io_context io_;
  tcp::acceptor acceptor_;
  asio::steady_timer retry_;
  std::vector<std::thread> threads_;

  mutable Mutex mutex_;
  CondVar closed_;
  absl::flat_hash_map<Connection*, std::shared_ptr<Connection>> connections_
      ABSL_GUARDED_BY(mutex_);
  bool draining_ ABSL_GUARDED_BY(mutex_) = false;
};

absl::StatusOr<tcp::endpoint> HttpServer::Loop::Listen() {
  ASSIGN_OR_RETURN(const tcp::endpoint endpoint, Resolve(&io_, options_.address));
  error_code error;
  acceptor_.open(endpoint.protocol(), error);
  // SO_REUSEADDR lets a restart follow a stop at once; a second server is still refused, since
  // SO_REUSEPORT stays off.
  if (!error) acceptor_.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error) acceptor_.bind(endpoint, error);
  if (!error) acceptor_.listen(asio::socket_base::max_listen_connections, error);
  if (error) {
    return absl::UnavailableError(absl::StrCat("cannot listen for HTTP on ",
                                               FormatEndpoint(endpoint), ": ", error.message()));
  }
  const tcp::endpoint bound = acceptor_.local_endpoint(error);
  if (error) return absl::UnavailableError(error.message());
  return bound;
}

void HttpServer::Loop::Run() {
  Accept();
  for (int i = 0; i < std::max(1, options_.threads); ++i) {
    threads_.emplace_back([this] { io_.run(); });
  }
}

void HttpServer::Loop::Accept() {
  acceptor_.async_accept(asio::make_strand(io_), [this](const error_code& error, auto socket) {
    OnAccepted(error, std::move(socket));
  });
}

void HttpServer::Loop::OnAccepted(const error_code& error, tcp::socket socket) {
  if (!acceptor_.is_open()) return;
  if (!error) {
    Admit(std::move(socket));
    return Accept();
  }
  if (error == asio::error::connection_aborted) return Accept();
  retry_.expires_after(kAcceptPause);
  retry_.async_wait([this](const error_code& cancelled) {
    if (!cancelled && acceptor_.is_open()) Accept();
  });
}

void HttpServer::Loop::Admit(tcp::socket socket) {
  std::shared_ptr<Connection> connection;
  const bool room = socket.native_handle() < options_.descriptors_max;
  {
    MutexLock lock(&mutex_);
    if (room && !draining_ && connections_.size() < options_.connections_max) {
      connection = std::make_shared<Connection>(std::move(socket), options_, handler_,
                                                [this](Connection* closed) { OnClosed(closed); });
      connections_.emplace(connection.get(), connection);
    }
  }
  // NOLINTNEXTLINE(bugprone-use-after-move): it was moved only where there is a connection.
  if (connection == nullptr) return TurnAway(std::move(socket));
  connection->Start();
}

void HttpServer::Loop::TurnAway(tcp::socket socket) {
  static const std::string* const kAnswer = [] {
    const std::string body = ErrorJson(14, "Too many connections");
    return new std::string(absl::StrCat(
        "HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/json\r\nContent-Length: ",
        body.size(), "\r\nRetry-After: 1\r\nConnection: close\r\n\r\n", body));
  }();
  error_code ignored;
  socket.non_blocking(true, ignored);
  socket.write_some(asio::buffer(*kAnswer), ignored);
  socket.shutdown(tcp::socket::shutdown_send, ignored);
}

void HttpServer::Loop::OnClosed(Connection* connection) {
  MutexLock lock(&mutex_);
  connections_.erase(connection);
  closed_.SignalAll();
}

void HttpServer::Loop::ForEachConnection(void (Connection::*call)()) {
  std::vector<std::shared_ptr<Connection>> connections;
  {
    MutexLock lock(&mutex_);
    for (const auto& [key, connection] : connections_) connections.push_back(connection);
  }
  for (const auto& connection : connections) (connection.get()->*call)();
}

bool HttpServer::Loop::WaitUntilEmpty(absl::Time until) {
  MutexLock lock(&mutex_);
  while (!connections_.empty()) {
    const absl::Duration left = until - absl::Now();
    if (left <= absl::ZeroDuration()) return false;
    closed_.WaitWithTimeout(&mutex_, left);
  }
  return true;
}

void HttpServer::Loop::Drain(absl::Duration grace) {
  {
    MutexLock lock(&mutex_);
    draining_ = true;
  }
  asio::post(acceptor_.get_executor(), [this] {
    error_code ignored;
    acceptor_.close(ignored);
    retry_.cancel(ignored);
  });
  ForEachConnection(&Connection::DrainSoon);
  if (!WaitUntilEmpty(absl::Now() + grace)) {
    ForEachConnection(&Connection::CloseSoon);
    WaitUntilEmpty(absl::InfiniteFuture());
  }
  // The threads leave run() when nothing is left to do.
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
}

HttpServer::HttpServer(std::unique_ptr<Loop> loop) : loop_(std::move(loop)) {}

absl::StatusOr<std::unique_ptr<HttpServer>> HttpServer::Start(const HttpServerOptions& options,
                                                              Handler* handler) {
  auto loop = std::make_unique<Loop>(options, handler);
  ASSIGN_OR_RETURN(const tcp::endpoint endpoint, loop->Listen());
  loop->Run();
  auto server = std::unique_ptr<HttpServer>(new HttpServer(std::move(loop)));
  server->address_ = FormatEndpoint(endpoint);
  server->port_ = endpoint.port();
  return server;
}

HttpServer::~HttpServer() { Drain(absl::ZeroDuration()); }

size_t HttpServer::connections() const { return loop_->connections(); }

void HttpServer::Drain(absl::Duration grace) { loop_->Drain(grace); }

}  // namespace sluice::http
