// Parameters of callers' statements.
#pragma once

#include "absl/status/status.h"
#include "server/engine/query.h"
#include "server/sqlite/statement.h"

namespace sluice::engine {

// Binds the parameters of `spec`, which must live until the statement is reset. INVALID_ARGUMENT
// for too many or too few, for a name that the statement does not have and for one that is not
// given.
absl::Status BindParameters(const QuerySpec& spec, sqlite::Statement& statement);

}  // namespace sluice::engine
