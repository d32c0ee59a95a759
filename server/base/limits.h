// Every ceiling of the server, with its why. deploy/README.md lists them for operators; tests/tidy
// compares the two.
#pragma once

#include <cstddef>
#include <cstdint>

#include "absl/time/time.h"

namespace sluice::limits {

// --- requests ---
// gRPC's usual size: what a unary request may hold, and a stream's message. More goes by stream.
inline constexpr size_t kRequestBytesMax = size_t{4} << 20;
// A statement of a person or a program; longer ones are generated and belong in rows or parameters.
inline constexpr size_t kSqlBytesMax = 100'000;
// Bound parameters of one statement: SQLite's own default.
inline constexpr int kParametersMax = 32'766;
// A name of a table or a column that is made.
inline constexpr size_t kNameBytesMax = 1'024;
// A row key or a page token in a request: what fits in a URL with room to spare.
inline constexpr size_t kKeyBytesMax = size_t{64} << 10;
// Rows of one InsertRows: bounds the time that one member holds the writer.
inline constexpr int kInsertRowsMax = 10'000;

// A filter or an order of rows: what people and programs write fits; it goes in URLs too.
inline constexpr size_t kFilterBytesMax = size_t{32} << 10;
// Conditions and values of a filter: each costs time for every row that is looked at.
inline constexpr int kFilterTermsMax = 1'000;
// Levels of parentheses in a filter: bounds the parser's and SQLite's stacks.
inline constexpr int kFilterDepthMax = 32;
// What contains(), like() and their kind look for: SQLite compares it at every place of a text,
// without a look at the deadline.
inline constexpr size_t kFilterPatternBytesMax = 1'000;
// Columns of an order.
inline constexpr size_t kOrderTermsMax = 32;
// What a full-text search looks for.
inline constexpr size_t kSearchBytesMax = size_t{4} << 10;
// Facets of one page: each is counted over all rows.
inline constexpr int kFacetsMax = 20;
// Blocks of a copy that is to be refreshed: smaller ones cost more hashes than they save.
inline constexpr int kRefreshBlockBytesMin = 512;
// Larger ones hold too much that has not changed.
inline constexpr int kRefreshBlockBytesMax = 1 << 20;

// --- results ---
// Rows of a unary result or a page.
inline constexpr int kPageRowsMax = 1'000;
// Rows of a page that does not ask for a number.
inline constexpr int kPageRowsDefault = 100;
// Bytes of a unary result or a page before it is cut, at least one row. gRPC clients take 4 MiB
// unless told otherwise.
inline constexpr size_t kPageBytesMax = size_t{4} << 20;
// Rows that a write returns, all together: known before the commit, since an answer that does not
// reach its caller looks like a failure. One row may be larger.
inline constexpr size_t kWriteAnswerBytesMax = size_t{32} << 20;
// Values of a facet that does not ask for a number, and the most that can be asked for.
inline constexpr int kFacetSizeDefault = 30;
inline constexpr int kFacetSizeMax = 1'000;
// Values of a facet that are counted in memory, and the bytes of all facets of a page; beyond them
// SQLite sorts.
inline constexpr size_t kFacetValuesMax = 100'000;
inline constexpr size_t kFacetBytesMax = size_t{32} << 20;
// Rows that suggestions of facets look at.
inline constexpr int kFacetSuggestRows = 1'000;
// One row, however it is read: SQLite's LENGTH limit for statements of our own.
inline constexpr size_t kRowBytesMax = size_t{64} << 20;
// A row and its frame in one message: what our own clients accept, and what a load may send after
// its first message.
inline constexpr size_t kMessageBytesMax = size_t{72} << 20;
// One value in SQL of callers: bounds what a single opcode can cost.
inline constexpr int kCallerValueBytesMax = 1 << 20;
// A stream's usual message: large enough to fill the pipe, small enough to share it (limits
// measured: 64 to 256 KiB).
inline constexpr size_t kChunkBytes = size_t{128} << 10;
// A stream's first message: the first row should not wait for a full chunk.
inline constexpr size_t kFirstChunkBytes = size_t{4} << 10;
// Rows of a slow statement go out after so long, though they fill no message.
inline constexpr absl::Duration kChunkTimeMax = absl::Milliseconds(100);
// A snapshot's message: reads beside it keep their latency up to this size.
inline constexpr size_t kSnapshotChunkBytes = size_t{256} << 10;

// --- time ---
// A statement of a caller, whatever its own deadline.
inline constexpr absl::Duration kStatementTimeMax = absl::Seconds(30);
// A stream whose receiver takes nothing: it pins the write-ahead log meanwhile.
inline constexpr absl::Duration kStreamStallMax = absl::Seconds(60);
// Waiting for a read connection: beyond it the server is overloaded and says so.
inline constexpr absl::Duration kLeaseWaitMax = absl::Seconds(5);
// Calls that wait so for one database: each holds a thread that other databases want too.
inline constexpr int kLeaseWaitersMax = 4;
// How often such a call looks whether its caller has gone away.
inline constexpr absl::Duration kCancelledWaiterLook = absl::Milliseconds(50);
// Waiting for another process's lock on the database file.
inline constexpr absl::Duration kBusyWaitMax = absl::Seconds(5);
// Counting a table's rows for GetTable.
inline constexpr absl::Duration kCountTimeMax = absl::Milliseconds(100);
// Rows at which such a count stops.
inline constexpr int64_t kCountRowsMax = 10'000;
// Counting exactly the rows that a filter leaves, when asked for it.
inline constexpr absl::Duration kExactCountTimeMax = absl::Seconds(10);
// Counting the facets of one page, all together.
inline constexpr absl::Duration kFacetTimeMax = absl::Seconds(3);
// Looking for facets to suggest.
inline constexpr absl::Duration kFacetSuggestTimeMax = absl::Milliseconds(200);
// Counting the rows that refer to a row, all together.
inline constexpr absl::Duration kReferencesTimeMax = absl::Milliseconds(500);
// Waiting for a commit that a read asks for to arrive: a caller that wants longer asks again.
inline constexpr absl::Duration kCommitWaitMax = absl::Seconds(2);
// From SIGTERM until calls in flight are cancelled.
inline constexpr absl::Duration kDrainTimeMax = absl::Seconds(10);

// --- concurrency ---
// Read connections of one database: each holds a page cache and, while it streams, a place in the
// write-ahead log. The last eighth is for looking up rows and descriptions only.
inline constexpr int kReadConnectionsMax = 64;
// Threads for reads that may block, of the whole server: more than cores, since a stream waits for
// its receiver.
inline constexpr int kWorkerThreads = 16;
// Reads that wait for a commit at a time: each holds such a thread.
inline constexpr int kCommitWaitersMax = 4;
// Calls waiting for such a thread.
inline constexpr size_t kWorkerQueueMax = 4'096;
// Prepared statements kept for each connection.
inline constexpr size_t kStatementCacheMax = 64;
// Downloads at a time, of the whole server: more bring no more bandwidth and starve reads.
inline constexpr int kDownloadsMax = 2;
// Streams of one HTTP/2 connection.
inline constexpr int kStreamsPerConnectionMax = 256;
// Memory that gRPC may take for the buffers of all connections.
inline constexpr size_t kGrpcBufferBytesMax = size_t{256} << 20;

// Downloads of kept snapshots at a time: they hold no database, only bandwidth, and a client may
// take several parts at once.
inline constexpr int kKeptDownloadsMax = 8;

// --- kept snapshots ---
// Of the whole server, whatever their size.
inline constexpr size_t kKeptSnapshotsMax = 1'000;
// Waiting to be made: each holds its moment in the write-ahead log.
inline constexpr size_t kSnapshotQueueMax = 8;
// How long CreateSnapshot waits for one to be ready: under the deadlines of the usual proxies.
inline constexpr absl::Duration kSnapshotWaitMax = absl::Seconds(20);
// How long one is kept that does not say so.
inline constexpr absl::Duration kSnapshotTtlDefault = absl::Hours(24);
// And at most.
inline constexpr absl::Duration kSnapshotTtlMax = absl::Hours(24 * 30);
// Names of tables that one is asked to hold: its record keeps them.
inline constexpr size_t kSnapshotTableNamesBytesMax = size_t{16} << 10;
// What is compressed as one, so that a reader may begin there: larger ones pack better and make
// larger messages.
inline constexpr size_t kCompressedBlockBytes = size_t{1} << 20;

// --- restores ---
// One piece of an upload: what a unary request may hold.
inline constexpr size_t kUploadPieceBytesMax = size_t{4} << 20;
// Uploads of one database at a time: each sets room aside on the disk.
inline constexpr size_t kUploadsPerDatabaseMax = 4;
// And of the whole server.
inline constexpr size_t kUploadsMax = 64;
// How long an upload is kept that does not say so.
inline constexpr absl::Duration kUploadTtlDefault = absl::Hours(24);
// And at most.
inline constexpr absl::Duration kUploadTtlMax = absl::Hours(24 * 7);
// Files that are checked and put in place at a time, of the whole server: each reads a whole disk
// and takes a core.
inline constexpr int kRestoresMax = 2;
// How long a restore waits for the requests that read the old file, while new ones are turned away;
// then they are ended. With what follows within the minute that a gateway gives a call.
inline constexpr absl::Duration kRestoreDrainTimeMax = absl::Seconds(30);
// How long those that were ended have to give their connections back.
inline constexpr absl::Duration kRestoreEndTimeMax = absl::Seconds(10);
// A database's name, where it is made by an upload: a file's name with room for its ending.
inline constexpr size_t kDatabaseNameBytesMax = 200;

// --- the writer ---
// Writes waiting for one database's writer.
inline constexpr size_t kWriteQueueMax = 4'096;
// Of one caller, so that the others find room.
inline constexpr size_t kWriteQueuePerCallerMax = 2'048;
// Their bytes, as they are held in memory, and those of one caller.
inline constexpr size_t kWriteQueueBytesMax = size_t{128} << 20;
inline constexpr size_t kWriteQueueBytesPerCallerMax = size_t{64} << 20;
// Writes that share one commit.
inline constexpr size_t kGroupMembersMax = 512;
// Their bytes.
inline constexpr size_t kGroupBytesMax = size_t{8} << 20;
// The time that a group takes new members in; a long member ends it early.
inline constexpr absl::Duration kGroupTimeMax = absl::Milliseconds(50);
// Time of one member inside a group.
inline constexpr absl::Duration kMemberTimeMax = absl::Seconds(10);
// A write's `request_id`: a UUID with room to spare.
inline constexpr size_t kRequestIdBytesMax = 128;
// How long the receipt of a write with a `request_id` is kept, when the configuration says nothing.
inline constexpr absl::Duration kReceiptsKept = absl::Hours(24);
// Rows of one message of a load.
inline constexpr int kLoadMessageRowsMax = 10'000;
// Rows of a load that are one transaction, when it does not say; and at most.
inline constexpr int kLoadPartRowsDefault = 10'000;
inline constexpr int kLoadPartRowsMax = 100'000;
// Their bytes: what waits for the writer of one load, twice.
inline constexpr size_t kLoadPartBytesMax = size_t{4} << 20;
// Messages of loads beyond kRequestBytesMax that are held at a time, of the whole server, by what
// they take once parsed: some of the largest rows.
inline constexpr size_t kLargeMessagesBytesMax = size_t{256} << 20;
// What a load in one transaction may stage, what all of them may together, and how long one may
// hold the writer in the end.
inline constexpr int64_t kAtomicLoadBytesMax = int64_t{256} << 20;
inline constexpr int64_t kStagedBytesMax = int64_t{1} << 30;
inline constexpr absl::Duration kAtomicLoadTimeMax = absl::Seconds(30);
// What a row's or a statement's failure says: a trigger's own message may hold anything.
inline constexpr size_t kErrorMessageBytesMax = 1'000;
// Rows that failed that one call of a load tells of.
inline constexpr size_t kLoadErrorsMax = 1'000;
// Loads at a time, of the whole server: each holds two parts in memory.
inline constexpr int kLoadsMax = 16;
// Preconditions of one Commit, and mutations of each of its branches.
inline constexpr int kCommitPartsMax = 1'000;
// A change of a table, which may write all of its rows anew; other writes wait meanwhile.
inline constexpr absl::Duration kTableChangeTimeMax = absl::Minutes(5);
// Changes of one AlterTable.
inline constexpr int kTableChangesMax = 1'000;
// The write-ahead log's size at which the checkpointer runs.
inline constexpr int64_t kWalCheckpointBytes = int64_t{4} << 20;

// The write-ahead log's ceiling, when the configuration says nothing: beyond it the oldest reads
// are ended so that it can be cut.
inline constexpr int64_t kWalBytesMax = int64_t{256} << 20;
// A read that is younger is not ended for it.
inline constexpr absl::Duration kEndedReadAgeMin = absl::Seconds(1);

// --- memory that SQLite takes for requests; page caches beside ---
// One request: what sorts a million rows. Beyond it the statement fails, not the server.
inline constexpr int64_t kRequestMemoryBytesMax = int64_t{256} << 20;
// All requests together, what each takes beyond its first MiB.
inline constexpr int64_t kSqlMemoryBytesMax = int64_t{1} << 30;

// --- SQL of callers: SQLite's run-time limits ---
inline constexpr int kSqlColumnsMax = 2'000;
inline constexpr int kSqlExpressionDepthMax = 100;
inline constexpr int kSqlCompoundSelectMax = 50;
inline constexpr int kSqlVmOpsMax = 250'000;
inline constexpr int kSqlFunctionArgumentsMax = 32;
// Comparisons that one LIKE or GLOB can take, the product of its pattern's and its text's bytes:
// some seconds, in which nothing stops it.
inline constexpr int64_t kPatternWorkMax = 1'000'000'000;
// A pattern is tried at every character of a value: this times kCallerValueBytesMax is a third of a
// second.
inline constexpr int kSqlLikePatternBytesMax = 100;
inline constexpr int kSqlTriggerDepthMax = 10;
// Databases that one statement reads beside its own: SQLite's own bound.
inline constexpr int kAttachedDatabasesMax = 10;

}  // namespace sluice::limits
