#include "server/sqlite/write_guard.h"

#include <sqlite3.h>

#include <string>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"

namespace sluice::sqlite {
namespace {

// A change of a definition writes these for itself. SQLite refuses callers the first two, and what
// they do to the others harms only their own plans and numbering.
bool IsTableOfChanges(absl::string_view lower_name) {
  static const auto* const kNames = new absl::flat_hash_set<absl::string_view>{
      "sqlite_master", "sqlite_schema", "sqlite_sequence", "sqlite_stat1", "sqlite_stat4"};
  return kNames->contains(lower_name);
}

bool MayChangeTable(const AccessPolicy& policy, absl::string_view table) {
  return IsTableOfChanges(absl::AsciiStrToLower(table)) || policy.MayWrite(table);
}

// Indexes of UNIQUE constraints, which callers cannot name.
bool IsAutomaticIndex(absl::string_view name) {
  return absl::StartsWithIgnoreCase(name, "sqlite_autoindex_");
}

bool IsTemporarySchema(absl::string_view table) {
  return absl::EqualsIgnoreCase(table, "sqlite_temp_master") ||
         absl::EqualsIgnoreCase(table, "sqlite_temp_schema") ||
         absl::EqualsIgnoreCase(table, "sqlite_master") ||
         absl::EqualsIgnoreCase(table, "sqlite_schema");
}

bool IsServersOwn(absl::string_view table) {
  return absl::StartsWithIgnoreCase(table, "_sluice_") ||
         absl::StartsWithIgnoreCase(table, "_litestream_");
}

bool IsModuleOfCallers(absl::string_view module) {
  return absl::EqualsIgnoreCase(module, "fts5") || absl::EqualsIgnoreCase(module, "fts4") ||
         absl::EqualsIgnoreCase(module, "rtree");
}

}  // namespace

bool MayChange(const AccessPolicy& policy, int action, absl::string_view first,
               absl::string_view second, absl::string_view schema) {
  // ALTER TABLE names the schema first, and has no other.
  if (action == SQLITE_ALTER_TABLE) return first == "main" && policy.MayWrite(second);
  // Renaming looks through the temporary schema too, which is empty.
  if (schema == "temp") return action == SQLITE_UPDATE && IsTemporarySchema(first);
  if (schema != "main") return false;
  switch (action) {
    case SQLITE_INSERT:
    case SQLITE_UPDATE:
    case SQLITE_DELETE:
    case SQLITE_CREATE_TABLE:
      return MayChangeTable(policy, first);
    case SQLITE_DROP_TABLE:
    case SQLITE_CREATE_VIEW:
    case SQLITE_DROP_VIEW:
      return policy.MayWrite(first);
    case SQLITE_CREATE_INDEX:
      return (IsAutomaticIndex(first) || policy.MayWrite(first)) && policy.MayWrite(second);
    case SQLITE_DROP_INDEX:
    case SQLITE_CREATE_TRIGGER:
    case SQLITE_DROP_TRIGGER:
      return policy.MayWrite(first) && policy.MayWrite(second);
    case SQLITE_CREATE_VTABLE:
      return policy.MayWrite(first) && IsModuleOfCallers(second);
    case SQLITE_DROP_VTABLE:
      return policy.MayWrite(first);
    case SQLITE_REINDEX:
    case SQLITE_ANALYZE:
      return true;
    default:
      return false;
  }
}

bool IsDefinition(int action) {
  return action != SQLITE_INSERT && action != SQLITE_UPDATE && action != SQLITE_DELETE;
}

bool IsReadForDefinitions(absl::string_view table) {
  // ADD COLUMN looks for rows that the new column's constraint forbids.
  return IsTableOfChanges(absl::AsciiStrToLower(table)) || table == "pragma_quick_check";
}

bool IsChangeOfVirtualTables(int action) {
  return action == SQLITE_INSERT || action == SQLITE_UPDATE || action == SQLITE_DELETE ||
         action == SQLITE_CREATE_TABLE || action == SQLITE_DROP_TABLE ||
         action == SQLITE_CREATE_INDEX || action == SQLITE_ALTER_TABLE;
}

bool IsChangeByTrigger(int action, absl::string_view table) {
  return (action == SQLITE_INSERT || action == SQLITE_UPDATE || action == SQLITE_DELETE) &&
         IsServersOwn(table);
}

bool IsReadByView(int action, absl::string_view table) {
  return action == SQLITE_READ && IsServersOwn(table);
}

bool IsPragmaOfChanges(absl::string_view name) { return name == "quick_check"; }

bool IsFunctionOfChanges(absl::string_view name) {
  return absl::StartsWithIgnoreCase(name, "sqlite_rename_") ||
         absl::EqualsIgnoreCase(name, "sqlite_drop_column") ||
         absl::EqualsIgnoreCase(name, "sqlite_drop_constraint") ||
         absl::EqualsIgnoreCase(name, "sqlite_add_constraint") ||
         absl::EqualsIgnoreCase(name, "sqlite_find_constraint") ||
         absl::EqualsIgnoreCase(name, "sqlite_fail");
}

}  // namespace sluice::sqlite
