// Load of inserts for the comparisons with peers, from a process of its own. Prints one number.
#include <cstdio>
#include <cstdlib>
#include <string>

#include "absl/strings/str_cat.h"
#include "sluice/v1/row.pb.h"
#include "tests/bench/http_load.h"
#include "tests/bench/load.h"

namespace sluice::bench {
namespace {

double InsertRows(const std::string& address, const std::string& token, int rows_each,
                  int in_flight, double seconds) {
  v1::InsertRowsRequest request;
  request.set_database("data");
  request.set_table("small");
  request.add_columns("name");
  request.add_columns("value");
  for (int i = 0; i < rows_each; ++i) {
    v1::Row& row = *request.add_rows();
    row.add_values()->set_text("a name of some bytes");
    row.add_values()->set_real(2.5);
  }
  return RunUnary(Connect(address), "/sluice.v1.RowService/InsertRows", in_flight, seconds, token,
                  [&] { return Bytes(request); })
      .calls_per_second;
}

double Post(const std::string& address, const std::string& path, const std::string& token,
            const std::string& body, int connections, double seconds) {
  const std::string authorization =
      token == "-" ? "" : absl::StrCat("Authorization: Bearer ", token, "\r\n");
  return RunRequests(address,
                     absl::StrCat("POST ", path, " HTTP/1.1\r\nHost: localhost\r\n", authorization,
                                  "Content-Type: application/json\r\nContent-Length: ", body.size(),
                                  "\r\n\r\n", body),
                     connections, seconds);
}

std::string ReadAll(std::FILE* file) {
  std::string all;
  char piece[4096];
  for (size_t size = 1; size > 0;) {
    size = std::fread(piece, 1, sizeof(piece), file);
    all.append(piece, size);
  }
  return all;
}

int Usage() {
  std::fprintf(stderr,
               "usage: bench_inserts grpc ADDRESS TOKEN ROWS-EACH CALLS SECONDS    calls/s\n"
               "       bench_inserts post ADDRESS PATH TOKEN CONNECTIONS SECONDS  requests/s, each "
               "with what stands on the standard input; - for no token\n");
  return 2;
}

}  // namespace
}  // namespace sluice::bench

int main(int argc, char** argv) {
  using namespace sluice::bench;  // NOLINT(google-build-using-namespace)
  const std::string what = argc > 1 ? argv[1] : "";
  if (argc != 7) return Usage();
  if (what == "grpc") {
    std::printf("%.3f\n", InsertRows(argv[2], argv[3], std::atoi(argv[4]), std::atoi(argv[5]),
                                     std::atof(argv[6])));
  } else if (what == "post") {
    std::printf("%.3f\n", Post(argv[2], argv[3], argv[4], ReadAll(stdin), std::atoi(argv[5]),
                               std::atof(argv[6])));
  } else {
    return Usage();
  }
  return 0;
}
