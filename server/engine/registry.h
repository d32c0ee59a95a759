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

// Thread-safe, but Scan and Close are for one thread.
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

  // Closes everything, waiting for requests in flight until `deadline`.
  void Close(Deadline deadline);

 private:
  // What is known of one file. Only Scan touches it.
  struct Watched {
    std::string path;
    FileState seen;
    absl::Time still_since;
    // Being served, or being closed when `closing`.
    std::shared_ptr<Database> database;
    bool closing = false;
    uint32_t change_counter = 0;
    int bad_looks = 0;
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
  std::vector<std::string> FindFiles();
  void ScanFile(const std::string& name, Watched& file, absl::Time now);
  void TryOpen(const std::string& name, Watched& file, absl::Time now);
  void CheckServed(const std::string& name, Watched& file, const FileState& look, absl::Time now);
  // Whether the file is one that is known under another name.
  bool IsAlias(const FileState& look) const;
  void MoveLeftLogAside(const std::string& name, const Watched& file, absl::Time now);
  bool LooksOverwritten(Watched& file);
  void CloseReplaced(const std::string& name, Watched& file);
  void Publish(const std::string& name, DatabaseState state, std::string reason,
               std::shared_ptr<Database> database);
  void Forget(const std::string& name);
  DatabaseState StateOf(const std::string& name) const;

  const RegistryOptions options_;
  Metrics* const metrics_;
  absl::flat_hash_map<std::string, Watched> files_;
  absl::flat_hash_set<std::string> reported_;
  // By the path of the file.
  absl::flat_hash_map<std::string, LeftLog> left_logs_;

  mutable Mutex mutex_;
  absl::flat_hash_map<std::string, ListedDatabase> listed_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace sluice::engine
