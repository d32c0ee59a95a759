// The client of a Sluice server.
//
//   auto client = sluice::Client::Connect();
//   auto result = client->Query("proj", {"SELECT name FROM ellipsoid WHERE code = ?", {7030}});
//
// Threads: every method of Client may be called from any thread at any time. Copies are cheap and
// share one connection, which is closed with the last copy and the last stream made from it.
//
// Errors: every method answers with an absl::Status that carries gRPC's canonical code; DetailsOf
// (error_details.h) gives the reason. Calls without side effects are sent again, up to four times
// within some four seconds, when the server is UNAVAILABLE; writes never are.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "clients/cpp/error_details.h"
#include "clients/cpp/load.h"
#include "clients/cpp/row_stream.h"
#include "clients/cpp/value.h"
#include "clients/cpp/write.h"
#include "sluice/v1/catalog.pb.h"
#include "sluice/v1/query.pb.h"
#include "sluice/v1/row.pb.h"
#include "sluice/v1/snapshot.pb.h"
#include "sluice/v1/table.pb.h"
#include "sluice/v1/upload.pb.h"

namespace sluice {

namespace client {
class Core;
}  // namespace client

struct ClientOptions {
  // `host:port`, `unix:/path` or another gRPC target. Empty: the environment variable
  // SLUICE_ADDRESS, else 127.0.0.1:7070.
  std::string address;
  // Sent as `authorization: Bearer …`; an empty text sends none. Absent: SLUICE_TOKEN, else, when
  // the address is loopback, the admin token that a server of the same user keeps in
  // $XDG_STATE_HOME/sluice/admin-token (~/.local/state/sluice/admin-token).
  std::optional<std::string> token;
  // Allows a token on a plain-text connection that leaves this machine, for a mesh that encrypts it
  // on the way. Without it Connect refuses that: INVALID_ARGUMENT.
  bool allow_plaintext = false;
  // How long a call with one answer may take, retries included. Changes of tables get at least six
  // minutes.
  absl::Duration deadline = absl::Seconds(30);
  // How long a whole stream or download may take.
  absl::Duration stream_deadline = absl::InfiniteDuration();
  // Goes before gRPC's own in the user-agent header, such as `billing/2.1`.
  std::string user_agent;
};

// One SQL statement with its parameters: by position (`?`) or by name (`:name`), not both.
struct Statement {
  std::string sql;
  std::vector<Value> params = {};
  // Names without the `:`, `@` or `$`.
  std::map<std::string, Value> named_params = {};
  // Other databases that a reading statement reads too, each as a schema of its name.
  std::vector<std::string> databases = {};
};

// A bounded result, whole.
struct QueryResult {
  std::vector<Column> columns;
  std::vector<Row> rows;
  // There were more rows than this.
  bool truncated = false;
  QueryStats stats;
};

// Which rows of a table or a view to give, in which order, and what of them. As it is made it gives
// everything in the order of the keys.
struct RowChoice {
  // A condition as AIP-160 writes it, such as `pages > 100 AND contains(title, "sea")`; RowService
  // in row.proto describes what there is.
  std::string filter = {};
  // Columns as AIP-132 writes them: `author, pages desc`.
  std::string order_by = {};
  // Words that the full-text index over the table is asked for; with raw_search a query in its own
  // language.
  std::string search = {};
  bool raw_search = false;
  // Adds a column `_snippet` with the text around what the search found.
  bool snippets = false;
  // The columns to give; all when empty.
  std::vector<std::string> columns = {};
  // Foreign keys to label in columns of their own; `*` for all.
  std::vector<std::string> labels = {};
};

// What is known of all rows that a filter and a search leave.
struct RowSummary {
  // Exact or timed out.
  v1::RowCount count;
  std::vector<v1::Facet> facets;
  std::vector<std::string> suggested_facets;
};

// One row and what its values mean.
struct KeyedRow {
  std::vector<Column> columns;
  Row row;
};

struct DownloadProgress {
  int64_t bytes_received = 0;
  int64_t bytes_total = 0;
};

struct DownloadOptions {
  // Replace a file that has the name already, and an abandoned `.part` of it.
  bool overwrite = false;
  // Go on with the `.part` that a download before this one has left; when this one is cut, try
  // again with what has come, up to five times in a row without a further byte, ask once more for
  // what came damaged, and leave the `.part` for the next. What the server's database has become
  // meanwhile is what the file will be.
  bool resume = false;
  // A kept snapshot by its name, instead of the present state; `older_copy` is of no use then. One
  // that the server keeps compressed comes so and is unpacked here.
  std::string snapshot;
  // Let the server pack the present state while it sends it, for a slow network. What is sent of an
  // older copy's differences, or after a cut, is not packed.
  bool compress = false;
  // A copy of this database from before, maybe `path` itself: what the two share is not sent again.
  // It need not be sound; the result is checked as a whole.
  std::string older_copy;
  // `older_copy` may be any file. Otherwise one that is neither empty nor an SQLite database is
  // refused, since it would be lost: FAILED_PRECONDITION, reason LOCAL_FILE.
  bool any_older_copy = false;
  // Called in the thread of Download while the server has no place for it: how many are before it,
  // itself included.
  std::function<void(int)> queued;
  // The state must be at least as new as this token's; Client::AtLeast sets it.
  std::string min_commit_token;
  // Called in the thread of Download for every chunk.
  std::function<void(const DownloadProgress&)> progress;
};

struct DownloadResult {
  int64_t size_bytes = 0;
  // In hexadecimal.
  std::string sha256;
  // Which of the server's commits the file holds; opaque.
  std::string commit_token;
  // What went over the network, packed or not, hashes of the older copy included.
  int64_t bytes_transferred = 0;
};

struct SnapshotOptions {
  // Write the database anew on the server, without free pages.
  bool compact = false;
  // Keep only these tables; see CreateSnapshotRequest in snapshot.proto for what comes with them.
  std::vector<std::string> tables = {};
  // Keep it as a zstd file.
  bool compress = false;
  // How long it is kept; zero leaves that to the server.
  absl::Duration ttl = absl::ZeroDuration();
};

struct RestoreOptions {
  // Make a new database of the file; there must be none of that name. Not for snapshots.
  bool create = false;
  // Let the server check everything and put nothing in place.
  bool validate_only = false;
  // Do not keep what is replaced.
  bool discard_replaced = false;
  // Restore although rows refer to rows that are not there.
  bool allow_foreign_key_violations = false;
  // Called in the thread of Restore for every piece that is on the server's disk.
  std::function<void(int64_t done_bytes, int64_t total_bytes)> progress;
};

enum class Health { kUnknown, kServing, kNotServing };

class Client {
 public:
  // Makes a client; the connection is made by the first call. INVALID_ARGUMENT for a token that no
  // header can carry.
  static absl::StatusOr<Client> Connect(const ClientOptions& options = {});

  // A copy whose reads see a state at least as new as the write that was answered with this token:
  // UNAVAILABLE (`COMMIT_NOT_REACHED`) where it has not arrived, FAILED_PRECONDITION
  // (`OTHER_HISTORY`) for a database that was restored or replaced since.
  Client AtLeast(absl::string_view commit_token) const;

  // --- what there is ---

  // All databases, by name; files that cannot be served included.
  absl::StatusOr<std::vector<v1::Database>> ListDatabases() const;
  absl::StatusOr<v1::Database> GetDatabase(absl::string_view database) const;
  // All tables and views, by name, without their columns and keys, which GetTable has.
  absl::StatusOr<std::vector<v1::Table>> ListTables(absl::string_view database,
                                                    bool show_hidden = false) const;
  absl::StatusOr<v1::Table> GetTable(absl::string_view database, absl::string_view table) const;

  // --- SQL ---

  // At most 1 000 rows or 4 MiB; `truncated` says whether there was more. For any size use
  // StreamQuery.
  absl::StatusOr<QueryResult> Query(absl::string_view database, const Statement& statement) const;
  // The whole result, row by row. A refused statement fails here, not in Next(). A stream that
  // breaks, or that the server ends because its reader paused for a minute, goes on where it
  // stopped, if its rows come in the order of a key, then under the state that it finds.
  // RESOURCE_EXHAUSTED (`TRUNCATED`) after the last row of a result that the server's configuration
  // has cut.
  absl::StatusOr<RowStream> StreamQuery(absl::string_view database,
                                        const Statement& statement) const;

  // What a statement is, without running it: parameters, columns and their origins, what it
  // touches, its query plan.
  absl::StatusOr<v1::DescribeResponse> DescribeStatement(
      absl::string_view database, absl::string_view sql,
      const std::vector<std::string>& databases = {}) const;
  // The queries that the configuration stores for a database, by name.
  absl::StatusOr<std::vector<v1::StoredQuery>> ListQueries(absl::string_view database) const;
  // Runs a stored query that reads, with parameters by name, within the bounds of Query.
  absl::StatusOr<QueryResult> RunQuery(absl::string_view database, absl::string_view query,
                                       const Object& params) const;

  // --- rows without SQL ---

  // All rows of a table or a view, page after page as Next() asks for them; `page_size` 0 leaves
  // the size to the server.
  absl::StatusOr<RowStream> ListRows(absl::string_view database, absl::string_view table,
                                     int32_t page_size = 0) const;
  absl::StatusOr<RowStream> ListRows(absl::string_view database, absl::string_view table,
                                     const RowChoice& choice, int32_t page_size = 0) const;
  // The same as one stream, faster than pages and of one state of the database; at most `limit`
  // rows, 0 for all. A stream that breaks, or that the server ends because its reader paused for a
  // minute, goes on where it stopped, then under the state that it finds.
  absl::StatusOr<RowStream> ReadRows(absl::string_view database, absl::string_view table,
                                     const RowChoice& choice = {}, int64_t limit = 0) const;
  // Counts the rows that the filter and the search leave, and the values they hold: facets are
  // `column`, `array(column)` or `date(column)`.
  absl::StatusOr<RowSummary> Summarize(absl::string_view database, absl::string_view table,
                                       const RowChoice& choice,
                                       const std::vector<std::string>& facets = {}) const;
  absl::StatusOr<KeyedRow> GetRow(absl::string_view database, absl::string_view table,
                                  absl::string_view key,
                                  const std::vector<std::string>& labels = {}) const;
  // How many rows of other tables refer to a row, for each foreign key.
  absl::StatusOr<std::vector<v1::Reference>> GetReferences(absl::string_view database,
                                                           absl::string_view table,
                                                           absl::string_view key) const;
  // One value of any size, in pieces: a text in UTF-8, a blob as it is, a number as its decimal,
  // nothing for NULL. False of `take` ends it with CANCELLED.
  absl::Status ReadValue(absl::string_view database, absl::string_view table, absl::string_view key,
                         absl::string_view column,
                         const std::function<bool(absl::string_view)>& take) const;

  // --- writes ---
  //
  // Each is one transaction, and an answer means that it is on the server's disk. After UNAVAILABLE
  // nothing of the request ran if the details hold a retry delay; after DEADLINE_EXCEEDED,
  // CANCELLED and UNKNOWN look before sending it again, unless it had a `request_id`: then the same
  // request may be sent again at any time.

  // Adds rows.
  absl::StatusOr<WriteResult> InsertRows(const InsertRequest& request) const;
  // Inserts rows that are not there and updates those that are.
  absl::StatusOr<WriteResult> UpsertRows(const UpsertRequest& request) const;
  // Changes rows, each to its own values.
  absl::StatusOr<WriteResult> UpdateRows(const UpdateRequest& request) const;
  absl::StatusOr<WriteResult> DeleteRows(const DeleteRequest& request) const;
  // Changes one row, with `if_match` only while it still has that etag (else ABORTED, `CONFLICT`).
  // The result's one row is what it became, with its new etag.
  absl::StatusOr<WriteResult> UpdateRow(const RowName& row, const Object& values,
                                        const WriteOptions& options = {}) const;
  absl::StatusOr<WriteResult> DeleteRow(const RowName& row, const WriteOptions& options = {}) const;
  // Runs one statement that changes rows or definitions.
  absl::StatusOr<ExecuteResult> Execute(absl::string_view database, const Statement& statement,
                                        const WriteOptions& options = {}) const;
  // Runs statements in one transaction, all or none.
  absl::StatusOr<std::vector<ExecuteResult>> BatchExecute(absl::string_view database,
                                                          const std::vector<Statement>& statements,
                                                          const WriteOptions& options = {}) const;
  // Runs a stored query that writes, with parameters by name.
  absl::StatusOr<ExecuteResult> ExecuteQuery(absl::string_view database, absl::string_view query,
                                             const Object& params,
                                             const WriteOptions& options = {}) const;
  // Changes several tables in one transaction, if preconditions hold; see write.proto.
  absl::StatusOr<v1::CommitResponse> Commit(const v1::CommitRequest& request) const;

  // Adds any number of rows to a table, fast, as packed columns. A load that is not atomic goes on
  // by itself when its connection breaks, and adds no row twice; it gives up after five connections
  // in a row that brought nothing further. A row may have 64 MiB. Errors of rows have their place
  // in the load as the metadata `row`. `*result` says how far it came, also when it fails. May take
  // as long as `ClientOptions::stream_deadline` for each connection.
  absl::Status Load(const LoadRequest& request, const RowSupplier& next, LoadResult* result) const;

  // --- tables ---
  //
  // Writes like those above: each is one transaction, which no other write shares. table.proto says
  // what requests can ask for.

  // Makes a table, with its first rows if they are given.
  absl::StatusOr<v1::CreateTableResponse> CreateTable(const v1::CreateTableRequest& request) const;
  // Changes columns, keys, the name and the full-text index of a table, all that is asked or none.
  absl::StatusOr<v1::AlterTableResponse> AlterTable(const v1::AlterTableRequest& request) const;
  // Drops a table or a view. FAILED_PRECONDITION (`IN_USE`) while something needs it, unless the
  // request says `cascade`.
  absl::StatusOr<v1::DropTableResponse> DropTable(const v1::DropTableRequest& request) const;

  // --- whole databases ---

  // Takes a database into the file `path`: into `path.part` first, which gets its name when every
  // checksum, the size and the digest agree and all is on the disk. On an error `path` is as it was
  // and `path.part` is gone, unless another made it or `resume` keeps it. A file that is replaced
  // leaves its mode to the new one. ALREADY_EXISTS when either exists and `overwrite` is not set;
  // FAILED_PRECONDITION when a `-wal` or `-journal` file lies beside, which SQLite would take for
  // part of the new file; DATA_LOSS for damaged or cut bytes.
  absl::StatusOr<DownloadResult> Download(absl::string_view database, const std::string& path,
                                          const DownloadOptions& options = {}) const;

  // Keeps the present state on the server's disk, for many to download, and waits until it is
  // ready; one of the same state is shared. DeadlineExceeded after
  // `ClientOptions::stream_deadline`; the server goes on making it.
  absl::StatusOr<v1::Snapshot> CreateSnapshot(absl::string_view database,
                                              const SnapshotOptions& options = {}) const;
  // The newest first.
  absl::StatusOr<std::vector<v1::Snapshot>> ListSnapshots(absl::string_view database) const;
  absl::StatusOr<v1::Snapshot> GetSnapshot(absl::string_view database,
                                           absl::string_view snapshot) const;
  absl::Status DeleteSnapshot(absl::string_view database, absl::string_view snapshot) const;

  // Puts the file `path` in the place of a database. It is sent in pieces; one that was sent
  // before, whole or in part, is gone on with, also by another process, and a connection that
  // breaks is taken up again, up to five times in a row without a further byte. The server checks
  // it before anything is replaced; what it replaces becomes a kept snapshot. See RestoreDatabase
  // in snapshot.proto for the errors. An empty result for `validate_only`. Ends after
  // `ClientOptions::stream_deadline`.
  //
  // FAILED_PRECONDITION (`LOCAL_FILE`) for a file with a `-wal` that is not empty, or a `-journal`,
  // beside it: a part of the database is in there, and would not be sent. VACUUM INTO makes a copy
  // that is whole; so does closing the database, which ends both.
  absl::StatusOr<v1::RestoreResult> Restore(absl::string_view database, const std::string& path,
                                            const RestoreOptions& options = {}) const;
  // Puts a database back to a kept snapshot.
  absl::StatusOr<v1::RestoreResult> RestoreSnapshot(absl::string_view database,
                                                    absl::string_view snapshot,
                                                    const RestoreOptions& options = {}) const;

  // --- the server ---

  // Whether the server, or one service of it such as `sluice.v1.QueryService`, answers calls.
  // NOT_FOUND for a service that it does not have.
  absl::StatusOr<Health> CheckHealth(absl::string_view service = "") const;

  // Cancels every call and stream in flight, of all copies; they end with CANCELLED. Later calls
  // end so too.
  void CancelAll() const;

  // Where this client calls.
  const std::string& address() const;

 private:
  explicit Client(std::shared_ptr<client::Core> core);

  std::shared_ptr<client::Core> core_;
  // Of AtLeast.
  std::string min_commit_token_;
};

}  // namespace sluice
