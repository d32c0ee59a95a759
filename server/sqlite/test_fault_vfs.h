// For tests: a disk that fails when it is told to.
#pragma once

#include <sqlite3.h>

#include <atomic>
#include <string>

namespace sluice::sqlite {

// While it lives it is SQLite's default file system: the usual one, but that writes and syncs of
// write-ahead logs fail on demand. Connections opened meanwhile must be closed before it dies.
// Thread-safe.
class FaultVfs {
 public:
  FaultVfs();
  ~FaultVfs();
  FaultVfs(const FaultVfs&) = delete;
  FaultVfs& operator=(const FaultVfs&) = delete;

  // The n-th such call from now on gives `code`, once; 1 is the next.
  void FailLogWrite(int n, int code = SQLITE_IOERR_WRITE) { write_.Arm(n, code); }
  void FailLogSync(int n, int code = SQLITE_IOERR_FSYNC) { sync_.Arm(n, code); }
  // How many failures have been given.
  int failures() const { return failures_; }

 private:
  struct File;
  struct Trap {
    std::atomic<int> left{0};
    std::atomic<int> code{0};
    void Arm(int n, int with) {
      code = with;
      left = n;
    }
  };
  static const sqlite3_io_methods* Methods();
  static int Open(sqlite3_vfs* vfs, const char* name, sqlite3_file* file, int flags, int* out);
  // The code of the failure that is due, or SQLITE_OK.
  int Spring(Trap& trap);

  sqlite3_vfs* const usual_;
  sqlite3_vfs vfs_;
  Trap write_;
  Trap sync_;
  std::atomic<int> failures_{0};
};

}  // namespace sluice::sqlite
