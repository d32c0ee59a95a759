// Snapshots that the server keeps: made once, named, read by many, gone after a while.
#pragma once

#include <atomic>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "server/base/mutex.h"
#include "server/engine/database.h"
#include "server/engine/kept_snapshot.h"
#include "server/engine/snapshot.h"

namespace sluice::engine {

struct SnapshotStoreOptions {
  // Holds nothing else. Made when the first snapshot is; one server at a time uses it.
  std::string folder;
  int64_t quota_bytes = 0;
};

struct CreateSnapshotSpec {
  bool compact = false;
  // Only these; all when empty.
  std::vector<std::string> tables = {};
  bool compressed = false;
  // How long it is kept.
  absl::Duration ttl;
};

// Thread-safe. One snapshot is written at a time, by a thread of its own.
//
// In the folder each has a file of bytes, ID.db or ID.db.zst, and a record, ID.info, which is
// written last: bytes without a record are what a crash has left, and are removed when the store
// opens.
class SnapshotStore {
 public:
  using Done = std::function<void(const absl::StatusOr<KeptSnapshot>&)>;

  explicit SnapshotStore(SnapshotStoreOptions options);
  ~SnapshotStore() { Stop(); }

  // Makes a snapshot that holds every commit that was answered before this call. One of the same
  // state that is there or being made is shared, and lives as long as the longest that was asked
  // for. `done` is called once, from any thread: when it is ready or has failed, or after
  // kSnapshotWaitMax while it is still being made. RESOURCE_EXHAUSTED (LIMIT) beyond the quota,
  // (DISK_FULL); UNAVAILABLE (OVERLOADED) when too many wait; what ChooseTables says.
  void Create(const std::shared_ptr<Database>& database, CreateSnapshotSpec spec, Done done);

  // The newest first. NOT_FOUND (NO_SUCH_SNAPSHOT) for one that is not there.
  std::vector<KeptSnapshot> List(absl::string_view database);
  absl::StatusOr<KeptSnapshot> Find(absl::string_view database, absl::string_view id);
  // FAILED_PRECONDITION while it is being made; what made one fail.
  absl::StatusOr<std::shared_ptr<const KeptFile>> Open(absl::string_view database,
                                                       absl::string_view id);
  // One that is being made is given up. Whoever reads it reads on.
  absl::Status Delete(absl::string_view database, absl::string_view id);
  // For a database's file that another one replaces: it is kept until somebody deletes it. First a
  // place in the quota for it, under the id that is returned (RESOURCE_EXHAUSTED, LIMIT); then
  // either Withdraw, or Adopt with the file, which nobody uses any more and which is gone when it
  // returns OK. Without a place Adopt makes one, whatever the quota says.
  absl::StatusOr<std::string> Announce(const std::string& database, int64_t size_bytes);
  void Withdraw(const std::string& id);
  absl::Status Adopt(const std::string& id, const std::string& database, const std::string& path);

  // Where the bytes of a ready one lie, for whoever copies them as a file.
  std::string PathOf(absl::string_view id, bool compressed = false) const;
  // UNAVAILABLE when another server uses the folder, or it cannot be made.
  absl::Status Ready();

  // Ends what is being made and answers everyone. Nothing is made afterwards.
  void Stop();

 private:
  struct Waiting {
    absl::Time until;
    Done done;
  };
  struct Entry {
    KeptSnapshot snapshot;
    std::vector<Waiting> waiting;
    // Bytes that are set aside for it while it is being made.
    int64_t reserved_bytes = 0;
    // What the database, or its tables, may take of them.
    int64_t bytes_max = 0;
    std::atomic<bool> cancelled{false};
  };
  struct Job {
    std::string id;
    std::shared_ptr<Database> database;
    // Its moment; a compact one takes its own.
    std::unique_ptr<Snapshot> snapshot;
    std::shared_ptr<Entry> entry;
  };

  absl::Status OpenFolder() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void ReadRecords() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::StatusOr<std::shared_ptr<Entry>> Enqueue(const std::shared_ptr<Database>& database,
                                                 std::unique_ptr<Snapshot> snapshot,
                                                 const CreateSnapshotSpec& spec);
  // Sets aside what making it may take when the database, or its tables, take `bytes`.
  absl::Status Reserve(int64_t bytes, Entry* entry) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Status ReserveMeasured(const Job& job);
  // What is set aside for others, when there is room for so much more in the quota.
  absl::StatusOr<int64_t> CheckQuota(int64_t size_bytes) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  std::shared_ptr<Entry> FindEntry(absl::string_view database, absl::string_view id)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Make();
  void Sweep();
  absl::StatusOr<KeptSnapshot> Write(const Job& job);
  absl::Status WriteRecord(const KeptSnapshot& snapshot) const;
  void Conclude(const Job& job, absl::StatusOr<KeptSnapshot> made);
  void RemoveFiles(const std::string& id) const;
  static void Answer(std::vector<Waiting> waiting, const absl::StatusOr<KeptSnapshot>& result);

  const SnapshotStoreOptions options_;
  std::atomic<bool> stopping_{false};
  Mutex mutex_;
  CondVar changed_;
  // The lock on the folder; -1 until it is opened.
  int lock_file_ ABSL_GUARDED_BY(mutex_) = -1;
  std::map<std::string, std::shared_ptr<Entry>, std::less<>> entries_ ABSL_GUARDED_BY(mutex_);
  std::deque<Job> jobs_ ABSL_GUARDED_BY(mutex_);
  std::thread maker_;
  std::thread sweeper_;
};

}  // namespace sluice::engine
