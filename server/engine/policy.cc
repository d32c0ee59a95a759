#include "server/engine/policy.h"

#include <string>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"

namespace sluice::engine {
namespace {

// Table-valued functions that tell what the catalogue tells too.
bool IsHarmlessPragma(absl::string_view lower_name) {
  static const auto* const kNames = new absl::flat_hash_set<absl::string_view>{
      "pragma_table_info",  "pragma_table_xinfo", "pragma_index_list",      "pragma_index_info",
      "pragma_index_xinfo", "pragma_table_list",  "pragma_foreign_key_list"};
  return kNames->contains(lower_name);
}

// Virtual tables of SQLite that are there without being in the schema.
bool IsInternalModule(absl::string_view lower_name) {
  static const auto* const kNames = new absl::flat_hash_set<absl::string_view>{
      "sqlite_dbpage", "dbstat",    "sqlite_stmt",  "bytecode", "tables_used",   "sqlite_dbdata",
      "sqlite_dbptr",  "fts5vocab", "fts3tokenize", "fts4aux",  "sqlite_memstat"};
  return kNames->contains(lower_name);
}

bool IsSchemaTable(absl::string_view lower_name) {
  return lower_name == "sqlite_schema" || lower_name == "sqlite_master" ||
         lower_name == "sqlite_temp_schema" || lower_name == "sqlite_temp_master";
}

}  // namespace

// Schemas of one database with the same version hide the same tables; zero is the fingerprint of no
// policy.
CallerPolicy::CallerPolicy(std::shared_ptr<const Schema> schema)
    : schema_(std::move(schema)),
      fingerprint_(static_cast<uint64_t>(schema_->version()) << 1 | uint64_t{1}) {}

bool CallerPolicy::MayWrite(absl::string_view name) const {
  if (IsReservedName(name)) return false;
  // A name that is in no schema is to be made, or is that of an index or a trigger.
  const Table* const known = schema_->Find(name);
  return known == nullptr || !known->hidden;
}

bool CallerPolicy::MayRead(absl::string_view table, absl::string_view /*column*/) const {
  const std::string lower = absl::AsciiStrToLower(table);
  if (IsSchemaTable(lower)) return true;
  if (IsInternalModule(lower)) return false;
  if (absl::StartsWith(lower, "pragma_")) return IsHarmlessPragma(lower);
  // A name that is in no schema is a common table expression of the statement.
  const Table* const known = schema_->Find(lower);
  return known == nullptr ? !IsReservedName(lower) : !known->hidden;
}

bool CallerPolicy::MayReadWithin(absl::string_view table) const {
  // An index over our own tables, or over pages, would show them to everyone.
  const std::string lower = absl::AsciiStrToLower(table);
  return !IsInternalModule(lower) && (!IsReservedName(lower) || absl::StartsWith(lower, "sqlite_"));
}

}  // namespace sluice::engine
