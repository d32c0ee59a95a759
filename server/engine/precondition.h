// What must hold before a write changes anything.
#pragma once

#include <optional>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "server/engine/browse.h"
#include "server/engine/database.h"
#include "server/sqlite/value.h"

namespace sluice::engine {

// Views into the request.
struct Precondition {
  enum class Operator { kEqual, kNotEqual, kLess, kLessOrEqual, kGreater, kGreaterOrEqual };
  // A column of the row against a value, as SQL compares; NULL with (un)equal only.
  struct Comparison {
    absl::string_view column;
    Operator op = Operator::kEqual;
    sqlite::ValueView value;
  };
  absl::string_view table = {};
  RowKey key = {};
  // Whether the row must be there; the two below ask for it too.
  bool exists = true;
  // When not empty.
  absl::string_view etag = {};
  std::optional<Comparison> comparison = std::nullopt;
};

// Whether it holds in the connection's transaction. NOT_FOUND (NO_SUCH_TABLE), INVALID_ARGUMENT for
// a key or a column that the table does not have, FAILED_PRECONDITION (UNSUPPORTED) for a view.
absl::StatusOr<bool> Holds(Database& database, sqlite::Connection& connection,
                           const Precondition& precondition, absl::string_view etag_secret);

}  // namespace sluice::engine
