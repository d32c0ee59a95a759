// One database that is being served: its connections, its schema, its writer.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "server/base/deadline.h"
#include "server/base/limits.h"
#include "server/base/metrics.h"
#include "server/base/mutex.h"
#include "server/engine/digest.h"
#include "server/engine/file.h"
#include "server/engine/init_database.h"
#include "server/engine/inspection.h"
#include "server/engine/policy.h"
#include "server/engine/schema.h"
#include "server/engine/writer.h"
#include "server/sqlite/pool.h"

namespace sluice::engine {

struct DatabaseOptions {
  std::string name;
  std::string path;
  bool read_only = false;
  // The file never changes: no locks, no log, mapped into memory. Implies read_only.
  bool immutable = false;
  int read_connections_max = 0;
  // How long a write's receipt is kept; see engine/receipts.h.
  absl::Duration receipts_kept = limits::kReceiptsKept;
  // The write-ahead log's ceiling.
  int64_t wal_bytes_max = limits::kWalBytesMax;
  // How long a write waits for another process's lock.
  absl::Duration busy_wait = limits::kBusyWaitMax;
  // What a writable database is to hold from the first; may be null. Outlives the opening.
  const InitSpec* init = nullptr;
};

// Thread-safe. Held by shared_ptr: requests in flight keep it alive when it leaves the registry.
class Database {
 public:
  // Opens the file, turns a writable one to WAL, looks for legacy string literals, reads the
  // schema, starts the writer. Can take milliseconds. FAILED_PRECONDITION, DATA_LOSS, UNAVAILABLE
  // with a message that says what is wrong with the file, without its path.
  static absl::StatusOr<std::shared_ptr<Database>> Open(DatabaseOptions options, Metrics* metrics);
  ~Database();

  const std::string& name() const { return options_.name; }
  bool read_only() const { return writer_ == nullptr; }
  bool legacy_string_literals() const { return legacy_string_literals_; }
  // Whether another process that writes makes readers wait: the file has a rollback journal.
  bool reads_wait() const { return reads_wait_; }
  absl::Duration receipts_kept() const { return options_.receipts_kept; }

  // Null unless the file never changes.
  const Inspection* inspection() const { return inspection_.has_value() ? &*inspection_ : nullptr; }

  // A read connection for one request.
  absl::StatusOr<sqlite::ReadLease> Acquire(const Interrupt& interrupt,
                                            sqlite::Use use = sqlite::Use::kLong) {
    return readers_->Acquire(interrupt, use);
  }

  // The same without waiting: nothing when all are in use.
  absl::StatusOr<std::optional<sqlite::ReadLease>> TryAcquire(sqlite::Use use) {
    return readers_->TryAcquire(use);
  }

  // The schema as it is now on this connection; read anew when it has changed.
  absl::StatusOr<std::shared_ptr<const Schema>> CurrentSchema(sqlite::Connection& connection);
  // The schema as last seen, without asking the file. Whoever uses it watches
  // Statement::reprepared.
  std::shared_ptr<const Schema> CachedSchema();
  // The policy for callers' SQL under the current schema.
  absl::StatusOr<std::shared_ptr<const CallerPolicy>> CurrentPolicy(sqlite::Connection& connection);

  // The database written anew, without free pages, to a file that must not be there.
  absl::Status VacuumInto(const std::string& path, const Interrupt& interrupt);

  // FAILED_PRECONDITION (READ_ONLY) when there is none.
  absl::StatusOr<Writer*> FindWriter();

  // How its readers open the file; whoever opens it so holds a connection of the pool meanwhile.
  const sqlite::OpenOptions& reading() const { return reading_; }

  // The folder that the file is in.
  std::string folder() const;

  // Bytes of the write-ahead log's file.
  int64_t WalBytes() const;
  // Of the state that was downloaded last.
  KnownDigest& known_digest() { return known_digest_; }
  // Where the file stands, for the registry's watch.
  const FileHold& hold() const { return hold_; }

  // Stops lending connections, lets the writer finish what it has begun, and waits for leases until
  // `deadline`. False when some are still out; the database is closed when the last returns. With
  // `abandon`, for a file that was replaced, the write-ahead log is left beside it as it is, and
  // writes that have not begun are refused.
  bool Close(Deadline deadline, bool abandon = false);
  // Refuses writes from now on, those that wait included; for a file that is known to be replaced:
  // what is acknowledged into it is lost.
  void RefuseWrites();

  // For a file that is to be replaced while nothing else uses it. Waits until no request reads;
  // the database goes on as it is. False when `deadline` came first.
  bool WaitForReaders(Deadline deadline) { return readers_->WaitUntilIdle(deadline); }
  // Tells everyone who reads, and can be told, to end; says how many they are.
  int EndReads();
  // Closes everything unless a request reads, which leaves it as it is and gives false. Writes that
  // wait are answered UNAVAILABLE.
  bool CloseIfUnused();
  // After that: copies the log into the file, removes it, and keeps every other process out for as
  // long as the connection lives. UNAVAILABLE (OVERLOADED) when another has the file open.
  absl::StatusOr<std::unique_ptr<sqlite::Connection>> LockAlone();
  // After that, and once the connection is gone: the file may be opened anew.
  void LetGo();
  const std::string& path() const { return options_.path; }

 private:
  Database(DatabaseOptions options, FileHold hold, Metrics* metrics);
  absl::Status Start();
  absl::Status StartWriter(const sqlite::OpenOptions& open);

  const DatabaseOptions options_;
  // Outlives every connection: see FileHold.
  FileHold hold_;
  Metrics* const metrics_;
  const DatabaseMetrics series_;
  bool legacy_string_literals_ = false;
  bool reads_wait_ = false;
  // Constant after Start.
  std::optional<Inspection> inspection_;
  sqlite::OpenOptions reading_;
  std::shared_ptr<sqlite::Pool> readers_;
  std::unique_ptr<Writer> writer_;
  KnownDigest known_digest_;

  Mutex mutex_;
  std::shared_ptr<const Schema> schema_ ABSL_GUARDED_BY(mutex_);
  std::shared_ptr<const CallerPolicy> policy_ ABSL_GUARDED_BY(mutex_);
};

// NOT_FOUND (NO_SUCH_TABLE) for a name that is not there or is hidden, FAILED_PRECONDITION for one
// that cannot be read.
absl::StatusOr<const Table*> FindTable(const Schema& schema, absl::string_view database,
                                       absl::string_view table);

}  // namespace sluice::engine
