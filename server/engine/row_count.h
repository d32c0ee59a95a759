// How many rows there are, as far as counting is worth it.
#pragma once

#include <cstdint>

#include "absl/status/statusor.h"
#include "server/base/deadline.h"
#include "server/engine/rows_spec.h"
#include "server/engine/schema.h"
#include "server/sqlite/connection.h"

namespace sluice::engine {

struct RowCount {
  // kCapped: at least `value`. kUnknown and kTimedOut: `value` is 0.
  enum class Kind { kExact, kCapped, kUnknown, kTimedOut };
  Kind kind = Kind::kUnknown;
  int64_t value = 0;
};

enum class CountMode {
  kNone,
  // Up to kCountRowsMax rows, for at most kCountTimeMax.
  kCapped,
  // For at most kExactCountTimeMax.
  kExact,
};

// The rows that the spec's filter and search leave. Not for kNone.
absl::StatusOr<RowCount> CountRows(sqlite::Connection& connection, const Schema& schema,
                                   const Table& table, const RowsSpec& spec, CountMode mode,
                                   const Interrupt& interrupt);

}  // namespace sluice::engine
