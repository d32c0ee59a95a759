// For tests: a disk with a cache, whose power fails.
#pragma once

#include <cstdint>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "server/base/mutex.h"
#include "server/sqlite/test_forwarding_vfs.h"

namespace sluice::sqlite {

// Remembers of databases and their logs what has been synced and what has only been written. When
// the power fails, what was only written is kept, lost or torn at a sector, each piece by itself
// and whatever the order: no disk promises more. All chance comes from the seed, as far as threads
// allow. Thread-safe.
class PowerVfs final : public ForwardingVfs {
 public:
  // What the files hold after the power has failed, by their paths.
  using Image = std::map<std::string, std::string>;
  // The first half of what was to be written is; nothing is; half is, since the disk is full; the
  // sync fails, and what it was for is kept or lost for good, as on Linux.
  enum class Fault { kShortWrite, kWriteError, kFull, kSyncError };

  explicit PowerVfs(uint64_t seed) : ForwardingVfs("power"), random_(seed) {}

  // The fault, once, at the first call that it fits after that many calls which change the disk.
  void FailAfter(int calls, Fault fault);
  // No power after that many such calls: they all fail then.
  void CutAfter(int calls);
  // No power from now on.
  Image Cut();
  bool is_cut() const;

 private:
  // A write, or without bytes a truncation to `at`.
  struct Change {
    sqlite3_int64 at = 0;
    std::string bytes;
  };
  struct Contents {
    std::string synced;
    std::vector<Change> unsynced;
  };

  void Opened(File& file) override;
  int Write(File& file, const void* from, int size, sqlite3_int64 at) override;
  int Sync(File& file, int flags) override;
  int Truncate(File& file, sqlite3_int64 size) override;

  // Whether the power is on after this call has been counted.
  bool CountCall() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  bool TakeFault(bool is_sync, Fault* fault) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void TakeImage() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // `contents.synced` with what chance keeps of the rest.
  std::string Survivor(const Contents& contents) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  static void Apply(const Change& change, std::string* bytes);
  // Null for a file that nobody looks after.
  Contents* Find(const File& file) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  mutable Mutex mutex_;
  std::mt19937_64 random_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, Contents> files_ ABSL_GUARDED_BY(mutex_);
  // Negative for never.
  int calls_to_fault_ ABSL_GUARDED_BY(mutex_) = -1;
  Fault fault_ ABSL_GUARDED_BY(mutex_) = Fault::kShortWrite;
  int calls_to_cut_ ABSL_GUARDED_BY(mutex_) = -1;
  bool cut_ ABSL_GUARDED_BY(mutex_) = false;
  Image image_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace sluice::sqlite
