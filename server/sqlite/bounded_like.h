// LIKE and GLOB whose cost is looked at before they begin. They stay SQLite's own functions, so
// that an index still serves them; what stands before them is put there behind SQLite's own source,
// since the public interface can only replace them by functions that no index serves.
#pragma once

#ifdef __cplusplus
extern "C" {
#endif

// Told how many comparisons a call can take at most; SQLITE_OK lets it go on, another code is what
// the statement ends with. From every thread that uses SQLite.
typedef int (*sluice_check_work)(long long comparisons);

// Once, after sqlite3_initialize and before any connection.
void sluice_bound_like(sluice_check_work check);

#ifdef __cplusplus
}
#endif
