#include "server/rpc/acceptor.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "server/base/log.h"
#include "server/base/status.h"

namespace sluice::rpc {
namespace {

// Out of descriptors: the next try comes when some may be free again.
constexpr int kPauseMs = 100;
// Connections of one socket that are taken before the next socket's turn.
constexpr int kTakenEach = 64;
// How often the log says that connections are turned away.
constexpr absl::Duration kTellEvery = absl::Seconds(10);

void SetOption(int socket, int level, int name, int value) {
  setsockopt(socket, level, name, &value, sizeof(value));
}

void SetPort(sockaddr* address, int port) {
  if (address->sa_family == AF_INET6) {
    reinterpret_cast<sockaddr_in6*>(address)->sin6_port = htons(static_cast<uint16_t>(port));
  } else {
    reinterpret_cast<sockaddr_in*>(address)->sin_port = htons(static_cast<uint16_t>(port));
  }
}

// A socket that listens; errno tells why there is none (-1).
int ListenAt(const addrinfo& at) {
  const int listener = socket(at.ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (listener < 0) return -1;
  SetOption(listener, SOL_SOCKET, SO_REUSEADDR, 1);
  // Connections inherit it.
  SetOption(listener, IPPROTO_TCP, TCP_NODELAY, 1);
  // `[::]` stands for every address of the machine.
  if (at.ai_family == AF_INET6) SetOption(listener, IPPROTO_IPV6, IPV6_V6ONLY, 0);
  if (bind(listener, at.ai_addr, at.ai_addrlen) == 0 && listen(listener, SOMAXCONN) == 0) {
    return listener;
  }
  const int failure = errno;
  close(listener);
  errno = failure;
  return -1;
}

// Where a socket that listens is reached from this machine, and its port.
std::string AddressOf(int listener, int* port) {
  sockaddr_storage name{};
  socklen_t size = sizeof(name);
  getsockname(listener, reinterpret_cast<sockaddr*>(&name), &size);
  char text[INET6_ADDRSTRLEN] = "";
  if (name.ss_family == AF_INET6) {
    auto* const v6 = reinterpret_cast<sockaddr_in6*>(&name);
    *port = ntohs(v6->sin6_port);
    if (IN6_IS_ADDR_UNSPECIFIED(&v6->sin6_addr)) v6->sin6_addr = in6addr_loopback;
    inet_ntop(AF_INET6, &v6->sin6_addr, text, sizeof(text));
    return absl::StrCat("[", text, "]:", *port);
  }
  auto* const v4 = reinterpret_cast<sockaddr_in*>(&name);
  *port = ntohs(v4->sin_port);
  if (v4->sin_addr.s_addr == htonl(INADDR_ANY)) v4->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  inet_ntop(AF_INET, &v4->sin_addr, text, sizeof(text));
  return absl::StrCat(text, ":", *port);
}

absl::Status CannotListen(const std::string& address, int error) {
  return absl::UnavailableError(absl::StrCat("cannot listen on ", address,
                                             " (--listen): ", std::system_category().message(error),
                                             error == EADDRINUSE ? ": is the port in use?" : ""));
}

}  // namespace

absl::StatusOr<std::unique_ptr<Acceptor>> Acceptor::Listen(const std::string& address,
                                                           int descriptors_max) {
  auto acceptor = std::unique_ptr<Acceptor>(new Acceptor(descriptors_max));
  RETURN_IF_ERROR(acceptor->ListenOn(address));
  return acceptor;
}

absl::Status Acceptor::ListenOn(const std::string& address) {
  const size_t colon = address.rfind(':');
  std::string host = address.substr(0, colon);
  if (colon == std::string::npos || host.empty()) {
    return absl::InvalidArgumentError(absl::StrCat(address, " is not of the form host:port"));
  }
  if (host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
  addrinfo hints{};
  hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int failure = getaddrinfo(host.c_str(), address.c_str() + colon + 1, &hints, &found);
  if (failure != 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("cannot resolve ", address, ": ", gai_strerror(failure)));
  }
  const absl::Cleanup free = [found] { freeaddrinfo(found); };
  stop_ = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  if (stop_ < 0) return CannotListen(address, errno);
  int unusable = EADDRNOTAVAIL;
  for (const addrinfo* each = found; each != nullptr; each = each->ai_next) {
    if (port_ != 0) SetPort(each->ai_addr, port_);
    if (const int listener = ListenAt(*each); listener >= 0) {
      listeners_.push_back(listener);
      if (port_ == 0) self_address_ = AddressOf(listener, &port_);
    } else if (errno == EADDRNOTAVAIL || errno == EAFNOSUPPORT) {
      // A machine without IPv6 still has `localhost`.
      unusable = errno;
    } else {
      return CannotListen(address, errno);
    }
  }
  return listeners_.empty() ? CannotListen(address, unusable) : absl::OkStatus();
}

Acceptor::~Acceptor() {
  Stop();
  if (stop_ >= 0) close(stop_);
}

void Acceptor::Start(std::unique_ptr<Receiver> receiver) {
  receiver_ = std::move(receiver);
  thread_ = std::thread([this] { Run(); });
}

void Acceptor::Stop() {
  if (stop_ >= 0) eventfd_write(stop_, 1);
  if (thread_.joinable()) thread_.join();
  for (const int listener : listeners_) close(listener);
  listeners_.clear();
}

void Acceptor::Run() {
  pthread_setname_np(pthread_self(), "sluice-accept");
  std::vector<pollfd> waited = {{.fd = stop_, .events = POLLIN, .revents = 0}};
  for (const int listener : listeners_) {
    waited.push_back({.fd = listener, .events = POLLIN, .revents = 0});
  }
  while (true) {
    if (poll(waited.data(), waited.size(), -1) < 0 && errno != EINTR) return;
    if (waited[0].revents != 0) return;
    bool room = true;
    for (size_t i = 1; i < waited.size(); ++i) {
      if (waited[i].revents != 0) room = Take(waited[i].fd) && room;
    }
    // What waits is still there afterwards, so that the poll above would not wait.
    if (!room) poll(waited.data(), 1, kPauseMs);
  }
}

bool Acceptor::Take(int listener) {
  for (int i = 0; i < kTakenEach; ++i) {
    const int connection = accept4(listener, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (connection < 0) {
      // All else is of a connection that has gone already.
      return errno != EMFILE && errno != ENFILE && errno != ENOBUFS && errno != ENOMEM;
    }
    if (connection >= descriptors_max_) {
      TurnAway(connection);
      continue;
    }
    Receiver::NewConnectionParameters parameters;
    parameters.listener_fd = listener;
    parameters.fd = connection;
    receiver_->HandleNewConnection(&parameters);
  }
  return true;
}

void Acceptor::TurnAway(int connection) {
  close(connection);
  if (absl::Now() - told_ < kTellEvery) return;
  told_ = absl::Now();
  Log(LogLevel::kWarning, "turned gRPC connections away: too many descriptors are in use",
      {{"descriptors_max", descriptors_max_}});
}

}  // namespace sluice::rpc
