// Measures what reads keep of their own rate while writes go on as fast as they can, and while
// calls that touch no database take the same cores, in turns, and prints a table. See README.md
// beside.
#include <grpcpp/grpcpp.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "server/base/check.h"
#include "server/sqlite/test_database.h"
#include "sluice/v1/row.pb.h"
#include "tests/bench/load.h"
#include "tests/bench/process.h"

namespace sluice::bench {
namespace {

constexpr int kRows = 1'000'000;
constexpr int kTurns = 5;
constexpr double kSeconds = 2;
// Of what goes on beside.
constexpr int kInFlight = 64;
constexpr int kReadsInFlight[] = {1, 8, 64};
constexpr char kToken[] = "bench-token-of-16-characters";

double Median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

struct Rates {
  std::vector<double> reads_alone;
  std::vector<double> reads_beside_echoes;
  std::vector<double> reads;
  std::vector<double> writes_alone;
  std::vector<double> writes;
};

class Mixed {
 public:
  Mixed(const std::string& programs, const std::string& limits)
      : database_(
            "CREATE TABLE big(id INTEGER PRIMARY KEY, qty INTEGER, price REAL, code TEXT, note "
            "TEXT, at INTEGER);\n"
            "CREATE TABLE small(id INTEGER PRIMARY KEY, name TEXT, value REAL)"),
        limits_({limits}),
        server_(Prepare(programs)),
        echoes_(Connect(limits_.address())),
        reads_(Connect(server_.address())),
        writes_(Connect(server_.address())) {}

  void Run() {
    std::printf(
        "| GetRow | alone, reads/s | beside %d raw echoes | beside %d inserts | kept of alone | "
        "kept "
        "of beside echoes (aim 0.7) | inserts/s alone | beside reads |\n"
        "|---|---|---|---|---|---|---|---|\n",
        kInFlight, kInFlight);
    for (const int in_flight : kReadsInFlight) {
      Rates rates;
      for (int turn = 0; turn < kTurns; ++turn) Measure(in_flight, &rates);
      Print(in_flight, rates);
    }
  }

 private:
  std::vector<std::string> Prepare(const std::string& programs) {
    const auto connection = database_.Open();
    CHECK(connection
              ->Execute(absl::StrCat("INSERT INTO big WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL "
                                     "SELECT i + 1 FROM n LIMIT ",
                                     kRows,
                                     ") SELECT i, i % 977, i * 0.25, printf('code-%07d', i), "
                                     "printf('a note of thirty bytes %07d', i), 1700000000000 + i "
                                     "FROM n"))
              .ok());
    CHECK(connection->Checkpoint(/*truncate=*/true).ok());
    setenv("SLUICE_ADMIN_TOKEN", kToken, 1);
    return {programs + "/sluiced", "--listen",       "127.0.0.1:0", "--http",
            "127.0.0.1:0",         "--admin-listen", "127.0.0.1:0", database_.path()};
  }

  void Measure(int in_flight, Rates* rates) {
    rates->reads_alone.push_back(Reads(in_flight));
    rates->writes_alone.push_back(Writes());
    Beside(in_flight, [this] { Echoes(); }, &rates->reads_beside_echoes);
    Beside(in_flight, [&] { rates->writes.push_back(Writes()); }, &rates->reads);
    std::fprintf(stderr, ".");
  }

  void Beside(int in_flight, const std::function<void()>& other, std::vector<double>* reads) {
    std::thread thread(other);
    reads->push_back(Reads(in_flight));
    thread.join();
  }

  double Reads(int in_flight) {
    return RunUnary(reads_, "/sluice.v1.RowService/GetRow", in_flight, kSeconds, "",
                    [this] {
                      next_key_ = (next_key_ * 1103515245 + 12345) % kRows;
                      return KeyRequest(next_key_ + 1);
                    })
        .calls_per_second;
  }

  void Echoes() {
    RunUnary(echoes_, "/sluice.v1.RowService/GetRow", kInFlight, kSeconds, "",
             [] { return KeyRequest(1); });
  }

  static grpc::ByteBuffer KeyRequest(int64_t key) {
    v1::GetRowRequest request;
    request.set_database("test");
    request.set_table("big");
    request.set_key(absl::StrCat(key));
    return Bytes(request);
  }

  double Writes() {
    return RunUnary(writes_, "/sluice.v1.RowService/InsertRows", kInFlight, kSeconds, kToken,
                    SmallInsert)
        .calls_per_second;
  }

  static void Print(int in_flight, const Rates& rates) {
    const double alone = Median(rates.reads_alone);
    const double beside_echoes = Median(rates.reads_beside_echoes);
    const double reads = Median(rates.reads);
    std::printf("| %d in flight | %.0f | %.0f | %.0f | %.2f | %.2f | %.0f | %.0f |\n", in_flight,
                alone, beside_echoes, reads, reads / alone, reads / beside_echoes,
                Median(rates.writes_alone), Median(rates.writes));
    std::fflush(stdout);
  }

  const sqlite::TestDatabase database_;
  const Process limits_;
  const Process server_;
  // A connection each.
  const std::shared_ptr<grpc::Channel> echoes_;
  const std::shared_ptr<grpc::Channel> reads_;
  const std::shared_ptr<grpc::Channel> writes_;
  int64_t next_key_ = 1;
};

}  // namespace
}  // namespace sluice::bench

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: bench_mixed FOLDER-OF-SLUICED LIMITS-PROGRAM (see run.sh)\n");
    return 2;
  }
  sluice::bench::Mixed(argv[1], argv[2]).Run();
}
