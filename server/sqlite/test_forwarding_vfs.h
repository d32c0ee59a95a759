// For tests: the usual file system with something in its way.
#pragma once

#include <sqlite3.h>

namespace sluice::sqlite {

// While it lives it is SQLite's default file system. It does what the usual one does; who derives
// from it says what else happens. Connections opened meanwhile must be closed before it dies. Its
// functions are called from every thread that uses SQLite.
class ForwardingVfs {
 public:
  ForwardingVfs(const ForwardingVfs&) = delete;
  ForwardingVfs& operator=(const ForwardingVfs&) = delete;

 protected:
  // What SQLite holds: ours, and behind it in the same memory the usual one's.
  struct File {
    sqlite3_file base;
    ForwardingVfs* vfs;
    // Null for a temporary file.
    const char* name;
    // SQLITE_OPEN_….
    int flags;

    sqlite3_file* usual() { return reinterpret_cast<sqlite3_file*>(this + 1); }
    static File* Of(sqlite3_file* file) { return reinterpret_cast<File*>(file); }
  };

  explicit ForwardingVfs(const char* name);
  virtual ~ForwardingVfs();

  virtual void Opened(File&) {}
  virtual int Write(File& file, const void* from, int size, sqlite3_int64 at);
  virtual int Sync(File& file, int flags);
  virtual int Truncate(File& file, sqlite3_int64 size);

 private:
  static const sqlite3_io_methods* Methods();
  static int Open(sqlite3_vfs* vfs, const char* name, sqlite3_file* file, int flags, int* out);

  sqlite3_vfs* const usual_;
  sqlite3_vfs vfs_;
};

}  // namespace sluice::sqlite
