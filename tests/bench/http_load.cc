#include "tests/bench/http_load.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "server/base/check.h"

namespace sluice::bench {
namespace {

using Clock = std::chrono::steady_clock;

double SecondsSince(Clock::time_point begun) {
  return std::chrono::duration<double>(Clock::now() - begun).count();
}

int Connect(const std::string& address) {
  const size_t colon = address.rfind(':');
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(static_cast<uint16_t>(std::atoi(address.c_str() + colon + 1)));
  CHECK(inet_pton(AF_INET, address.substr(0, colon).c_str(), &to.sin_addr) == 1);
  const int connection = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  CHECK(connect(connection, reinterpret_cast<const sockaddr*>(&to), sizeof(to)) == 0);
  const int on = 1;
  setsockopt(connection, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  return connection;
}

void Send(int connection, const std::string& request) {
  CHECK(write(connection, request.data(), request.size()) == static_cast<ssize_t>(request.size()));
}

// One connection and what has come of the answer under way.
class Caller {
 public:
  Caller(const std::string& address, std::string request)
      : request_(std::move(request)), connection_(Connect(address)) {
    Ask();
  }
  ~Caller() { close(connection_); }
  Caller(const Caller&) = delete;
  Caller& operator=(const Caller&) = delete;

  int connection() const { return connection_; }

  void Ask() {
    answer_.clear();
    Send(connection_, request_);
  }

  // Reads what is there; whether the answer is whole.
  bool Read() {
    char piece[size_t{64} << 10];
    const ssize_t size = read(connection_, piece, sizeof(piece));
    CHECK(size > 0);
    answer_.append(piece, static_cast<size_t>(size));
    const size_t end = answer_.find("\r\n\r\n");
    if (end == std::string::npos) return false;
    if (!absl::StartsWith(answer_, "HTTP/1.1 20")) {
      std::fprintf(stderr, "%s\n", answer_.c_str());
      std::exit(1);
    }
    const std::string head = absl::AsciiStrToLower(answer_.substr(0, end));
    const size_t length = head.find("\r\ncontent-length:");
    if (length == std::string::npos) return EndsChunks(end + 4);
    return answer_.size() >=
           end + 4 + std::strtoull(head.c_str() + length + 17, nullptr, /*base=*/10);
  }

 private:
  // Whether the chunk without bytes has come.
  bool EndsChunks(size_t at) const {
    while (true) {
      const size_t line = answer_.find("\r\n", at);
      if (line == std::string::npos) return false;
      const size_t size = std::strtoull(answer_.c_str() + at, nullptr, /*base=*/16);
      at = line + 2 + size + 2;
      if (at > answer_.size()) return false;
      if (size == 0) return true;
    }
  }

  const std::string request_;
  const int connection_;
  std::string answer_;
};

}  // namespace

HttpAnswer ReadHttp(const std::string& address, const std::string& path) {
  const int connection = Connect(address);
  const auto begun = Clock::now();
  Send(connection,
       absl::StrCat("GET ", path, " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"));
  std::vector<char> buffer(size_t{256} << 10);
  double bytes = 0;
  for (ssize_t size = 1; size > 0;) {
    size = read(connection, buffer.data(), buffer.size());
    if (bytes == 0) CHECK(absl::StartsWith({buffer.data(), 15}, "HTTP/1.1 200 OK"));
    bytes += static_cast<double>(std::max<ssize_t>(size, 0));
  }
  close(connection);
  return {bytes, SecondsSince(begun)};
}

double RunHttp(const std::string& address, const std::string& path, int connections,
               double seconds) {
  return RunRequests(address, absl::StrCat("GET ", path, " HTTP/1.1\r\nHost: localhost\r\n\r\n"),
                     connections, seconds);
}

double RunRequests(const std::string& address, const std::string& request, int connections,
                   double seconds) {
  std::vector<std::unique_ptr<Caller>> callers;
  std::vector<pollfd> waiting;
  const auto begun = Clock::now();
  for (int i = 0; i < connections; ++i) {
    callers.push_back(std::make_unique<Caller>(address, request));
    waiting.push_back({.fd = callers.back()->connection(), .events = POLLIN, .revents = 0});
  }
  int answers = 0;
  while (SecondsSince(begun) < seconds) {
    CHECK(poll(waiting.data(), waiting.size(), /*timeout=*/60'000) > 0);
    for (size_t i = 0; i < waiting.size(); ++i) {
      if (waiting[i].revents == 0 || !callers[i]->Read()) continue;
      ++answers;
      callers[i]->Ask();
    }
  }
  return answers / SecondsSince(begun);
}

}  // namespace sluice::bench
