// Functions of SQLite whose one call can take time that is the product of its arguments' sizes,
// made anew so that it is their sum. Between two of SQLite's opcodes nothing can stop a statement,
// and `instr` on a megabyte of one letter takes seven seconds.
#pragma once

struct sqlite3;

namespace sluice::sqlite {

// Replaces instr, replace and the trims with two arguments on a connection. They answer what
// SQLite's own do; only for texts that are not UTF-8 the trims compare whole characters where
// SQLite's compare bytes. False when SQLite refuses.
bool BoundFunctions(sqlite3* db);

}  // namespace sluice::sqlite
