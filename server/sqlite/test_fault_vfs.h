// For tests: a disk that fails when it is told to.
#pragma once

#include <atomic>

#include "server/sqlite/test_forwarding_vfs.h"

namespace sluice::sqlite {

// Writes and syncs of write-ahead logs, and writes of databases, fail on demand. Thread-safe.
class FaultVfs final : public ForwardingVfs {
 public:
  FaultVfs() : ForwardingVfs("fault") {}

  // The n-th such call from now on gives `code`, once; 1 is the next.
  void FailLogWrite(int n, int code = SQLITE_IOERR_WRITE) { write_.Arm(n, code); }
  void FailLogSync(int n, int code = SQLITE_IOERR_FSYNC) { sync_.Arm(n, code); }
  // Of the database file itself, which only checkpoints write.
  void FailDatabaseWrite(int n, int code = SQLITE_IOERR_WRITE) { checkpoint_.Arm(n, code); }
  // How many failures have been given.
  int failures() const { return failures_; }

 private:
  struct Trap {
    std::atomic<int> left{0};
    std::atomic<int> code{0};
    void Arm(int n, int with) {
      code = with;
      left = n;
    }
  };
  int Write(File& file, const void* from, int size, sqlite3_int64 at) override;
  int Sync(File& file, int flags) override;
  // The code of the failure that is due, or SQLITE_OK.
  int Spring(Trap& trap);

  Trap write_;
  Trap sync_;
  Trap checkpoint_;
  std::atomic<int> failures_{0};
};

}  // namespace sluice::sqlite
