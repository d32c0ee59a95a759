// The one writer of a database: a queue, a thread, a connection.
#pragma once

#include <memory>
#include <thread>
#include <vector>

#include "absl/status/statusor.h"
#include "server/base/metrics.h"
#include "server/base/mutex.h"
#include "server/engine/checkpointer.h"
#include "server/engine/fair_queue.h"
#include "server/engine/write_group.h"
#include "server/sqlite/connection.h"

namespace sluice::engine {

// Thread-safe. Callers take turns. Batches form by themselves: whatever has come while one group is
// being written to disk is the next group, up to the ceilings in limits.h. There is no artificial
// delay.
class Writer {
 public:
  // Opens the writer's connection and the checkpointer's. `metrics` must outlive the writer.
  static absl::StatusOr<std::unique_ptr<Writer>> Start(const sqlite::OpenOptions& options,
                                                       const DatabaseMetrics& metrics,
                                                       LogBounds bounds = {});
  ~Writer() { Stop(); }

  // Queues the write. UNAVAILABLE (OVERLOADED) when the queue is full, or half full of this
  // caller's, and UNAVAILABLE (NOT_SERVED) once stopped: then `member` has not run, will not, and
  // its Done is not called.
  absl::Status Submit(std::unique_ptr<WriteMember> member);

  // Takes nothing more, and answers what is queued and has not begun with UNAVAILABLE (NOT_SERVED).
  // Does not wait.
  void TurnAway();
  // Takes nothing more, finishes what is queued, closes the connections. With `keep_log`, for a
  // file that is gone, the write-ahead log stays as it is and nothing more is written: TurnAway.
  void Stop(bool keep_log = false);
  // TurnAway and Stop.
  void Refuse();

 private:
  Writer(const sqlite::OpenOptions& options, const DatabaseMetrics& metrics);
  // Whether one more of so many bytes leaves too little room for other callers.
  bool IsBeyondShare(uint64_t caller, size_t bytes) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Run();
  // Empty when the writer is to stop and nothing waits.
  std::vector<PendingWrite> TakeGroup();
  bool refusing();
  void RunGroup(std::vector<PendingWrite> group);
  absl::Status Reopen();

  const sqlite::OpenOptions options_;
  const DatabaseMetrics metrics_;
  // Of the thread, once it runs. Null after an I/O error until it can be opened again.
  std::unique_ptr<sqlite::Connection> connection_;
  std::unique_ptr<Checkpointer> checkpointer_;

  Mutex mutex_;
  CondVar arrived_;
  FairQueue queue_ ABSL_GUARDED_BY(mutex_);
  size_t queue_bytes_ ABSL_GUARDED_BY(mutex_) = 0;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  bool refusing_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace sluice::engine
