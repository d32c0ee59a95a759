// The rows that a filter and a search leave, as FROM and WHERE.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "server/engine/binds.h"
#include "server/engine/rows_spec.h"
#include "server/engine/schema.h"
#include "server/sqlite/connection.h"

namespace sluice::engine {

// The table is called `t0` in all of it.
struct Selection {
  // ` FROM …`
  std::string from;
  // ` WHERE …`, or empty. For views the condition stands inside of `from`.
  std::string where;
  // Of a search; empty without one.
  std::string rank;
  std::string snippet;

  // ` WHERE …` with one more condition, which may be empty.
  std::string And(const std::string& condition) const;
};

// INVALID_ARGUMENT (BAD_REQUEST) for names that are not there and for a search without words;
// FAILED_PRECONDITION (UNSUPPORTED) for a search without an index.
absl::StatusOr<Selection> MakeSelection(sqlite::Connection& connection, const Schema& schema,
                                        const Table& table, const RowsSpec& spec, Binds& binds);

}  // namespace sluice::engine
