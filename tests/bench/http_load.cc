#include "tests/bench/http_load.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "server/base/check.h"

namespace sluice::bench {

double ReadHttp(const std::string& address, const std::string& path) {
  const size_t colon = address.rfind(':');
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(static_cast<uint16_t>(std::atoi(address.c_str() + colon + 1)));
  CHECK(inet_pton(AF_INET, address.substr(0, colon).c_str(), &to.sin_addr) == 1);
  const int connection = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  CHECK(connect(connection, reinterpret_cast<const sockaddr*>(&to), sizeof(to)) == 0);
  const std::string request =
      absl::StrCat("GET ", path, " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
  const auto begun = std::chrono::steady_clock::now();
  CHECK(write(connection, request.data(), request.size()) == static_cast<ssize_t>(request.size()));
  std::vector<char> buffer(size_t{256} << 10);
  double bytes = 0;
  for (ssize_t size = 1; size > 0;) {
    size = read(connection, buffer.data(), buffer.size());
    if (bytes == 0) CHECK(absl::StartsWith({buffer.data(), 15}, "HTTP/1.1 200 OK"));
    bytes += static_cast<double>(std::max<ssize_t>(size, 0));
  }
  close(connection);
  const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - begun;
  return bytes / elapsed.count() / 1e6;
}

}  // namespace sluice::bench
