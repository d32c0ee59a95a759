#include "server/sqlite/test_fault_vfs.h"

namespace sluice::sqlite {

int FaultVfs::Spring(const File& file, Trap& trap) {
  if ((file.flags & SQLITE_OPEN_WAL) == 0) return SQLITE_OK;
  if (trap.left == 0 || --trap.left > 0) return SQLITE_OK;
  ++failures_;
  return trap.code;
}

int FaultVfs::Write(File& file, const void* from, int size, sqlite3_int64 at) {
  const int fault = Spring(file, write_);
  return fault != SQLITE_OK ? fault : ForwardingVfs::Write(file, from, size, at);
}

int FaultVfs::Sync(File& file, int flags) {
  const int fault = Spring(file, sync_);
  return fault != SQLITE_OK ? fault : ForwardingVfs::Sync(file, flags);
}

}  // namespace sluice::sqlite
