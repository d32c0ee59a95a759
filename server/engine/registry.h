// Which databases there are: from files that come, change and go to databases that are served.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "server/base/deadline.h"
#include "server/base/metrics.h"
#include "server/base/mutex.h"
#include "server/engine/database.h"
#include "server/engine/file.h"
#include "server/engine/settings.h"

namespace sluice::engine {

struct RegistryOptions {
  // Database files, and folders that hold some.
  std::vector<std::string> paths;
  bool read_only = false;
  bool immutable = false;
  int read_connections_max = 0;
  absl::Duration receipts_kept = limits::kReceiptsKept;
  int64_t wal_bytes_max = limits::kWalBytesMax;
  absl::Duration busy_wait = limits::kBusyWaitMax;
  // How long a restore lets readers finish.
  absl::Duration restore_drain = limits::kRestoreDrainTimeMax;
  // What databases are to hold from the first; may be null. Outlives the registry.
  const Settings* settings = nullptr;
};

enum class DatabaseState { kServing, kOpening, kRefused };

// A database as it stands in the list.
struct ListedDatabase {
  std::string name;
  DatabaseState state = DatabaseState::kOpening;
  // For kRefused.
  std::string reason;
  // For kServing.
  std::shared_ptr<Database> database;
};

// Thread-safe. Scan is called by one thread.
//
// A new file is opened when its size and time have been still for a second and its header's page
// count fits, so that a file that is being copied is not opened half. A file replaced by rename is
// closed wholly, the log of the old one is moved aside, and only then the new one is opened: SQLite
// would read the new file with the old log. A file overwritten in place is not served until it is
// replaced. A file that vanishes takes its database with it. Links to one file are one database.
class Registry {
 public:
  // `metrics` must outlive the registry.
  Registry(RegistryOptions options, Metrics* metrics);
  ~Registry();

  // One look at the files; opens and closes what it must, which can take seconds when requests in
  // flight hold a file that was replaced.
  void Scan(absl::Time now);
  // Nothing is about to be opened.
  bool settled() const;

  // NOT_FOUND (NO_SUCH_DATABASE), UNAVAILABLE (NOT_SERVED), DATA_LOSS (CORRUPT).
  absl::StatusOr<std::shared_ptr<Database>> Find(absl::string_view name) const;
  // NOT_FOUND.
  absl::StatusOr<ListedDatabase> Describe(absl::string_view name) const;
  // Ordered by name.
  std::vector<ListedDatabase> List() const;

  // Puts the file `next` in the place of a database's own, which gets the name `old`; both on its
  // file system, `next` whole and fit to be served. New calls are turned away (NOT_SERVED) until it
  // is done; calls that read the old file are waited for, as long as kRestoreDrainTimeMax; writes
  // that wait are refused. UNAVAILABLE (OVERLOADED) when readers or another process stay: then the
  // old file is served on. A damaged file that is not served is replaced too. `next` is gone
  // afterwards exactly if it has the place.
  absl::Status Replace(const std::string& name, const std::string& next, const std::string& old,
                       const Interrupt& interrupt);
  // Gives `next` the place of PathForNew. ALREADY_EXISTS (DATABASE_EXISTS).
  absl::Status Add(const std::string& name, const std::string& next);
  // The file whose place Replace gives, without links. NOT_FOUND (NO_SUCH_DATABASE), UNAVAILABLE
  // (NOT_SERVED), FAILED_PRECONDITION (READ_ONLY).
  absl::StatusOr<std::string> PathForReplacing(const std::string& name);
  // The file that a new database of that name has. ALREADY_EXISTS, FAILED_PRECONDITION (READ_ONLY),
  // (UNSUPPORTED) when no folder is served.
  absl::StatusOr<std::string> PathForNew(const std::string& name);
  // The folders in which databases lie or are made, without links.
  std::vector<std::string> Folders();

  // Closes everything, waiting for requests in flight until `deadline`.
  void Close(Deadline deadline);

 private:
  // What is known of one file.
  struct Watched {
    std::string path;
    FileState seen;
    absl::Time still_since;
    // Being served, or being closed when `closing`.
    std::shared_ptr<Database> database;
    bool closing = false;
    uint32_t change_counter = 0;
    int bad_looks = 0;
    // Replace works on it: nobody else may.
    bool replacing = false;
    // Overwritten in place: not opened until another file has its name.
    bool overwritten = false;
    // When one that was refused for a reason that may pass is tried again.
    absl::Time retry_at = absl::InfiniteFuture();
  };
  // What a file that vanished has left behind.
  struct LeftLog {
    FileState file;
    FileState log;
  };
  std::vector<std::string> FindFiles() const;
  void ScanFile(const std::string& name, Watched& file, absl::Time now)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(scan_mutex_);
  void TryOpen(const std::string& name, Watched& file, absl::Time now)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(scan_mutex_);
  void CheckServed(const std::string& name, Watched& file, const FileState& look, absl::Time now)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(scan_mutex_);
  // Whether the file is one that is known under another name.
  bool IsAlias(const FileState& look) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(scan_mutex_);
  void MoveLeftLogAside(const Watched& file) ABSL_EXCLUSIVE_LOCKS_REQUIRED(scan_mutex_);
  bool LooksOverwritten(Watched& file);
  void CloseReplaced(const std::string& name, Watched& file);
  void Publish(const std::string& name, DatabaseState state, std::string reason,
               std::shared_ptr<Database> database);
  void Forget(const std::string& name) ABSL_EXCLUSIVE_LOCKS_REQUIRED(scan_mutex_);
  absl::Status CheckMayChange() const;
  absl::StatusOr<Watched*> FindReplaceable(const std::string& name)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(scan_mutex_);
  // Null for a damaged file.
  absl::StatusOr<std::shared_ptr<Database>> BeginReplacing(const std::string& name);
  absl::Status SwapServed(const std::string& next, const std::string& old, Watched& file)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(scan_mutex_);
  DatabaseState StateOf(const std::string& name) const;

  const RegistryOptions options_;
  Metrics* const metrics_;

  // Held while files are looked at, opened, closed and swapped; never while requests are waited for
  // but for a moment. Before mutex_.
  Mutex scan_mutex_;
  bool first_scan_ ABSL_GUARDED_BY(scan_mutex_) = true;
  absl::flat_hash_map<std::string, Watched> files_ ABSL_GUARDED_BY(scan_mutex_);
  absl::flat_hash_set<std::string> reported_ ABSL_GUARDED_BY(scan_mutex_);
  // By the path of the file.
  absl::flat_hash_map<std::string, LeftLog> left_logs_ ABSL_GUARDED_BY(scan_mutex_);

  mutable Mutex mutex_;
  absl::flat_hash_map<std::string, ListedDatabase> listed_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace sluice::engine
