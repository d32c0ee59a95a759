// Where a database's commits through Sluice stand: one row in the hidden table
// `_sluice_commit(epoch, seq)`, counted up in every group of writes, so that it is as durable as
// they are. Writers outside Sluice do not advance it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "server/sqlite/connection.h"

namespace sluice::engine {

inline constexpr char kCommitTable[] = "_sluice_commit";
// As SQLite keeps its definition.
inline constexpr char kCommitTableSql[] =
    "CREATE TABLE _sluice_commit(id INTEGER PRIMARY KEY CHECK (id = 1), epoch BLOB NOT NULL, "
    "seq INTEGER NOT NULL) STRICT";

// What a token says. Epochs are of one database's history each; within one a later commit has a
// larger number.
struct CommitToken {
  std::string epoch;
  int64_t sequence = 0;
};

// Nothing for a text that is no token.
std::optional<CommitToken> ParseCommitToken(absl::string_view token);

// Counts up inside the open transaction and returns the new token; makes the table, with a new
// epoch, when it is not there.
absl::StatusOr<std::string> AdvanceCommitSequence(sqlite::Connection& connection);

// The token that AdvanceCommitSequence will return in the open transaction; makes the table too.
absl::StatusOr<std::string> NextCommitToken(sqlite::Connection& connection);

// Begins a new epoch inside the open transaction: no token from before is one of this database any
// more. Returns its first token.
absl::StatusOr<std::string> BeginEpoch(sqlite::Connection& connection);

// Whether a statement failed because the table, one of the server's own, is not there yet. It may
// fail for another reason of the same code, such as another's foreign key onto it.
absl::StatusOr<bool> IsMissingTable(sqlite::Connection& connection, const absl::Status& status,
                                    absl::string_view table);

// The token as of the connection's view; empty when nothing was ever written through Sluice.
absl::StatusOr<std::string> ReadCommitToken(sqlite::Connection& connection);

}  // namespace sluice::engine
