// One mutation at work: what its statements share. Of this room's own.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "server/engine/mutation.h"
#include "server/engine/schema.h"
#include "server/sqlite/connection.h"

namespace sluice::engine {

// With more column sets than this only the last statement is held: one for each would fill the
// memory.
inline constexpr size_t kPlansKept = 32;

// What became of one row.
enum class RowEffect { kInserted, kUpdated, kDeleted, kIgnored };

// What the statements of one mutation share. Lives inside one attempt of the write.
class TableStatements {
 public:
  TableStatements(const Database& database, sqlite::Connection& connection, const Table& table,
                  const Mutation& mutation, absl::string_view etag_secret)
      : database_(database),
        connection_(connection),
        table_(table),
        mutation_(mutation),
        etag_secret_(etag_secret) {}
  TableStatements(const TableStatements&) = delete;
  TableStatements& operator=(const TableStatements&) = delete;

  // Whether the sink gets an entry for each row: rows of a view have no keys.
  bool returns() const {
    return mutation_.returned == Mutation::Return::kRows ||
           (mutation_.returned == Mutation::Return::kKeys && table_.statements.key.exists());
  }

 protected:
  ~TableStatements() = default;
  // A virtual table does not know RETURNING.
  bool is_virtual() const { return table_.kind == TableKind::kVirtual; }
  // The clause of a statement whose rows the sink gets; empty when there are none.
  std::string ReturningClause() const;
  // `target = ?n` for each part of the key, numbered from `first`.
  absl::StatusOr<std::string> KeyTest(bool by_rowid, size_t first) const;
  // The writable columns of these names. INVALID_ARGUMENT for one that is not there or given
  // twice, FAILED_PRECONDITION (READ_ONLY) for a generated one.
  absl::StatusOr<std::vector<const TableColumn*>> WritableColumns(
      const std::vector<absl::string_view>& names) const;
  // `statement` prepared, or the error of a view that has no trigger for it. Unless it is to be
  // kept, the connection's cache does not get it.
  absl::StatusOr<sqlite::Statement> Prepare(const std::string& sql, bool keep = true);
  // Runs a statement of one row to its end and gives its row, if any, to the sink. Says whether
  // there was one to change.
  absl::StatusOr<bool> RunReturning(sqlite::Statement& statement);
  // A select of the row with this key, standing on it; nothing when it is not there.
  absl::StatusOr<std::optional<sqlite::Statement>> FindRow(const RowKey& key);
  // ABORTED (CONFLICT) when the row has another etag.
  absl::Status CheckEtag(const RowKey& key, absl::string_view etag);
  // What to do about a row that a statement did not change.
  absl::StatusOr<RowEffect> NotChanged(const RowKey& key);
  absl::Status NoSuchRow() const;
  absl::Status PushRow(const sqlite::Statement& statement);

  const Database& database_;
  sqlite::Connection& connection_;
  const Table& table_;
  const Mutation& mutation_;
  const absl::string_view etag_secret_;
};

// Writes the rows of one mutation, one by one.
class TableWriter : public TableStatements {
 public:
  using TableStatements::TableStatements;
  virtual ~TableWriter() = default;

  // Checks the request against the table, once.
  virtual absl::Status Start() = 0;
  virtual absl::StatusOr<RowEffect> Write(const Mutation::Row& row) = 0;
};

std::unique_ptr<TableWriter> MakeInserter(const Database& database, sqlite::Connection& connection,
                                          const Table& table, const Mutation& mutation);
// For kUpdate and kDelete.
std::unique_ptr<TableWriter> MakeUpdater(const Database& database, sqlite::Connection& connection,
                                         const Table& table, const Mutation& mutation,
                                         absl::string_view etag_secret);
std::unique_ptr<TableWriter> MakeDeleter(const Database& database, sqlite::Connection& connection,
                                         const Table& table, const Mutation& mutation,
                                         absl::string_view etag_secret);

// One row in a savepoint of its own, so that nothing of it stays when it fails; unless it has ended
// the whole transaction, as the connection then says.
absl::StatusOr<RowEffect> WriteInSavepoint(sqlite::Connection& connection, TableWriter& writer,
                                           const Mutation::Row& row);
// Whether the row is at fault, and not the disk, the time or the server.
bool IsFaultOfRow(const absl::Status& status);
void Count(RowEffect effect, MutationOutcome* outcome);

// Changes or deletes the rows of `mutation.matching`, in one statement where the table knows how.
absl::Status WriteMatching(Database& database, sqlite::Connection& connection, const Schema& schema,
                           const Table& table, const Mutation& mutation, MutationOutcome* outcome);
// Has a virtual table write what it keeps in memory until the next savepoint or COMMIT, as
// full-text indexes do: so that what fails then fails the write that it belongs to.
absl::Status FlushVirtualTables(sqlite::Connection& connection);
// CheckAnswerBytes of what the sink holds, which may be one row of any size.
absl::Status CheckReturnedBytes(const WriteSink& sink);

// A select of one row by its key, bound and standing on it; nothing when it is not there.
// FAILED_PRECONDITION (UNSUPPORTED) for what has no keys, INVALID_ARGUMENT for a key of another
// number of parts.
absl::StatusOr<std::optional<sqlite::Statement>> SelectByKey(sqlite::Connection& connection,
                                                             const Table& table, const RowKey& key);
// The etag of the row that a statement of SelectByKey stands on.
std::string EtagAt(const Table& table, const sqlite::Statement& statement,
                   absl::string_view secret);
absl::Status Conflict(absl::string_view what);

}  // namespace sluice::engine
