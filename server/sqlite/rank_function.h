// Ranking for FTS3 and FTS4, which have none of their own.
#pragma once

struct sqlite3;

namespace sluice::sqlite {

// Adds `sluice_rank(matchinfo(table, 'pcx'))` to a connection: how well a row matches, smaller is
// better. Each phrase counts in each column by its share of all hits there. An SQLite code.
int AddRankFunction(sqlite3* db);

}  // namespace sluice::sqlite
