// What a file must be before it takes a database's place.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/base/deadline.h"

namespace sluice::engine {

// Size, SHA-256 and SQLite's header: page size, page count, format. DATA_LOSS (CORRUPT);
// FAILED_PRECONDITION (UNSUPPORTED) for a format of the future. `tell` is called with the bytes
// read so far. Changes nothing.
absl::Status CheckBytes(const std::string& path, int64_t size_bytes, const std::string& sha256,
                        const Interrupt& interrupt, const std::function<void(int64_t)>& tell);

struct DatabaseCheck {
  bool allow_foreign_key_violations = false;
  Interrupt interrupt = {};
};
// After CheckBytes: makes the header say rollback journal, so that no log is looked for, and opens
// the file as everything is opened here (defensive, no trusted schema). Then:
//
// * SQLite's own integrity_check. DATA_LOSS (CORRUPT).
// * No object has a name that is SQLite's own, or Sluice's own with another definition: such
//   tables are believed without another look. FAILED_PRECONDITION (UNSAFE_SCHEMA).
// * Virtual tables are of modules that only keep rows; others show pages, statistics or files
//   (UNSAFE_SCHEMA).
// * Views, triggers, defaults, checks and generated columns hold nothing that SQLite calls unsafe
// in
//   a schema that nobody trusts. It would refuse to run it; whoever made it meant harm
//   (UNSAFE_SCHEMA).
// * foreign_key_check. FAILED_PRECONDITION (FOREIGN_KEY).
absl::Status CheckDatabase(const std::string& path, const DatabaseCheck& check);

// Begins a new epoch of commit tokens in the file and returns its first token. The file is on the
// disk when it returns, with nothing beside it.
absl::StatusOr<std::string> PrepareForService(const std::string& path);

}  // namespace sluice::engine
