#include "gateway/testing/raw_client.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

#include "server/base/check.h"

namespace sluice::http::testing {
namespace {

constexpr int kPatienceMs = 10'000;

}  // namespace

std::string RawResponse::Header(absl::string_view name) const {
  for (const absl::string_view line : absl::StrSplit(head, "\r\n")) {
    const std::pair<absl::string_view, absl::string_view> parts =
        absl::StrSplit(line, absl::MaxSplits(": ", 1));
    if (absl::EqualsIgnoreCase(parts.first, name)) return std::string(parts.second);
  }
  return "";
}

RawClient::RawClient(int port, int receive_buffer_bytes) {
  socket_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  CHECK(socket_ >= 0);
  if (receive_buffer_bytes > 0) {
    ::setsockopt(socket_, SOL_SOCKET, SO_RCVBUF, &receive_buffer_bytes,
                 sizeof(receive_buffer_bytes));
  }
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  CHECK(::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0);
}

RawClient::~RawClient() {
  if (socket_ >= 0) ::close(socket_);
}

bool RawClient::Send(absl::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<size_t>(sent));
  }
  return true;
}

bool RawClient::Request(absl::string_view method, absl::string_view path, absl::string_view headers,
                        absl::string_view body) {
  const std::string length =
      body.empty() ? "" : absl::StrCat("Content-Length: ", body.size(), "\r\n");
  return Send(absl::StrCat(method, " ", path, " HTTP/1.1\r\nHost: localhost\r\n", headers, length,
                           "\r\n", body));
}

bool RawClient::Fill() {
  pollfd poll_one{socket_, POLLIN, 0};
  if (::poll(&poll_one, 1, kPatienceMs) <= 0) return false;
  char bytes[65'536];
  const ssize_t got = ::recv(socket_, bytes, sizeof(bytes), 0);
  if (got <= 0) return false;
  buffer_.append(bytes, static_cast<size_t>(got));
  return true;
}

bool RawClient::ReadChunks(std::string* body) {
  while (true) {
    size_t end = 0;
    while ((end = buffer_.find("\r\n")) == std::string::npos) {
      if (!Fill()) return false;
    }
    const size_t size = std::strtoul(buffer_.c_str(), nullptr, 16);
    while (buffer_.size() < end + 2 + size + 2) {
      if (!Fill()) return false;
    }
    body->append(buffer_, end + 2, size);
    buffer_.erase(0, end + 2 + size + 2);
    if (size == 0) return true;
  }
}

RawResponse RawClient::Read(bool to_head) {
  RawResponse response;
  size_t end = 0;
  while ((end = buffer_.find("\r\n\r\n")) == std::string::npos) {
    if (!Fill()) return response;
  }
  response.head = buffer_.substr(0, end);
  buffer_.erase(0, end + 4);
  CHECK(absl::StartsWith(response.head, "HTTP/1.1 "));
  CHECK(absl::SimpleAtoi(response.head.substr(9, 3), &response.status));
  const std::string length = response.Header("Content-Length");
  if (to_head || response.status == 204 || response.status == 304 || response.status == 100) {
    response.complete = true;
  } else if (response.Header("Transfer-Encoding") == "chunked") {
    response.complete = ReadChunks(&response.body);
  } else if (!length.empty()) {
    size_t bytes = 0;
    CHECK(absl::SimpleAtoi(length, &bytes));
    response.body = ReadSome(bytes);
    response.complete = response.body.size() == bytes;
  } else {
    response.body = ReadAll();
    response.complete = true;
  }
  return response;
}

std::string RawClient::ReadSome(size_t bytes) {
  while (buffer_.size() < bytes && Fill()) {
  }
  std::string some = buffer_.substr(0, bytes);
  buffer_.erase(0, bytes);
  return some;
}

std::string RawClient::ReadAll() {
  while (Fill()) {
  }
  return std::move(buffer_);
}

bool RawClient::IsClosed(std::chrono::milliseconds patience) {
  const auto until = std::chrono::steady_clock::now() + patience;
  while (true) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
        until - std::chrono::steady_clock::now());
    pollfd poll_one{socket_, POLLIN, 0};
    if (left.count() <= 0 || ::poll(&poll_one, 1, static_cast<int>(left.count())) <= 0)
      return false;
    char bytes[4'096];
    if (::recv(socket_, bytes, sizeof(bytes), 0) <= 0) return true;
  }
}

void RawClient::CloseWriting() { ::shutdown(socket_, SHUT_WR); }

void RawClient::Reset() {
  const linger now{1, 0};
  ::setsockopt(socket_, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
  ::close(socket_);
  socket_ = -1;
}

}  // namespace sluice::http::testing
