// Moves a database's write-ahead log into the database file, in the background. The only one that
// does: automatic checkpoints are off on every connection.
#pragma once

#include <memory>
#include <string>
#include <thread>

#include "absl/status/statusor.h"
#include "server/base/mutex.h"
#include "server/sqlite/connection.h"

namespace prometheus {
class Gauge;
}

namespace sluice::engine {

// Thread-safe. Copies when the log has passed kWalCheckpointBytes; cuts the file to nothing when
// writes have paused.
class Checkpointer {
 public:
  static absl::StatusOr<std::unique_ptr<Checkpointer>> Start(const sqlite::OpenOptions& options,
                                                             prometheus::Gauge* wal_bytes);
  ~Checkpointer() { Stop(/*keep_log=*/false); }

  // Something was written.
  void Notify();
  void Stop(bool keep_log);

 private:
  Checkpointer(std::string log_path, prometheus::Gauge* wal_bytes);
  void Run();
  // False once stopped. `paused`: nothing was written for a while.
  bool WaitForWork(bool* paused);

  const std::string log_path_;
  prometheus::Gauge* const wal_bytes_;
  std::unique_ptr<sqlite::Connection> connection_;

  Mutex mutex_;
  CondVar changed_;
  bool written_ ABSL_GUARDED_BY(mutex_) = false;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

// Bytes of the log beside the database file at `path`; 0 when there is none.
int64_t WalBytesBeside(const std::string& path);

}  // namespace sluice::engine
