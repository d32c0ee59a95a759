// Load for the comparisons with peers, from a process of its own. Prints one number.
#include <cstdio>
#include <cstdlib>
#include <string>

#include "sluice/v1/row.pb.h"
#include "tests/bench/http_load.h"
#include "tests/bench/load.h"

namespace sluice::bench {
namespace {

double GetRows(const std::string& address, const std::string& table, const std::string& key,
               int in_flight, double seconds) {
  v1::GetRowRequest request;
  request.set_database("data");
  request.set_table(table);
  request.set_key(key);
  return RunUnary(Connect(address), "/sluice.v1.RowService/GetRow", in_flight, seconds, "",
                  [&] { return Bytes(request); })
      .calls_per_second;
}

int Usage() {
  std::fprintf(stderr,
               "usage: bench_load http ADDRESS PATH CONNECTIONS SECONDS   requests/s\n"
               "       bench_load whole ADDRESS PATH                      seconds for one answer\n"
               "       bench_load row ADDRESS TABLE KEY CALLS SECONDS     calls/s of GetRow\n");
  return 2;
}

}  // namespace
}  // namespace sluice::bench

int main(int argc, char** argv) {
  using namespace sluice::bench;  // NOLINT(google-build-using-namespace)
  const std::string what = argc > 1 ? argv[1] : "";
  if (what == "http" && argc == 6) {
    std::printf("%.3f\n", RunHttp(argv[2], argv[3], std::atoi(argv[4]), std::atof(argv[5])));
  } else if (what == "whole" && argc == 4) {
    std::printf("%.6f\n", ReadHttp(argv[2], argv[3]).seconds);
  } else if (what == "row" && argc == 7) {
    std::printf("%.3f\n",
                GetRows(argv[2], argv[3], argv[4], std::atoi(argv[5]), std::atof(argv[6])));
  } else {
    return Usage();
  }
  return 0;
}
