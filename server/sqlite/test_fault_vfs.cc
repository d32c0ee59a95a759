#include "server/sqlite/test_fault_vfs.h"

namespace sluice::sqlite {

int FaultVfs::Spring(Trap& trap) {
  if (trap.left == 0 || --trap.left > 0) return SQLITE_OK;
  ++failures_;
  return trap.code;
}

int FaultVfs::Write(File& file, const void* from, int size, sqlite3_int64 at) {
  int fault = SQLITE_OK;
  if ((file.flags & SQLITE_OPEN_WAL) != 0) fault = Spring(write_);
  if ((file.flags & SQLITE_OPEN_MAIN_DB) != 0) fault = Spring(checkpoint_);
  return fault != SQLITE_OK ? fault : ForwardingVfs::Write(file, from, size, at);
}

int FaultVfs::Sync(File& file, int flags) {
  const int fault = (file.flags & SQLITE_OPEN_WAL) != 0 ? Spring(sync_) : SQLITE_OK;
  return fault != SQLITE_OK ? fault : ForwardingVfs::Sync(file, flags);
}

}  // namespace sluice::sqlite
