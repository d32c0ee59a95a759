// Copying rows as they are stored. Implemented in C behind SQLite's own source, since it is what
// VACUUM asks of SQLite, which has no public way to ask it.
#pragma once

#ifdef __cplusplus
extern "C" {
#endif

struct sqlite3;

// While on, `INSERT INTO a SELECT * FROM b` between tables of one definition, of which `a` is
// empty, copies the cells of the table and of all its indexes in their order: rowids stay, nothing
// is decoded, sorted or checked.
void sluice_copy_as_stored(struct sqlite3* db, int on);

#ifdef __cplusplus
}
#endif
