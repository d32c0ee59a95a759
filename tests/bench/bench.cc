// Measures sluiced against the limits of this machine, in turns, and prints a table of ratios. See
// README.md beside.
#include <grpcpp/grpcpp.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "server/base/check.h"
#include "server/sqlite/test_database.h"
#include "sluice/v1/query.grpc.pb.h"
#include "sluice/v1/row.grpc.pb.h"
#include "sluice/v1/snapshot.grpc.pb.h"
#include "tests/bench/http_load.h"
#include "tests/bench/load.h"
#include "tests/bench/process.h"

namespace sluice::bench {
namespace {

using Clock = std::chrono::steady_clock;
using sqlite::OpenOptions;
using sqlite::ValueView;

constexpr int kRows = 1'000'000;
constexpr int kLoadMessageRows = 5'000;
constexpr int kTurns = 3;
constexpr int kFirstRows = 200;
constexpr double kSeconds = 2;
constexpr char kToken[] = "bench-token-of-16-characters";

double SecondsSince(Clock::time_point begun) {
  return std::chrono::duration<double>(Clock::now() - begun).count();
}

// One line of the table: what was measured, the limit, and the ratio of their medians that is aimed
// at.
struct Row {
  std::string name;
  std::string unit;
  double aim;
  std::function<double()> measure;
  std::function<double()> limit;
  std::vector<double> measured = {};
  std::vector<double> limits = {};
};

double Median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

class Bench {
 public:
  Bench(const std::string& programs, const std::string& limits)
      : database_(
            "CREATE TABLE big(id INTEGER PRIMARY KEY, qty INTEGER, price REAL, code TEXT, note "
            "TEXT, at INTEGER);\n"
            "CREATE TABLE small(id INTEGER PRIMARY KEY, name TEXT, value REAL)"),
        limits_({limits}),
        server_(Prepare(programs)) {
    channel_ = Connect(server_.address());
    limits_channel_ = Connect(limits_.address());
  }

  // The rows whose names hold `part`.
  void Run(const std::string& part) {
    std::vector<Row> rows = {
        {"GetRow, 64 in flight", "calls/s", 0.75, [&] { return GetRows(64); },
         [&] { return EchoCalls(64); }},
        {"GetRow, 1 in flight", "calls/s", 0, [&] { return GetRows(1); },
         [&] { return EchoCalls(1); }},
        {"StreamQuery, 1 M rows, rows parsed", "rows/s", 0.6,
         [&] { return StreamRows(v1::ROW_LAYOUT_ROWS); }, [&] { return ScanInProcess(); }},
        {"StreamQuery, 1 M rows, columns parsed", "rows/s", 0.8,
         [&] { return StreamRows(v1::ROW_LAYOUT_COLUMNS); }, [&] { return ScanInProcess(); }},
        {"StreamQuery, first of 10 M rows, to Query of one", "calls/s", 0.5,
         [&] { return FirstRows(); }, [&] { return OneRows(); }},
        {"ExportQuery, 1 M rows, CSV over HTTP", "rows/s", 0.5, [&] { return Export("csv"); },
         [&] { return ScanInProcess(); }},
        {"ExportQuery, 1 M rows, NDJSON over HTTP", "rows/s", 0.5, [&] { return Export("ndjson"); },
         [&] { return ScanInProcess(); }},
        {"InsertRows, 1 in flight, to one-by-one commits", "rows/s", 0.5,
         [&] { return Inserts(1); }, [&] { return CommitsInProcess(1); }},
        {"InsertRows, 16 in flight, to one-by-one commits", "rows/s", 0,
         [&] { return Inserts(16); }, [&] { return CommitsInProcess(1); }},
        {"InsertRows, 64 in flight, to one-by-one commits", "rows/s", 8,
         [&] { return Inserts(64); }, [&] { return CommitsInProcess(1); }},
        {"InsertRows, 64 in flight, to commits of 64 rows", "rows/s", 0.4,
         [&] { return Inserts(64); }, [&] { return CommitsInProcess(64); }},
        {"InsertRows, 64 in flight, to raw echo", "calls/s", 0, [&] { return Inserts(64); },
         [&] { return EchoCalls(64); }},
        {"LoadRows, 1 M rows as columns, in parts", "rows/s", 0.5,
         [&] { return Load(v1::LOAD_MODE_DURABLE); }, [&] { return BulkInProcess(); }},
        {"LoadRows, 1 M rows as columns, atomic", "rows/s", 0,
         [&] { return Load(v1::LOAD_MODE_ATOMIC); }, [&] { return BulkInProcess(); }},
        {"DownloadDatabase, 256 KiB chunks", "MB/s", 0.6, [&] { return Download(); },
         [&] { return RawBytes(); }}};
    rows.erase(std::remove_if(rows.begin(), rows.end(),
                              [&](const Row& row) { return !absl::StrContains(row.name, part); }),
               rows.end());
    for (int turn = 0; turn < kTurns; ++turn) {
      for (Row& row : rows) {
        row.limits.push_back(row.limit());
        row.measured.push_back(row.measure());
        std::fprintf(stderr, ".");
      }
    }
    std::fprintf(stderr, "\n");
    Print(rows);
  }

 private:
  std::vector<std::string> Prepare(const std::string& programs) {
    const auto connection = database_.Open();
    CHECK(connection->Execute("BEGIN").ok());
    CHECK(connection
              ->Execute(absl::StrCat("INSERT INTO big WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL "
                                     "SELECT i + 1 FROM n LIMIT ",
                                     kRows,
                                     ") SELECT i, i % 977, i * 0.25, printf('code-%07d', i), "
                                     "CASE WHEN i % 5 THEN printf('a note of thirty bytes %07d', "
                                     "i) END, 1700000000000 + i FROM n"))
              .ok());
    CHECK(connection->Execute("COMMIT").ok());
    CHECK(connection->Checkpoint(/*truncate=*/true).ok());
    setenv("SLUICE_ADMIN_TOKEN", kToken, 1);
    return {programs + "/sluiced", "--listen",       "127.0.0.1:0", "--http",
            "127.0.0.1:0",         "--admin-listen", "127.0.0.1:0", database_.path()};
  }

  double EchoCalls(int in_flight) {
    return RunUnary(limits_channel_, "/sluice.v1.RowService/GetRow", in_flight, kSeconds, "",
                    [this] { return KeyRequest(); })
        .calls_per_second;
  }

  double GetRows(int in_flight) {
    return RunUnary(channel_, "/sluice.v1.RowService/GetRow", in_flight, kSeconds, "",
                    [this] { return KeyRequest(); })
        .calls_per_second;
  }

  grpc::ByteBuffer KeyRequest() {
    v1::GetRowRequest request;
    request.set_database("test");
    request.set_table("big");
    next_key_ = (next_key_ * 1103515245 + 12345) % kRows;
    request.set_key(absl::StrCat(next_key_ + 1));
    return Bytes(request);
  }

  double StreamRows(v1::RowLayout layout) {
    const auto stub = v1::QueryService::NewStub(channel_);
    grpc::ClientContext context;
    v1::StreamQueryRequest request;
    request.set_database("test");
    request.set_sql("SELECT * FROM big");
    request.set_layout(layout);
    const auto begun = Clock::now();
    const auto reader = stub->StreamQuery(&context, request);
    v1::StreamQueryResponse response;
    int64_t rows = 0;
    bool whole = false;
    while (reader->Read(&response)) {
      rows += response.rows_size() + response.packed().row_count();
      whole = response.has_stats();
    }
    CHECK(reader->Finish().ok() && whole && rows == kRows);
    return static_cast<double>(rows) / SecondsSince(begun);
  }

  // How often a second the first message would come if nothing followed it.
  double FirstRows() {
    const auto stub = v1::QueryService::NewStub(channel_);
    v1::StreamQueryRequest request;
    request.set_database("test");
    request.set_sql("SELECT big.* FROM big, (VALUES (1),(2),(3),(4),(5),(6),(7),(8),(9),(10))");
    double seconds = 0;
    for (int i = 0; i < kFirstRows; ++i) {
      grpc::ClientContext context;
      v1::StreamQueryResponse response;
      const auto begun = Clock::now();
      const auto reader = stub->StreamQuery(&context, request);
      CHECK(reader->Read(&response));
      seconds += SecondsSince(begun);
      context.TryCancel();
      reader->Finish();
      // The server makes messages ahead until it hears of it.
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    return kFirstRows / seconds;
  }

  double OneRows() {
    const auto stub = v1::QueryService::NewStub(channel_);
    v1::QueryRequest request;
    request.set_database("test");
    request.set_sql("SELECT * FROM big WHERE id = 7");
    double seconds = 0;
    for (int i = 0; i < kFirstRows; ++i) {
      grpc::ClientContext context;
      v1::QueryResponse response;
      const auto begun = Clock::now();
      CHECK(stub->Query(&context, request, &response).ok());
      seconds += SecondsSince(begun);
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    return kFirstRows / seconds;
  }

  double Export(const std::string& format) {
    return kRows / ReadHttp(server_.http_address(),
                            "/v1/databases/test/query?sql=SELECT%20*%20FROM%20big&format=" + format)
                       .seconds;
  }

  double ScanInProcess() {
    const auto connection = database_.Open(OpenOptions::Mode::kReadOnly);
    const auto begun = Clock::now();
    auto statement = connection->Prepare("SELECT * FROM big");
    size_t sum = 0;
    while (*statement->Step()) {
      for (int i = 0; i < 6; ++i) sum += statement->column(i).bytes.size() + 1;
    }
    CHECK(sum > 0);
    return kRows / SecondsSince(begun);
  }

  double Inserts(int in_flight) {
    return RunUnary(channel_, "/sluice.v1.RowService/InsertRows", in_flight, kSeconds, kToken,
                    SmallInsert)
        .calls_per_second;
  }

  // Beside the server's file and on the same disk, since two writers of one file would wait for
  // each other.
  double CommitsInProcess(int rows_each) {
    const sqlite::TestDatabase own(
        "CREATE TABLE small(id INTEGER PRIMARY KEY, name TEXT, value REAL)");
    const auto connection = own.Open();
    const auto begun = Clock::now();
    int rows = 0;
    while (SecondsSince(begun) < kSeconds) {
      CHECK(connection->Execute("BEGIN IMMEDIATE").ok());
      for (int i = 0; i < rows_each; ++i, ++rows) {
        auto insert = connection->Prepare("INSERT INTO small(name, value) VALUES (?, ?)");
        insert->Bind(1, ValueView::Text("a name of some bytes"));
        insert->Bind(2, ValueView::Real(2.5));
        CHECK(insert->Run().ok());
      }
      CHECK(connection->Execute("COMMIT").ok());
    }
    return rows / SecondsSince(begun);
  }

  // The same rows into a table of their own, messages made as they are sent.
  double Load(v1::LoadMode mode) {
    grpc::ClientContext context;
    context.AddMetadata("authorization", absl::StrCat("Bearer ", kToken));
    const auto stub = v1::RowService::NewStub(channel_);
    const auto begun = Clock::now();
    const auto stream = stub->LoadRows(&context);
    v1::LoadRowsRequest request;
    request.mutable_start()->set_database("test");
    request.mutable_start()->set_table("small");
    for (const char* column : {"name", "value"}) request.mutable_start()->add_columns(column);
    request.mutable_start()->set_mode(mode);
    CHECK(stream->Write(request));
    for (int first = 0; first < kRows; first += kLoadMessageRows) {
      request.Clear();
      request.set_first_row(first);
      v1::PackedRows& packed = *request.mutable_packed();
      packed.set_row_count(kLoadMessageRows);
      v1::PackedColumn& names = *packed.add_columns();
      v1::PackedColumn& values = *packed.add_columns();
      for (int i = 0; i < kLoadMessageRows; ++i) {
        names.add_texts("a name of some bytes");
        values.add_reals(2.5);
      }
      CHECK(stream->Write(request));
    }
    stream->WritesDone();
    v1::LoadRowsResponse response;
    while (stream->Read(&response)) continue;
    CHECK(stream->Finish().ok() && response.done());
    return kRows / SecondsSince(begun);
  }

  // One transaction, one prepared statement.
  static double BulkInProcess() {
    const sqlite::TestDatabase own(
        "CREATE TABLE small(id INTEGER PRIMARY KEY, name TEXT, value REAL)");
    const auto connection = own.Open();
    const auto begun = Clock::now();
    CHECK(connection->Execute("BEGIN IMMEDIATE").ok());
    auto insert = connection->Prepare("INSERT INTO small(name, value) VALUES (?, ?)");
    for (int i = 0; i < kRows; ++i) {
      insert->Reset();
      insert->Bind(1, ValueView::Text("a name of some bytes"));
      insert->Bind(2, ValueView::Real(2.5));
      CHECK(insert->Run().ok());
    }
    CHECK(connection->Execute("COMMIT").ok());
    return kRows / SecondsSince(begun);
  }

  double Download() {
    v1::DownloadDatabaseRequest request;
    request.set_database("test");
    return ReadBytes(channel_, "/sluice.v1.SnapshotService/DownloadDatabase", Bytes(request),
                     SIZE_MAX);
  }

  double RawBytes() {
    return ReadBytes(limits_channel_, "/sluice.v1.SnapshotService/DownloadDatabase",
                     Bytes(v1::DownloadDatabaseRequest()),
                     std::filesystem::file_size(database_.path()));
  }

  static void Print(const std::vector<Row>& rows) {
    std::printf("| what | measured | limit | ratio | aim |\n|---|---|---|---|---|\n");
    for (const Row& row : rows) {
      const double measured = Median(row.measured);
      const double limit = Median(row.limits);
      std::printf("| %s | %.0f %s | %.0f %s | %.2f | %s |\n", row.name.c_str(), measured,
                  row.unit.c_str(), limit, row.unit.c_str(), measured / limit,
                  row.aim == 0 ? "" : absl::StrCat(row.aim).c_str());
    }
  }

  const sqlite::TestDatabase database_;
  const Process limits_;
  const Process server_;
  std::shared_ptr<grpc::Channel> channel_;
  std::shared_ptr<grpc::Channel> limits_channel_;
  int64_t next_key_ = 1;
};

}  // namespace
}  // namespace sluice::bench

int main(int argc, char** argv) {
  if (argc != 3 && argc != 4) {
    std::fprintf(stderr,
                 "usage: bench FOLDER-OF-SLUICED LIMITS-PROGRAM [PART-OF-A-ROW'S-NAME] (see "
                 "run.sh)\n");
    return 2;
  }
  sluice::bench::Bench(argv[1], argv[2]).Run(argc == 4 ? argv[3] : "");
}
