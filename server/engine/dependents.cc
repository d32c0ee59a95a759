#include "server/engine/dependents.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "server/base/status.h"
#include "server/sqlite/quote.h"

namespace sluice::engine {

using sqlite::QuoteIdentifier;

absl::StatusOr<std::set<std::string>> TablesWithTriggers(sqlite::Connection& connection) {
  std::set<std::string> tables;
  ASSIGN_OR_RETURN(
      sqlite::Statement rows,
      connection.Prepare("SELECT DISTINCT tbl_name FROM sqlite_schema WHERE type = 'trigger'"));
  while (true) {
    ASSIGN_OR_RETURN(const bool row, rows.Step());
    if (!row) return tables;
    tables.insert(absl::AsciiStrToLower(rows.column(0).bytes));
  }
}

std::vector<std::string> ProbesOf(const Table& table, bool with_triggers) {
  const std::string name = QuoteIdentifier(table.name);
  std::vector<std::string> probes;
  if (table.is_view()) probes.push_back(absl::StrCat("SELECT * FROM ", name));
  if (!with_triggers) return probes;
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

absl::StatusOr<std::set<std::string>> FindBroken(sqlite::Connection& connection,
                                                 const Schema& schema) {
  ASSIGN_OR_RETURN(const auto with_triggers, TablesWithTriggers(connection));
  std::set<std::string> broken;
  for (const Table& table : schema.tables()) {
    for (const std::string& probe :
         ProbesOf(table, with_triggers.contains(absl::AsciiStrToLower(table.name)))) {
      if (!connection.PrepareUncached(probe).ok()) broken.insert(table.name);
    }
  }
  // What was stopped is not broken.
  RETURN_IF_ERROR(connection.guard().spec().interrupt.Check());
  return broken;
}

}  // namespace sluice::engine
