#include "server/sqlite/test_forwarding_vfs.h"

#include "server/base/check.h"

namespace sluice::sqlite {

ForwardingVfs::ForwardingVfs(const char* name) : usual_(sqlite3_vfs_find(nullptr)), vfs_(*usual_) {
  vfs_.zName = name;
  vfs_.pAppData = this;
  vfs_.szOsFile = static_cast<int>(sizeof(File)) + usual_->szOsFile;
  vfs_.xOpen = &ForwardingVfs::Open;
  CHECK(sqlite3_vfs_register(&vfs_, /*makeDflt=*/1) == SQLITE_OK);
}

ForwardingVfs::~ForwardingVfs() {
  sqlite3_vfs_unregister(&vfs_);
  sqlite3_vfs_register(usual_, /*makeDflt=*/1);
}

int ForwardingVfs::Open(sqlite3_vfs* vfs, const char* name, sqlite3_file* file, int flags,
                        int* out) {
  auto* const self = static_cast<ForwardingVfs*>(vfs->pAppData);
  File* const opened = File::Of(file);
  opened->base.pMethods = nullptr;
  opened->vfs = self;
  opened->name = name;
  opened->flags = flags;
  opened->usual()->pMethods = nullptr;
  const int code = self->usual_->xOpen(self->usual_, name, opened->usual(), flags, out);
  if (opened->usual()->pMethods != nullptr) {
    opened->base.pMethods = Methods();
    self->Opened(*opened);
  }
  return code;
}

#define SLUICE_FORWARD(file, method, ...) \
  (file)->usual()->pMethods->method((file)->usual() __VA_OPT__(, ) __VA_ARGS__)

int ForwardingVfs::Write(File& file, const void* from, int size, sqlite3_int64 at) {
  return SLUICE_FORWARD(&file, xWrite, from, size, at);
}

int ForwardingVfs::Sync(File& file, int flags) { return SLUICE_FORWARD(&file, xSync, flags); }

int ForwardingVfs::Truncate(File& file, sqlite3_int64 size) {
  return SLUICE_FORWARD(&file, xTruncate, size);
}

const sqlite3_io_methods* ForwardingVfs::Methods() {
  using F = sqlite3_file*;
  static const sqlite3_io_methods methods = {
      .iVersion = 2,
      .xClose = [](F file) { return SLUICE_FORWARD(File::Of(file), xClose); },
      .xRead = [](F file, void* to, int size,
                  sqlite3_int64 at) { return SLUICE_FORWARD(File::Of(file), xRead, to, size, at); },
      .xWrite =
          [](F file, const void* from, int size, sqlite3_int64 at) {
            return File::Of(file)->vfs->Write(*File::Of(file), from, size, at);
          },
      .xTruncate =
          [](F file, sqlite3_int64 size) {
            return File::Of(file)->vfs->Truncate(*File::Of(file), size);
          },
      .xSync = [](F file, int flags) { return File::Of(file)->vfs->Sync(*File::Of(file), flags); },
      .xFileSize =
          [](F file, sqlite3_int64* size) {
            return SLUICE_FORWARD(File::Of(file), xFileSize, size);
          },
      .xLock = [](F file, int lock) { return SLUICE_FORWARD(File::Of(file), xLock, lock); },
      .xUnlock = [](F file, int lock) { return SLUICE_FORWARD(File::Of(file), xUnlock, lock); },
      .xCheckReservedLock =
          [](F file, int* out) { return SLUICE_FORWARD(File::Of(file), xCheckReservedLock, out); },
      .xFileControl =
          [](F file, int what, void* with) {
            return SLUICE_FORWARD(File::Of(file), xFileControl, what, with);
          },
      .xSectorSize = [](F file) { return SLUICE_FORWARD(File::Of(file), xSectorSize); },
      .xDeviceCharacteristics =
          [](F file) { return SLUICE_FORWARD(File::Of(file), xDeviceCharacteristics); },
      .xShmMap =
          [](F file, int page, int size, int extend, void volatile** out) {
            return SLUICE_FORWARD(File::Of(file), xShmMap, page, size, extend, out);
          },
      .xShmLock =
          [](F file, int offset, int n, int flags) {
            return SLUICE_FORWARD(File::Of(file), xShmLock, offset, n, flags);
          },
      .xShmBarrier = [](F file) { SLUICE_FORWARD(File::Of(file), xShmBarrier); },
      .xShmUnmap = [](F file,
                      int remove) { return SLUICE_FORWARD(File::Of(file), xShmUnmap, remove); },
      .xFetch = nullptr,
      .xUnfetch = nullptr,
  };
  return &methods;
}

#undef SLUICE_FORWARD

}  // namespace sluice::sqlite
