#include "server/sqlite/test_fault_vfs.h"

#include "server/base/check.h"

namespace sluice::sqlite {

// What SQLite holds: ours, and behind it in the same memory the usual one's.
struct FaultVfs::File {
  sqlite3_file base;
  FaultVfs* vfs;
  bool log;

  sqlite3_file* usual() { return reinterpret_cast<sqlite3_file*>(this + 1); }
  static File* Of(sqlite3_file* file) { return reinterpret_cast<File*>(file); }
};

FaultVfs::FaultVfs() : usual_(sqlite3_vfs_find(nullptr)), vfs_(*usual_) {
  vfs_.zName = "fault";
  vfs_.pAppData = this;
  vfs_.szOsFile = static_cast<int>(sizeof(File)) + usual_->szOsFile;
  vfs_.xOpen = &FaultVfs::Open;
  CHECK(sqlite3_vfs_register(&vfs_, /*makeDflt=*/1) == SQLITE_OK);
}

FaultVfs::~FaultVfs() {
  sqlite3_vfs_unregister(&vfs_);
  sqlite3_vfs_register(usual_, /*makeDflt=*/1);
}

int FaultVfs::Spring(Trap& trap) {
  if (trap.left == 0 || --trap.left > 0) return SQLITE_OK;
  ++failures_;
  return trap.code;
}

int FaultVfs::Open(sqlite3_vfs* vfs, const char* name, sqlite3_file* file, int flags, int* out) {
  auto* const self = static_cast<FaultVfs*>(vfs->pAppData);
  File* const opened = File::Of(file);
  opened->base.pMethods = nullptr;
  opened->vfs = self;
  opened->log = (flags & SQLITE_OPEN_WAL) != 0;
  opened->usual()->pMethods = nullptr;
  const int code = self->usual_->xOpen(self->usual_, name, opened->usual(), flags, out);
  if (opened->usual()->pMethods != nullptr) opened->base.pMethods = Methods();
  return code;
}

#define SLUICE_FORWARD(method, ...) \
  File::Of(file)->usual()->pMethods->method(File::Of(file)->usual() __VA_OPT__(, ) __VA_ARGS__)

const sqlite3_io_methods* FaultVfs::Methods() {
  using F = sqlite3_file*;
  static const sqlite3_io_methods methods = {
      .iVersion = 2,
      .xClose = [](F file) { return SLUICE_FORWARD(xClose); },
      .xRead = [](F file, void* to, int size,
                  sqlite3_int64 at) { return SLUICE_FORWARD(xRead, to, size, at); },
      .xWrite =
          [](F file, const void* from, int size, sqlite3_int64 at) {
            FaultVfs* const vfs = File::Of(file)->vfs;
            const int fault = File::Of(file)->log ? vfs->Spring(vfs->write_) : SQLITE_OK;
            return fault != SQLITE_OK ? fault : SLUICE_FORWARD(xWrite, from, size, at);
          },
      .xTruncate = [](F file, sqlite3_int64 size) { return SLUICE_FORWARD(xTruncate, size); },
      .xSync =
          [](F file, int flags) {
            FaultVfs* const vfs = File::Of(file)->vfs;
            const int fault = File::Of(file)->log ? vfs->Spring(vfs->sync_) : SQLITE_OK;
            return fault != SQLITE_OK ? fault : SLUICE_FORWARD(xSync, flags);
          },
      .xFileSize = [](F file, sqlite3_int64* size) { return SLUICE_FORWARD(xFileSize, size); },
      .xLock = [](F file, int lock) { return SLUICE_FORWARD(xLock, lock); },
      .xUnlock = [](F file, int lock) { return SLUICE_FORWARD(xUnlock, lock); },
      .xCheckReservedLock = [](F file,
                               int* out) { return SLUICE_FORWARD(xCheckReservedLock, out); },
      .xFileControl = [](F file, int what,
                         void* with) { return SLUICE_FORWARD(xFileControl, what, with); },
      .xSectorSize = [](F file) { return SLUICE_FORWARD(xSectorSize); },
      .xDeviceCharacteristics = [](F file) { return SLUICE_FORWARD(xDeviceCharacteristics); },
      .xShmMap =
          [](F file, int page, int size, int extend, void volatile** out) {
            return SLUICE_FORWARD(xShmMap, page, size, extend, out);
          },
      .xShmLock = [](F file, int offset, int n,
                     int flags) { return SLUICE_FORWARD(xShmLock, offset, n, flags); },
      .xShmBarrier = [](F file) { SLUICE_FORWARD(xShmBarrier); },
      .xShmUnmap = [](F file, int remove) { return SLUICE_FORWARD(xShmUnmap, remove); },
      .xFetch = nullptr,
      .xUnfetch = nullptr,
  };
  return &methods;
}

#undef SLUICE_FORWARD

}  // namespace sluice::sqlite
