// Measures downloads of a large database against the limits of this machine, in turns, and what
// they cost others meanwhile. See README.md beside.
#include <fcntl.h>
#include <grpcpp/grpcpp.h>
#include <openssl/evp.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "clients/cpp/client.h"
#include "server/base/check.h"
#include "server/sqlite/test_database.h"
#include "server/sqlite/test_raw.h"
#include "sluice/v1/row.grpc.pb.h"
#include "sluice/v1/snapshot.grpc.pb.h"
#include "tests/bench/http_load.h"
#include "tests/bench/load.h"
#include "tests/bench/process.h"

namespace sluice::bench {
namespace {

using Clock = std::chrono::steady_clock;
using sqlite::OpenOptions;

constexpr int kTurns = 3;
constexpr double kSeconds = 3;
constexpr char kToken[] = "bench-token-of-16-characters";
constexpr char kDownload[] = "/sluice.v1.SnapshotService/DownloadDatabase";

double SecondsSince(Clock::time_point begun) {
  return std::chrono::duration<double>(Clock::now() - begun).count();
}

// One line of the table: what was measured, what it is compared with, and their ratio that is aimed
// at ("at least" or, for costs, "at most").
struct Row {
  std::string name;
  std::string unit;
  std::string aim;
  std::function<double()> measure;
  std::function<double()> limit;
  std::vector<double> measured = {};
  std::vector<double> limits = {};
};

double Median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

// Resident memory in MiB: now (`VmRSS`), or at its highest since it was forgotten (`VmHWM`).
double MemoryMib(pid_t pid, const char* which) {
  std::FILE* const status = std::fopen(absl::StrCat("/proc/", pid, "/status").c_str(), "r");
  CHECK(status != nullptr);
  const std::string form = absl::StrCat(which, ": %lf kB");
  char line[256];
  double kib = 0;
  while (std::fgets(line, sizeof(line), status) != nullptr) {
    if (std::sscanf(line, form.c_str(), &kib) == 1) break;
  }
  std::fclose(status);
  return kib / 1024;
}

void ForgetPeak(pid_t pid) {
  std::FILE* const file = std::fopen(absl::StrCat("/proc/", pid, "/clear_refs").c_str(), "w");
  CHECK(file != nullptr && std::fputs("5", file) >= 0 && std::fclose(file) == 0);
}

class SnapshotBench {
 public:
  SnapshotBench(const std::string& programs, const std::string& limits, int64_t size_mib)
      : database_(
            "CREATE TABLE big(id INTEGER PRIMARY KEY, note BLOB);\n"
            "CREATE TABLE small(id INTEGER PRIMARY KEY, name TEXT, value REAL)"),
        limits_({limits}),
        server_(Prepare(programs, size_mib)) {
    channel_ = Connect(server_.address());
    limits_channel_ = Connect(limits_.address());
    ClientOptions options;
    options.address = server_.address();
    options.token = kToken;
    client_ = std::make_unique<Client>(*Client::Connect(options));
  }

  // Rows whose names hold `wanted`.
  void Run(absl::string_view wanted) {
    std::vector<Row> rows;
    // First, while the server has not yet taken what it keeps.
    rows.push_back({"server memory that a live download adds; limit: 16 MiB", "MiB", "<= 1",
                    [&] { return MemoryOfAStream(); }, [] { return 16.0; }});
    rows.push_back({"live download of a state not hashed before, discarded", "MB/s", ">= 0.7",
                    [&] { return Download(/*changed=*/true); }, [&] { return RawBytes(); }});
    rows.push_back({"live download of a state hashed before, discarded", "MB/s", ">= 0.7",
                    [&] { return Download(/*changed=*/false); }, [&] { return RawBytes(); }});
    rows.push_back({"live download to disk, verified; limit: write and hash locally", "MB/s",
                    ">= 0.8", [&] { return DownloadToDisk(); }, [&] { return WriteAndHash(); }});
    rows.push_back({"live download; limit: VACUUM INTO and then send", "MB/s", ">= 2",
                    [&] { return Download(/*changed=*/true); }, [&] { return VacuumAndSend(); }});
    rows.push_back({"GET .../content; limit: the same over gRPC", "MB/s", ">= 0.7",
                    [&] { return HttpDownload(); }, [&] { return Download(/*changed=*/false); }});
    rows.push_back({"InsertRows p99 under a download; limit: alone", "ms", "<= 1.2",
                    [&] { return Beside([&] { return InsertP99(); }); },
                    [&] { return InsertP99(); }});
    rows.push_back({"GetRow p99 under a download; limit: alone", "ms", "<= 2",
                    [&] { return Beside([&] { return ReadP99(); }); }, [&] { return ReadP99(); }});
    rows.push_back({"refresh after 1 % of the pages changed, of the whole; limit: 5 %", "%", "<= 1",
                    [&] { return RefreshPercent(); }, [] { return 5.0; }});
    rows.push_back({"kept snapshot, discarded", "MB/s", "", [&] { return Kept(/*packed=*/false); },
                    [&] { return RawBytes(); }});
    rows.push_back({"kept snapshot of zstd, bytes of the database; limit: kept as it is", "MB/s",
                    "", [&] { return Kept(/*packed=*/true); },
                    [&] { return Kept(/*packed=*/false); }});
    std::erase_if(rows, [&](const Row& row) { return !absl::StrContains(row.name, wanted); });
    for (int turn = 0; turn < kTurns; ++turn) {
      for (Row& row : rows) {
        row.limits.push_back(row.limit());
        row.measured.push_back(row.measure());
        std::fprintf(stderr, ".");
      }
    }
    std::fprintf(stderr, "\n");
    Print(rows);
    std::printf(
        "\nThe server's memory at its highest: %.0f MiB after start, %.0f MiB at the end.\n",
        memory_at_start_, MemoryMib(server_.pid(), "VmHWM"));
  }

 private:
  std::vector<std::string> Prepare(const std::string& programs, int64_t size_mib) {
    const auto connection = database_.Open();
    const int64_t rows = size_mib << 10;
    CHECK(connection
              ->Execute(absl::StrCat("INSERT INTO big WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL "
                                     "SELECT i + 1 FROM n LIMIT ",
                                     rows, ") SELECT i, randomblob(960) FROM n"))
              .ok());
    CHECK(connection->Checkpoint(/*truncate=*/true).ok());
    rows_ = rows;
    setenv("SLUICE_ADMIN_TOKEN", kToken, 1);
    return {programs + "/sluiced", "--listen",       "127.0.0.1:0", "--http",
            "127.0.0.1:0",         "--admin-listen", "127.0.0.1:0", database_.path()};
  }

  int64_t SizeBytes() const {
    return static_cast<int64_t>(std::filesystem::file_size(database_.path()));
  }

  void Change() {
    InsertRequest request;
    request.database = "test";
    request.table = "small";
    request.columns = {"name", "value"};
    request.rows = {{"changed", 1.5}};
    CHECK(client_->InsertRows(request).ok());
  }

  double Download(bool changed) {
    if (changed) Change();
    return ReadBytes(channel_, kDownload, DownloadRequest(), SIZE_MAX);
  }

  double RawBytes() {
    return ReadBytes(limits_channel_, kDownload, Bytes(v1::DownloadDatabaseRequest()),
                     static_cast<size_t>(SizeBytes()));
  }

  static grpc::ByteBuffer DownloadRequest() {
    v1::DownloadDatabaseRequest request;
    request.set_database("test");
    return Bytes(request);
  }

  double DownloadToDisk() {
    Change();
    const std::string path = database_.folder() + "/copy.out";
    DownloadOptions options;
    options.overwrite = true;
    const auto begun = Clock::now();
    const auto result = client_->Download("test", path, options);
    CHECK(result.ok());
    const double seconds = SecondsSince(begun);
    std::filesystem::remove(path);
    return static_cast<double>(result->size_bytes) / seconds / 1e6;
  }

  // The most of all turns. Two run at a time.
  double MemoryOfAStream() {
    Change();
    const double before = MemoryMib(server_.pid(), "VmRSS");
    ForgetPeak(server_.pid());
    std::thread other(
        [&] { ReadBytes(Connect(server_.address()), kDownload, DownloadRequest(), SIZE_MAX); });
    ReadBytes(channel_, kDownload, DownloadRequest(), SIZE_MAX);
    other.join();
    memory_of_a_stream_ =
        std::max(memory_of_a_stream_, (MemoryMib(server_.pid(), "VmHWM") - before) / 2);
    return memory_of_a_stream_;
  }

  // Of the state at the first call.
  double Kept(bool packed) {
    std::string& name = packed ? packed_ : kept_;
    if (name.empty()) {
      const auto made = client_->CreateSnapshot("test", {.compress = packed});
      CHECK(made.ok());
      name = made->snapshot();
      kept_bytes_ = static_cast<double>(made->size_bytes());
    }
    v1::DownloadSnapshotRequest request;
    request.set_database("test");
    request.set_snapshot(name);
    request.set_compression(v1::COMPRESSION_ZSTD);
    const auto begun = Clock::now();
    ReadBytes(channel_, "/sluice.v1.SnapshotService/DownloadSnapshot", Bytes(request), SIZE_MAX);
    return kept_bytes_ / SecondsSince(begun) / 1e6;
  }

  // What went over the network, hashes included, in percent of the whole.
  double RefreshPercent() {
    const std::string path = database_.folder() + "/older.out";
    DownloadOptions options;
    options.overwrite = true;
    CHECK(client_->Download("test", path, options).ok());
    const auto connection = database_.Open();
    // About four rows lie on a page.
    CHECK(connection
              ->Execute(absl::StrCat("UPDATE big SET note = randomblob(960) WHERE id IN (SELECT "
                                     "abs(random()) % ",
                                     rows_, " FROM big LIMIT ", rows_ / 400, ")"))
              .ok());
    options.older_copy = path;
    const auto result = client_->Download("test", path, options);
    CHECK(result.ok());
    std::filesystem::remove(path);
    return 100 * static_cast<double>(result->bytes_transferred) /
           static_cast<double>(result->size_bytes);
  }

  // One thread writes, another hashes, as the client does.
  double WriteAndHash() {
    const std::string path = database_.folder() + "/local.out";
    std::vector<char> piece(size_t{256} << 10, 'x');
    const int64_t pieces = SizeBytes() / static_cast<int64_t>(piece.size());
    const auto begun = Clock::now();
    std::thread hashing([&] {
      EVP_MD_CTX* const context = EVP_MD_CTX_new();
      CHECK(EVP_DigestInit_ex(context, EVP_sha256(), nullptr) == 1);
      for (int64_t i = 0; i < pieces; ++i) EVP_DigestUpdate(context, piece.data(), piece.size());
      EVP_MD_CTX_free(context);
    });
    const int file = open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    for (int64_t i = 0; i < pieces; ++i) {
      CHECK(write(file, piece.data(), piece.size()) == static_cast<ssize_t>(piece.size()));
    }
    CHECK(fsync(file) == 0);
    close(file);
    hashing.join();
    const double seconds = SecondsSince(begun);
    std::filesystem::remove(path);
    return static_cast<double>(pieces) * static_cast<double>(piece.size()) / seconds / 1e6;
  }

  // What others do: a copy on the server's disk first, which is then sent as fast as gRPC can.
  double VacuumAndSend() {
    const std::string path = database_.folder() + "/vacuumed.out";
    const auto begun = Clock::now();
    sqlite::RawConnection(database_.path()).Run(absl::StrCat("VACUUM INTO '", path, "'"));
    const double copied = SecondsSince(begun);
    std::filesystem::remove(path);
    const auto size = static_cast<double>(SizeBytes());
    return size / 1e6 / (copied + size / 1e6 / RawBytes());
  }

  double HttpDownload() {
    const HttpAnswer answer = ReadHttp(server_.http_address(), "/v1/databases/test/content");
    return answer.bytes / answer.seconds / 1e6;
  }

  // What `measure` gives while one download after the other runs.
  double Beside(const std::function<double()>& measure) {
    std::atomic<bool> done{false};
    std::thread downloads([&] {
      const auto channel = Connect(server_.address());
      while (!done) ReadBytes(channel, kDownload, DownloadRequest(), SIZE_MAX);
    });
    const double result = measure();
    done = true;
    downloads.join();
    return result;
  }

  double InsertP99() {
    return RunUnary(channel_, "/sluice.v1.RowService/InsertRows", 1, kSeconds, kToken,
                    [] {
                      v1::InsertRowsRequest request;
                      request.set_database("test");
                      request.set_table("small");
                      request.add_columns("name");
                      request.add_rows()->add_values()->set_text("a name of some bytes");
                      return Bytes(request);
                    })
        .p99_ms;
  }

  double ReadP99() {
    return RunUnary(channel_, "/sluice.v1.RowService/GetRow", 1, kSeconds, "",
                    [this] {
                      v1::GetRowRequest request;
                      request.set_database("test");
                      request.set_table("big");
                      next_key_ = (next_key_ * 1103515245 + 12345) % rows_;
                      request.set_key(absl::StrCat(next_key_ + 1));
                      return Bytes(request);
                    })
        .p99_ms;
  }

  static void Print(const std::vector<Row>& rows) {
    std::printf("| what | measured | limit | ratio | aim |\n|---|---|---|---|---|\n");
    for (const Row& row : rows) {
      const double measured = Median(row.measured);
      const double limit = Median(row.limits);
      std::printf("| %s | %.2f %s | %.2f %s | %.2f | %s |\n", row.name.c_str(), measured,
                  row.unit.c_str(), limit, row.unit.c_str(), measured / limit, row.aim.c_str());
    }
  }

  const sqlite::TestDatabase database_;
  int64_t rows_ = 0;
  const Process limits_;
  const Process server_;
  const double memory_at_start_ = MemoryMib(server_.pid(), "VmRSS");
  std::shared_ptr<grpc::Channel> channel_;
  std::shared_ptr<grpc::Channel> limits_channel_;
  std::unique_ptr<Client> client_;
  int64_t next_key_ = 1;
  std::string kept_;
  std::string packed_;
  double kept_bytes_ = 0;
  double memory_of_a_stream_ = 0;
};

}  // namespace
}  // namespace sluice::bench

int main(int argc, char** argv) {
  int64_t size_mib = 0;
  if (argc < 4 || argc > 5 || !absl::SimpleAtoi(argv[3], &size_mib) || size_mib < 1) {
    std::fprintf(
        stderr, "usage: bench_snapshots FOLDER-OF-SLUICED LIMITS-PROGRAM MIB [ROW] (see run.sh)\n");
    return 2;
  }
  sluice::bench::SnapshotBench(argv[1], argv[2], size_mib).Run(argc == 5 ? argv[4] : "");
}
