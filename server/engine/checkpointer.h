// Moves a database's write-ahead log into the database file, in the background. The only one that
// does: automatic checkpoints are off on every connection.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/base/limits.h"
#include "server/base/metrics.h"
#include "server/base/mutex.h"
#include "server/sqlite/connection.h"

namespace sluice::engine {

// How the log is kept in bounds.
struct LogBounds {
  // Beyond it the log is cut even if writers and readers must wait or end for that.
  int64_t bytes_max = limits::kWalBytesMax;
  // Ends at most so many reads, the oldest first; says how many it has ended.
  std::function<int(int count)> end_reads = [](int) { return 0; };
};

// Thread-safe. Copies when the log has passed kWalCheckpointBytes; cuts the file to nothing when
// writes have paused, and when it has passed its ceiling. What keeps it from being cut are reads
// that are older than what it holds: they are ended, one, two, four … at a time, until it can be.
class Checkpointer {
 public:
  static absl::StatusOr<std::unique_ptr<Checkpointer>> Start(const sqlite::OpenOptions& options,
                                                             LogBounds bounds,
                                                             const DatabaseMetrics& metrics);
  ~Checkpointer() { Stop(/*keep_log=*/false); }

  // Something was written.
  void Notify();
  void Stop(bool keep_log);

 private:
  Checkpointer(const sqlite::OpenOptions& options, LogBounds bounds,
               const DatabaseMetrics& metrics);
  absl::Status Reopen();
  // Says it in the log, unless another program or a reader is in the way.
  void OnFailure(const absl::Status& status);
  void Run();
  void EnforceBound();
  // False once stopped. `paused`: nothing was written for a while.
  bool WaitForWork(bool* paused);

  const sqlite::OpenOptions options_;
  const std::string log_path_;
  const LogBounds bounds_;
  const DatabaseMetrics metrics_;
  // How many reads to end next.
  int reads_to_end_ = 1;
  // Null after the disk has failed, until it can be opened again.
  std::unique_ptr<sqlite::Connection> connection_;
  absl::Time next_warning_ = absl::InfinitePast();

  Mutex mutex_;
  CondVar changed_;
  bool written_ ABSL_GUARDED_BY(mutex_) = false;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

// Bytes of the log beside the database file at `path`; 0 when there is none.
int64_t WalBytesBeside(const std::string& path);

}  // namespace sluice::engine
