// What a table is to be, in the engine's words, and as SQL.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "server/sqlite/value.h"

namespace sluice::engine {

struct ColumnDefinition {
  std::string name = {};
  // Empty for none.
  std::string type = {};
  bool not_null = false;
  bool unique = false;
  // At most one of the two; NULL without.
  std::optional<sqlite::Value> default_value = std::nullopt;
  std::string default_expression = {};
  std::string check = {};
  std::string collation = {};
  std::string generated_expression = {};
  bool generated_stored = false;

  bool has_expression() const {
    return !default_expression.empty() || !check.empty() || !generated_expression.empty();
  }
};

enum class ReferenceAction { kNoAction, kRestrict, kSetNull, kSetDefault, kCascade };

struct ForeignKeyDefinition {
  std::vector<std::string> columns = {};
  std::string parent_table = {};
  // Empty for the primary key.
  std::vector<std::string> parent_columns = {};
  ReferenceAction on_delete = ReferenceAction::kNoAction;
  ReferenceAction on_update = ReferenceAction::kNoAction;
  bool deferred = false;
};

struct TableDefinition {
  std::string name = {};
  std::vector<ColumnDefinition> columns = {};
  std::vector<std::string> primary_key = {};
  bool autoincrement = false;
  std::vector<ForeignKeyDefinition> foreign_keys = {};
  std::vector<std::vector<std::string>> unique = {};
  std::vector<std::string> checks = {};
  bool strict = false;
  bool without_rowid = false;

  const ColumnDefinition* FindColumn(absl::string_view column) const;
};

// The checks are INVALID_ARGUMENT (BAD_REQUEST) with the field, which begins with `field`.

// A name of a table or a column: not empty, not too long, without NUL.
absl::Status CheckName(absl::string_view name, absl::string_view field);
// The same, and none that SQLite, Sluice or Litestream keep for themselves.
absl::Status CheckTableName(absl::string_view name, absl::string_view field);
absl::Status CheckType(absl::string_view type, bool strict, absl::string_view field);
absl::Status CheckCollation(absl::string_view collation, absl::string_view field);
absl::Status CheckColumn(const ColumnDefinition& column, bool strict, absl::string_view field);
// Whether the numbers of its columns fit.
absl::Status CheckForeignKey(const ForeignKeyDefinition& key, absl::string_view field);
// Names that are there, each once.
absl::Status CheckColumnList(const TableDefinition& table, const std::vector<std::string>& columns,
                             absl::string_view field);
// All of it but whether tables that it refers to are there. Adds the column of a primary key that
// is nowhere else.
absl::Status CheckDefinition(TableDefinition* table);

// As it stands between the parentheses of CREATE TABLE. Of what has been checked.
absl::StatusOr<std::string> ColumnDefinitionSql(const ColumnDefinition& column);
// ` DEFAULT …`; empty when it has none.
absl::StatusOr<std::string> DefaultSql(const ColumnDefinition& column);
std::string ForeignKeySql(const ForeignKeyDefinition& key);
absl::StatusOr<std::string> CreateTableSql(const TableDefinition& table);

}  // namespace sluice::engine
