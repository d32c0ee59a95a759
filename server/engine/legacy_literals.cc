#include "server/engine/legacy_literals.h"

#include <string>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/ascii.h"
#include "server/base/status.h"
#include "server/engine/dependents.h"

namespace sluice::engine {

absl::StatusOr<bool> UsesLegacyLiterals(sqlite::Connection& connection, const Schema& schema) {
  ASSIGN_OR_RETURN(const auto with_triggers, TablesWithTriggers(connection));
  const absl::Cleanup off = [&] { connection.set_legacy_string_literals(false); };
  for (const Table& table : schema.tables()) {
    for (const std::string& probe :
         ProbesOf(table, with_triggers.contains(absl::AsciiStrToLower(table.name)))) {
      if (connection.Prepare(probe).ok()) continue;
      connection.set_legacy_string_literals(true);
      if (connection.Prepare(probe).ok()) return true;
      connection.set_legacy_string_literals(false);
    }
  }
  return false;
}

}  // namespace sluice::engine
