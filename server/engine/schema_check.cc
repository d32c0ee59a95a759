#include "server/engine/schema_check.h"

#include <string>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"
#include "server/base/error.h"
#include "server/base/status.h"
#include "server/engine/commit_sequence.h"
#include "server/engine/dependents.h"
#include "server/engine/receipts.h"
#include "server/engine/schema.h"
#include "server/sqlite/quote.h"

namespace sluice::engine {
namespace {

constexpr char kVirtualTable[] = "CREATE VIRTUAL TABLE ";
// What SQLite says of a function or a virtual table in a schema that is not trusted.
constexpr char kUnsafe[] = "unsafe use of";

// One row of sqlite_schema.
struct Object {
  absl::string_view type;
  absl::string_view name;
  absl::string_view table;
  absl::string_view sql;
};

absl::Status Unsafe(absl::string_view name, absl::string_view what) {
  return WithMetadata(Error(absl::StatusCode::kFailedPrecondition, reason::kUnsafeSchema,
                            absl::StrCat("the file's schema is not safe to serve: ", what)),
                      "name", name);
}

// Those that keep rows, or words of rows, and nothing else.
bool KeepsRows(absl::string_view module) {
  static const auto* const kModules = new absl::flat_hash_set<absl::string_view>{
      "fts3", "fts4", "fts5", "rtree", "rtree_i32", "fts4aux", "fts5vocab"};
  return kModules->contains(module);
}

// The name as SQL may spell it, taken off the front of `sql`.
bool ConsumeName(absl::string_view* sql, absl::string_view name) {
  const std::string backticks = absl::StrCat("`", absl::StrReplaceAll(name, {{"`", "``"}}), "`");
  const std::string apostrophes = absl::StrCat("'", absl::StrReplaceAll(name, {{"'", "''"}}), "'");
  return absl::ConsumePrefix(sql, sqlite::QuoteIdentifier(std::string(name))) ||
         absl::ConsumePrefix(sql, absl::StrCat("[", name, "]")) ||
         absl::ConsumePrefix(sql, backticks) || absl::ConsumePrefix(sql, apostrophes) ||
         absl::ConsumePrefix(sql, name);
}

// The module of a definition that is written as SQLite writes it down, in lower case; empty for any
// other way of writing, behind which another module could hide.
std::string ModuleIn(absl::string_view sql, absl::string_view name) {
  if (!absl::StartsWithIgnoreCase(sql, kVirtualTable)) return "";
  sql.remove_prefix(sizeof(kVirtualTable) - 1);
  sql = absl::StripLeadingAsciiWhitespace(sql);
  if (!ConsumeName(&sql, name)) return "";
  const absl::string_view after_name = absl::StripLeadingAsciiWhitespace(sql);
  if (after_name.size() == sql.size() || !absl::StartsWithIgnoreCase(after_name, "using"))
    return "";
  sql = after_name.substr(5);
  const absl::string_view after_using = absl::StripLeadingAsciiWhitespace(sql);
  if (after_using.size() == sql.size()) return "";
  size_t end = 0;
  while (end < after_using.size() &&
         (absl::ascii_isalnum(static_cast<unsigned char>(after_using[end])) ||
          after_using[end] == '_')) {
    ++end;
  }
  return absl::AsciiStrToLower(after_using.substr(0, end));
}

bool IsOfSqlite(const Object& object) {
  static const auto* const kTables = new absl::flat_hash_set<absl::string_view>{
      "sqlite_sequence", "sqlite_stat1", "sqlite_stat2", "sqlite_stat3", "sqlite_stat4"};
  const std::string name = absl::AsciiStrToLower(object.name);
  if (object.type == "table") return kTables->contains(name);
  return object.type == "index" && absl::StartsWith(name, "sqlite_autoindex_") &&
         object.sql.empty();
}

bool IsOfSluice(const Object& object) {
  if (object.type == "index" && object.sql.empty()) return IsOfSqlite(object);
  if (object.type == "index") return object.sql == kReceiptsIndexSql;
  return object.type == "table" && object.name == object.table &&
         (object.sql == kCommitTableSql || object.sql == kReceiptsTableSql);
}

absl::Status CheckObject(const Object& object) {
  if (object.type != "table" && object.type != "index" && object.type != "view" &&
      object.type != "trigger") {
    return Unsafe(object.name, "an object of no known kind");
  }
  if (absl::StartsWithIgnoreCase(object.name, "sqlite_") && !IsOfSqlite(object)) {
    return Unsafe(object.name, "a name that is SQLite's own");
  }
  if ((absl::StartsWithIgnoreCase(object.name, "_sluice_") ||
       absl::StartsWithIgnoreCase(object.table, "_sluice_")) &&
      !IsOfSluice(object)) {
    return Unsafe(object.name, "a table of the server that it has not made");
  }
  return absl::OkStatus();
}

absl::Status CheckObjects(sqlite::Connection& connection) {
  ASSIGN_OR_RETURN(sqlite::Statement rows,
                   connection.Prepare("SELECT type, name, tbl_name, sql FROM sqlite_schema"));
  while (true) {
    ASSIGN_OR_RETURN(const bool row, rows.Step());
    if (!row) return absl::OkStatus();
    RETURN_IF_ERROR(CheckObject({.type = rows.column(0).bytes,
                                 .name = rows.column(1).bytes,
                                 .table = rows.column(2).bytes,
                                 .sql = rows.column(3).bytes}));
  }
}

absl::Status CheckTable(sqlite::Connection& connection, const Table& table) {
  if (table.kind == TableKind::kVirtual && !KeepsRows(ModuleIn(table.sql, table.name))) {
    return Unsafe(table.name, "a virtual table that does more than keep rows");
  }
  for (const std::string& statement : ProbesOf(table, /*with_triggers=*/true)) {
    const absl::Status compiled = connection.Prepare(statement).status();
    // What does not compile for another reason does not run either.
    if (absl::StrContains(compiled.message(), kUnsafe)) {
      return Unsafe(table.name, "it would run what a schema must not");
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status CheckSchema(sqlite::Connection& connection) {
  RETURN_IF_ERROR(CheckObjects(connection));
  // Otherwise a text in "…" would hide what stands beside it.
  connection.set_legacy_string_literals(true);
  ASSIGN_OR_RETURN(const auto schema, Schema::Load(connection));
  for (const Table& table : schema->tables()) RETURN_IF_ERROR(CheckTable(connection, table));
  return absl::OkStatus();
}

}  // namespace sluice::engine
