// Pages of the main database as an open read transaction sees them, many at a time and copied once.
// Implemented in C behind SQLite's own source, since it asks the write-ahead log where a page is,
// which no public interface of SQLite tells. Everything else here goes through the public one.
#pragma once

#ifdef __cplusplus
extern "C" {
#endif

struct sqlite3;

// Copies `count` pages from `first_page` (1 for the first) to `out`, which holds `count` times
// `page_bytes`. A run of pages that are not in the log costs one read of the file, through SQLite's
// own handle of it. The connection must be inside a read transaction that has read, belong to this
// thread, and have no changes of its own. An SQLite result code: SQLITE_IOERR_SHORT_READ when the
// file ends before them, SQLITE_MISUSE without such a transaction.
int sluice_read_pages(struct sqlite3* db, unsigned first_page, unsigned count, int page_bytes,
                      char* out);

// Writes what tells the transaction's state of the write-ahead log from every other state: at most
// `capacity` bytes to `out`, the same for two transactions only if no commit lies between them.
// Returns how many; 0 when the database has no log or no such transaction is open.
int sluice_log_state(struct sqlite3* db, char* out, int capacity);

#ifdef __cplusplus
}
#endif
