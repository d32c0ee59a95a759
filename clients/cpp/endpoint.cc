#include "clients/cpp/endpoint.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <fstream>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace sluice::client {
namespace {

// Tokens are some hundred bytes; a larger file is none.
constexpr std::streamsize kTokenBytesMax = 8 << 10;

// Empty when unset.
std::string Environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string() : std::string(value);
}

// Empty when there is no home. Relative directories are to be ignored, says the XDG specification.
std::string AdminTokenPath() {
  std::string state = Environment("XDG_STATE_HOME");
  if (!absl::StartsWith(state, "/")) {
    const std::string home = Environment("HOME");
    if (home.empty()) return "";
    state = absl::StrCat(home, "/.local/state");
  }
  return absl::StrCat(state, "/sluice/admin-token");
}

std::string ReadToken(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string content(static_cast<size_t>(kTokenBytesMax) + 1, '\0');
  file.read(content.data(), kTokenBytesMax + 1);
  if (file.gcount() > kTokenBytesMax) return "";
  content.resize(static_cast<size_t>(file.gcount()));
  return std::string(absl::StripAsciiWhitespace(content));
}

// The host of `host:port`, `[v6]:port` or a bare host.
std::string HostOf(absl::string_view target) {
  if (absl::ConsumePrefix(&target, "[")) {
    const size_t end = target.find(']');
    if (end == absl::string_view::npos) return "";
    // What follows may be a port, but no further address.
    absl::string_view port = target.substr(end + 1);
    const bool is_port = absl::ConsumePrefix(&port, ":") && !port.empty() &&
                         std::all_of(port.begin(), port.end(), absl::ascii_isdigit);
    return end + 1 == target.size() || is_port ? std::string(target.substr(0, end)) : "";
  }
  const size_t colon = target.find(':');
  // More than one colon: an IPv6 address without a port.
  if (colon != absl::string_view::npos && target.find(':', colon + 1) == absl::string_view::npos) {
    target = target.substr(0, colon);
  }
  return std::string(target);
}

}  // namespace

std::string ResolveAddress(absl::string_view given) {
  if (!given.empty()) return std::string(given);
  std::string address = Environment("SLUICE_ADDRESS");
  return address.empty() ? std::string(kDefaultAddress) : address;
}

Credential FindCredential(const std::optional<std::string>& given, absl::string_view address) {
  if (given.has_value()) return {*given, Credential::Source::kGiven, ""};
  std::string token(absl::StripAsciiWhitespace(Environment("SLUICE_TOKEN")));
  if (!token.empty()) return {std::move(token), Credential::Source::kEnvironment, ""};
  if (!IsLoopback(address)) return {};
  const std::string path = AdminTokenPath();
  if (path.empty()) return {};
  token = ReadToken(path);
  if (token.empty()) return {};
  return {std::move(token), Credential::Source::kFile, path};
}

bool IsLoopback(absl::string_view address) {
  if (absl::StartsWith(address, "unix:") || absl::StartsWith(address, "unix-abstract:"))
    return true;
  absl::ConsumePrefix(&address, "dns:");
  absl::ConsumePrefix(&address, "///");
  absl::ConsumePrefix(&address, "ipv4:");
  absl::ConsumePrefix(&address, "ipv6:");
  const std::string host = HostOf(address);
  if (absl::EqualsIgnoreCase(host, "localhost")) return true;
  in_addr v4{};
  if (inet_pton(AF_INET, host.c_str(), &v4) == 1) return (ntohl(v4.s_addr) >> 24) == 127;
  in6_addr v6{};
  return inet_pton(AF_INET6, host.c_str(), &v6) == 1 && IN6_IS_ADDR_LOOPBACK(&v6);
}

bool IsSendableToken(absl::string_view token) {
  return std::all_of(token.begin(), token.end(),
                     [](char c) { return absl::ascii_isgraph(static_cast<unsigned char>(c)); });
}

}  // namespace sluice::client
