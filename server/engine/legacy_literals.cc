#include "server/engine/legacy_literals.h"

#include <string>
#include <vector>

#include "absl/cleanup/cleanup.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "server/base/status.h"
#include "server/sqlite/quote.h"

namespace sluice::engine {
namespace {

using sqlite::QuoteIdentifier;

absl::StatusOr<absl::flat_hash_set<std::string>> TablesWithTriggers(
    sqlite::Connection& connection) {
  absl::flat_hash_set<std::string> tables;
  ASSIGN_OR_RETURN(
      sqlite::Statement rows,
      connection.Prepare("SELECT DISTINCT tbl_name FROM sqlite_schema WHERE type = 'trigger'"));
  while (true) {
    ASSIGN_OR_RETURN(const bool row, rows.Step());
    if (!row) return tables;
    tables.insert(absl::AsciiStrToLower(rows.column(0).bytes));
  }
}

}  // namespace

std::vector<std::string> CompilingStatements(const Table& table, bool with_writes) {
  const std::string name = QuoteIdentifier(table.name);
  std::vector<std::string> probes;
  if (table.is_view()) probes.push_back(absl::StrCat("SELECT * FROM ", name));
  if (!with_writes) return probes;
  std::vector<std::string> assignments;
  for (const TableColumn& column : table.columns) {
    if (column.generated != Generated::kNo || column.hidden) continue;
    const std::string quoted = QuoteIdentifier(column.name);
    assignments.push_back(absl::StrCat(quoted, " = ", quoted));
  }
  probes.push_back(absl::StrCat("INSERT INTO ", name, " DEFAULT VALUES"));
  probes.push_back(absl::StrCat("DELETE FROM ", name));
  if (!assignments.empty()) {
    probes.push_back(absl::StrCat("UPDATE ", name, " SET ", absl::StrJoin(assignments, ", ")));
  }
  return probes;
}

absl::StatusOr<bool> UsesLegacyLiterals(sqlite::Connection& connection, const Schema& schema) {
  ASSIGN_OR_RETURN(const auto with_triggers, TablesWithTriggers(connection));
  const absl::Cleanup off = [&] { connection.set_legacy_string_literals(false); };
  for (const Table& table : schema.tables()) {
    for (const std::string& probe :
         CompilingStatements(table, with_triggers.contains(absl::AsciiStrToLower(table.name)))) {
      if (connection.Prepare(probe).ok()) continue;
      connection.set_legacy_string_literals(true);
      if (connection.Prepare(probe).ok()) return true;
      connection.set_legacy_string_literals(false);
    }
  }
  return false;
}

}  // namespace sluice::engine
