// Whether a key can name a row.
#pragma once

#include "absl/status/status.h"
#include "server/engine/database.h"
#include "server/engine/row_key.h"
#include "server/engine/schema.h"

namespace sluice::engine {

// FAILED_PRECONDITION (UNSUPPORTED) for a table whose rows have no such keys, INVALID_ARGUMENT
// (BAD_REQUEST, `key`) for a key of another number of parts.
absl::Status CheckKey(const Table& table, const RowKey& key);

// NOT_FOUND (NO_SUCH_ROW).
absl::Status NoSuchRow(const Database& database, const Table& table);

}  // namespace sluice::engine
