// Measures what reads keep of their own rate while writes go on as fast as they can, in turns, and
// prints a table. See README.md beside.
#include <grpcpp/grpcpp.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
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
constexpr int kWritesInFlight = 64;
constexpr int kReadsInFlight[] = {1, 8, 64};
constexpr char kToken[] = "bench-token-of-16-characters";

double Median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

struct Rates {
  std::vector<double> reads_alone;
  std::vector<double> reads;
  std::vector<double> writes_alone;
  std::vector<double> writes;
};

class Mixed {
 public:
  explicit Mixed(const std::string& programs)
      : database_(
            "CREATE TABLE big(id INTEGER PRIMARY KEY, qty INTEGER, price REAL, code TEXT, note "
            "TEXT, at INTEGER);\n"
            "CREATE TABLE small(id INTEGER PRIMARY KEY, name TEXT, value REAL)"),
        server_(Prepare(programs)),
        reads_(Connect(server_.address())),
        writes_(Connect(server_.address())) {}

  void Run() {
    std::printf(
        "| GetRow beside %d inserts in flight | alone, reads/s | beside, reads/s | kept | alone, "
        "inserts/s | beside, inserts/s | kept |\n|---|---|---|---|---|---|---|\n",
        kWritesInFlight);
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
    double writes = 0;
    std::thread writer([&] { writes = Writes(); });
    rates->reads.push_back(Reads(in_flight));
    writer.join();
    rates->writes.push_back(writes);
    std::fprintf(stderr, ".");
  }

  double Reads(int in_flight) {
    return RunUnary(reads_, "/sluice.v1.RowService/GetRow", in_flight, kSeconds, "",
                    [this] {
                      v1::GetRowRequest request;
                      request.set_database("test");
                      request.set_table("big");
                      next_key_ = (next_key_ * 1103515245 + 12345) % kRows;
                      request.set_key(absl::StrCat(next_key_ + 1));
                      return Bytes(request);
                    })
        .calls_per_second;
  }

  double Writes() {
    return RunUnary(writes_, "/sluice.v1.RowService/InsertRows", kWritesInFlight, kSeconds, kToken,
                    [] {
                      v1::InsertRowsRequest request;
                      request.set_database("test");
                      request.set_table("small");
                      request.add_columns("name");
                      request.add_columns("value");
                      v1::Row& row = *request.add_rows();
                      row.add_values()->set_text("a name of some bytes");
                      row.add_values()->set_real(2.5);
                      return Bytes(request);
                    })
        .calls_per_second;
  }

  static void Print(int in_flight, const Rates& rates) {
    const double reads_alone = Median(rates.reads_alone);
    const double reads = Median(rates.reads);
    const double writes_alone = Median(rates.writes_alone);
    const double writes = Median(rates.writes);
    std::printf("| %d in flight | %.0f | %.0f | %.2f | %.0f | %.0f | %.2f |\n", in_flight,
                reads_alone, reads, reads / reads_alone, writes_alone, writes,
                writes / writes_alone);
    std::fflush(stdout);
  }

  const sqlite::TestDatabase database_;
  const Process server_;
  // A connection each.
  const std::shared_ptr<grpc::Channel> reads_;
  const std::shared_ptr<grpc::Channel> writes_;
  int64_t next_key_ = 1;
};

}  // namespace
}  // namespace sluice::bench

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: bench_mixed FOLDER-OF-SLUICED (see run.sh)\n");
    return 2;
  }
  sluice::bench::Mixed(argv[1]).Run();
}
