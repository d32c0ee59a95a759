// One connection to one database file, with its guard and its prepared statements.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "server/base/limits.h"
#include "server/sqlite/guard.h"
#include "server/sqlite/statement.h"

struct sqlite3;

namespace sluice::sqlite {

struct OpenOptions {
  enum class Mode {
    kReadOnly,
    // Never changes and never looks for a log: `immutable=1`.
    kImmutable,
    kReadWrite,
    kCreate,
    // A new file, into which tables of another one are copied (AttachSource).
    kCopyInto,
  };
  // Which file, whatever its name.
  struct Identity {
    uint64_t device = 0;
    uint64_t inode = 0;
  };
  std::string path;
  Mode mode = Mode::kReadOnly;
  // When set, what must be found at `path`. A file that was put in its place would be read with the
  // write-ahead log of the one before.
  std::optional<Identity> identity = std::nullopt;
  // Allow the legacy "…" form of text literals in the schema and in statements (SQLite's DQS).
  bool legacy_string_literals = false;
  // How long a statement waits for another process's lock.
  absl::Duration busy_wait = limits::kBusyWaitMax;
};

// Not thread-safe; may pass from one thread to another. Closing it can take milliseconds.
class Connection {
 public:
  // Opens and sets everything that this server wants of a connection, and reads the settings back.
  // The file must be sniffed before (engine/file): SQLite opens anything. UNAVAILABLE, DATA_LOSS,
  // RESOURCE_EXHAUSTED.
  static absl::StatusOr<std::unique_ptr<Connection>> Open(const OpenOptions& options);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // A statement from the cache, or a new one. One statement only: INVALID_ARGUMENT (SQL_ERROR) for
  // none, for more, and for what SQLite or the guard refuses. `sql` is copied. Cached by text and
  // by the armed policy.
  absl::StatusOr<Statement> Prepare(absl::string_view sql);
  // The same, always prepared anew and never kept.
  absl::StatusOr<Statement> PrepareUncached(absl::string_view sql);
  // Another database to read under the name `schema`, which no other may have, whatever the case of
  // its letters; only on a connection that reads, outside of transactions, with nobody's policy
  // armed. `options` are those that the database is opened with alone: its `mode` must be this
  // connection's, and of the rest only `path` and `identity` count. UNAVAILABLE,
  // FAILED_PRECONDITION (UNSUPPORTED) for another text encoding. Whatever it says, the connection
  // is to be given up when it fails.
  absl::Status Attach(const std::string& schema, const OpenOptions& options);

  // Runs all statements of a text of the operator's, in order.
  absl::Status ExecuteScript(absl::string_view sql);
  // Runs a statement of ours to its end.
  absl::Status Execute(absl::string_view sql);
  // The first column of the first row of a statement of ours; NULL without a row.
  absl::StatusOr<Value> QueryValue(absl::string_view sql);
  absl::StatusOr<int64_t> QueryInteger(absl::string_view sql);

  // The collation that a column of a table was declared with.
  absl::StatusOr<std::string> ColumnCollation(const std::string& table, const std::string& column);

  Guard& guard() { return guard_; }

  // No transaction is open. SQLite leaves one by itself after some errors.
  bool autocommit() const;
  int64_t changes() const;
  // Since the connection was opened, triggers' and foreign keys' included.
  int64_t total_changes() const;
  int64_t last_insert_rowid() const;
  void set_last_insert_rowid(int64_t rowid);
  // While set, whatever commits rolls the transaction back instead and fails with INTERNAL.
  void set_commit_forbidden(bool forbidden);
  // Violations of foreign keys that wait for COMMIT.
  bool has_deferred_foreign_key_violations() const;
  void set_legacy_string_literals(bool allowed);
  // Whether foreign keys hold; only between transactions. INTERNAL when SQLite does not do it.
  absl::Status set_foreign_keys(bool enforced);
  // Whether ALTER TABLE RENAME leaves the texts of views and triggers alone, and what is wrong
  // there.
  void set_legacy_alter_table(bool legacy);
  // Closing the database's last connection neither copies nor removes the write-ahead log.
  void KeepLogOnClose();

  // Gives back the pages that are kept in memory and not needed at this moment; they are read
  // again.
  void ReleaseMemory();

  // As OpenOptions::busy_wait, from now on.
  void SetBusyWait(absl::Duration wait);

  // Copies as much of the write-ahead log into the database as readers allow; truncates the log
  // when that is all of it. UNAVAILABLE when another checkpoint runs.
  struct CheckpointResult {
    int log_frames = 0;
    int copied_frames = 0;
  };
  absl::StatusOr<CheckpointResult> Checkpoint(bool truncate);

  // Copies whole pages of the file to `out`, as the open read transaction sees them: `count` of
  // them from `first_page`, numbered from 1. DATA_LOSS when the file ends before.
  absl::Status ReadPages(uint32_t first_page, uint32_t count, int32_t page_size_bytes, char* out);

  // Writes the database anew, without free pages, to a file that must not be there. Another
  // transaction than any that is open; the armed interrupt ends it.
  absl::Status VacuumInto(const std::string& path);

  // For a connection that was opened with kCopyInto: makes another database readable, and nothing
  // more, under the name `source` for as long as this lives. Its moment is that of the first read
  // inside of a transaction. UNAVAILABLE (NOT_SERVED) when it is not the file that `options` say.
  absl::Status AttachSource(const OpenOptions& options);
  // Copies all rows of a source's table, and what its indexes hold, to the empty table of the same
  // name and definition, as VACUUM does: as they are stored, rowids included, without sorting.
  absl::Status CopyRows(const std::string& table);
  // For such a file, which nobody else has seen: shadow tables can be made and written like others;
  // and the schema's own table can be, from when it is said.
  absl::Status AllowShadowWrites();
  absl::Status AllowSchemaWrites();

  // Bytes that differ between any two states of the database's log that the open read transaction
  // could see; empty when it has no log.
  std::string LogState();

  // The error of a failed step; the guard's own when it was the guard that stopped it.
  absl::Status StepError(int code);

  // A note for whoever reads the schema: what is read now may still be rolled back.
  bool schema_uncommitted() const { return schema_uncommitted_; }
  void set_schema_uncommitted(bool uncommitted) { schema_uncommitted_ = uncommitted; }
  // For the pieces of this room.
  sqlite3* handle() const { return db_.get(); }

 private:
  friend class Blob;
  explicit Connection(sqlite3* db);
  absl::Status Configure(const OpenOptions& options);
  absl::StatusOr<std::unique_ptr<CachedStatement>> PrepareNew(absl::string_view sql);
  absl::Status PrepareError(int code);
  absl::Status ConnectVirtualTables();
  absl::Status ConnectVirtualTables(const std::string& schema);
  // False when all are in use.
  bool EvictOne();

  // Declared in this order so that statements die before the handle.
  struct Closer {
    void operator()(sqlite3* db) const;
  };
  std::unique_ptr<sqlite3, Closer> db_;
  Guard guard_;
  absl::flat_hash_map<std::string, std::unique_ptr<CachedStatement>> cache_;
  std::string cache_key_;
  uint64_t use_count_ = 0;
  bool schema_uncommitted_ = false;
  // The names of other databases.
  std::vector<std::string> attached_;
};

}  // namespace sluice::sqlite
