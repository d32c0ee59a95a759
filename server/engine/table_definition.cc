#include "server/engine/table_definition.h"

#include <algorithm>
#include <array>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "server/base/error.h"
#include "server/base/limits.h"
#include "server/base/status.h"
#include "server/engine/schema.h"
#include "server/engine/sql_text.h"
#include "server/sqlite/quote.h"

namespace sluice::engine {
namespace {

using sqlite::QuoteIdentifier;

constexpr absl::string_view kTypesOfStrict[] = {"INT", "INTEGER", "REAL", "TEXT", "BLOB", "ANY"};
constexpr absl::string_view kCollations[] = {"BINARY", "NOCASE", "RTRIM"};
// Words that would end a type.
constexpr absl::string_view kClauses[] = {
    "CONSTRAINT", "PRIMARY",    "NOT",       "NULL", "UNIQUE", "CHECK",      "DEFAULT",
    "COLLATE",    "REFERENCES", "GENERATED", "AS",   "ON",     "DEFERRABLE", "FOREIGN"};

template <size_t N>
bool Has(const absl::string_view (&words)[N], absl::string_view word) {
  return std::any_of(std::begin(words), std::end(words),
                     [&](absl::string_view each) { return absl::EqualsIgnoreCase(each, word); });
}

bool IsNumber(absl::string_view text) {
  return !text.empty() && text.size() <= 9 && std::all_of(text.begin(), text.end(), [](char c) {
    return absl::ascii_isdigit(static_cast<unsigned char>(c));
  });
}

// "(30)" or "(10, 2)".
bool IsSize(const std::vector<SqlToken>& tokens, size_t at) {
  const size_t left = tokens.size() - at;
  if (left != 3 && left != 5) return false;
  if (!tokens[at].is_symbol('(') || !tokens.back().is_symbol(')')) return false;
  if (!IsNumber(tokens[at + 1].text)) return false;
  return left == 3 || (tokens[at + 2].is_symbol(',') && IsNumber(tokens[at + 3].text));
}

bool IsType(absl::string_view type) {
  bool comments = false;
  const std::vector<SqlToken> tokens = Tokenize(type, &comments);
  size_t words = 0;
  while (words < tokens.size() && tokens[words].kind == SqlToken::Kind::kWord &&
         !Has(kClauses, tokens[words].text) && !IsNumber(tokens[words].text.substr(0, 1)) &&
         tokens[words].text.find('$') == absl::string_view::npos) {
    ++words;
  }
  return !comments && words > 0 && (words == tokens.size() || IsSize(tokens, words));
}

std::string ActionSql(const char* event, ReferenceAction action) {
  switch (action) {
    case ReferenceAction::kNoAction:
      return "";
    case ReferenceAction::kRestrict:
      return absl::StrCat(" ON ", event, " RESTRICT");
    case ReferenceAction::kSetNull:
      return absl::StrCat(" ON ", event, " SET NULL");
    case ReferenceAction::kSetDefault:
      return absl::StrCat(" ON ", event, " SET DEFAULT");
    case ReferenceAction::kCascade:
      return absl::StrCat(" ON ", event, " CASCADE");
  }
  return "";
}

// A key that names no column numbers the rows.
void AddKeyColumn(TableDefinition* table) {
  if (table->primary_key.size() != 1 || table->FindColumn(table->primary_key[0]) != nullptr) return;
  table->columns.insert(table->columns.begin(), {.name = table->primary_key[0], .type = "INTEGER"});
}

absl::Status CheckColumns(const TableDefinition& table) {
  if (table.columns.empty()) return BadField("columns", "a table needs a column");
  if (table.columns.size() > static_cast<size_t>(limits::kSqlColumnsMax)) {
    return BadField("columns", absl::StrCat("at most ", limits::kSqlColumnsMax, " are allowed"));
  }
  absl::flat_hash_set<std::string> seen;
  for (size_t i = 0; i < table.columns.size(); ++i) {
    const ColumnDefinition& column = table.columns[i];
    const std::string field = absl::StrCat("columns[", i, "]");
    RETURN_IF_ERROR(CheckColumn(column, table.strict, field));
    if (!seen.insert(absl::AsciiStrToLower(column.name)).second) {
      return BadField(field + ".name", "another column has this name");
    }
  }
  return absl::OkStatus();
}

absl::Status CheckPrimaryKey(const TableDefinition& table) {
  RETURN_IF_ERROR(CheckColumnList(table, table.primary_key, "primary_key"));
  if (table.without_rowid && table.primary_key.empty()) {
    return BadField("without_rowid", "such a table needs a primary key");
  }
  if (!table.autoincrement) return absl::OkStatus();
  if (table.primary_key.size() != 1 || table.without_rowid ||
      !absl::EqualsIgnoreCase(table.FindColumn(table.primary_key[0])->type, "INTEGER")) {
    return BadField("autoincrement", "goes with a key of one INTEGER column and a rowid only");
  }
  return absl::OkStatus();
}

absl::Status CheckConstraints(const TableDefinition& table) {
  for (size_t i = 0; i < table.foreign_keys.size(); ++i) {
    const std::string field = absl::StrCat("foreign_keys[", i, "]");
    RETURN_IF_ERROR(CheckForeignKey(table.foreign_keys[i], field));
    RETURN_IF_ERROR(CheckColumnList(table, table.foreign_keys[i].columns, field + ".columns"));
  }
  for (size_t i = 0; i < table.unique.size(); ++i) {
    const std::string field = absl::StrCat("unique[", i, "].columns");
    if (table.unique[i].empty()) return BadField(field, "there is no column");
    RETURN_IF_ERROR(CheckColumnList(table, table.unique[i], field));
  }
  for (size_t i = 0; i < table.checks.size(); ++i) {
    RETURN_IF_ERROR(CheckExpression(table.checks[i], absl::StrCat("checks[", i, "]")));
  }
  return absl::OkStatus();
}

}  // namespace

const ColumnDefinition* TableDefinition::FindColumn(absl::string_view column) const {
  for (const ColumnDefinition& candidate : columns) {
    if (absl::EqualsIgnoreCase(candidate.name, column)) return &candidate;
  }
  return nullptr;
}

absl::Status CheckName(absl::string_view name, absl::string_view field) {
  if (name.empty()) return BadField(field, "is empty");
  if (name.size() > limits::kNameBytesMax) {
    return BadField(field, absl::StrCat("is longer than ", limits::kNameBytesMax, " bytes"));
  }
  if (name.find('\0') != absl::string_view::npos) return BadField(field, "holds NUL");
  return absl::OkStatus();
}

absl::Status CheckTableName(absl::string_view name, absl::string_view field) {
  RETURN_IF_ERROR(CheckName(name, field));
  if (!IsReservedName(name)) return absl::OkStatus();
  return BadField(field, "names that begin with sqlite_, _sluice_ or _litestream_ are not free");
}

absl::Status CheckType(absl::string_view type, bool strict, absl::string_view field) {
  if (strict && !Has(kTypesOfStrict, type)) {
    return BadField(field, "a STRICT table takes INT, INTEGER, REAL, TEXT, BLOB and ANY");
  }
  if (type.size() > limits::kNameBytesMax || (!type.empty() && !IsType(type))) {
    return BadField(field, "is not a type such as INTEGER or VARCHAR(30)");
  }
  return absl::OkStatus();
}

absl::Status CheckCollation(absl::string_view collation, absl::string_view field) {
  if (collation.empty() || Has(kCollations, collation)) return absl::OkStatus();
  return BadField(field, "is not one of BINARY, NOCASE, RTRIM");
}

absl::Status CheckColumn(const ColumnDefinition& column, bool strict, absl::string_view field) {
  RETURN_IF_ERROR(CheckName(column.name, absl::StrCat(field, ".name")));
  RETURN_IF_ERROR(CheckType(column.type, strict, absl::StrCat(field, ".type")));
  RETURN_IF_ERROR(CheckCollation(column.collation, absl::StrCat(field, ".collation")));
  const bool generated = !column.generated_expression.empty();
  const bool has_default = column.default_value.has_value() || !column.default_expression.empty();
  if (generated && has_default) {
    return BadField(absl::StrCat(field, ".generated_expression"), "does not go with a default");
  }
  if (column.generated_stored && !generated) {
    return BadField(absl::StrCat(field, ".generated_stored"), "the column is not generated");
  }
  if (column.default_value.has_value()) {
    const std::string of_value = absl::StrCat(field, ".default_value");
    RETURN_IF_ERROR(LiteralSql(column.default_value->view(), of_value).status());
  }
  for (const auto& [name, sql] :
       {std::pair(".default_expression", &column.default_expression),
        std::pair(".check", &column.check),
        std::pair(".generated_expression", &column.generated_expression)}) {
    if (!sql->empty()) RETURN_IF_ERROR(CheckExpression(*sql, absl::StrCat(field, name)));
  }
  return absl::OkStatus();
}

absl::Status CheckColumnList(const TableDefinition& table, const std::vector<std::string>& columns,
                             absl::string_view field) {
  absl::flat_hash_set<const ColumnDefinition*> seen;
  for (const std::string& name : columns) {
    const ColumnDefinition* const column = table.FindColumn(name);
    if (column == nullptr) return BadField(field, absl::StrCat("there is no column ", name));
    if (!seen.insert(column).second) {
      return BadField(field, absl::StrCat("the column ", name, " is given twice"));
    }
  }
  return absl::OkStatus();
}

absl::Status CheckForeignKey(const ForeignKeyDefinition& key, absl::string_view field) {
  if (key.columns.empty()) return BadField(absl::StrCat(field, ".columns"), "there is no column");
  if (!key.parent_columns.empty() && key.parent_columns.size() != key.columns.size()) {
    return BadField(absl::StrCat(field, ".parent_columns"),
                    absl::StrCat("there are ", key.parent_columns.size(), " for ",
                                 key.columns.size(), " columns"));
  }
  return absl::OkStatus();
}

absl::Status CheckDefinition(TableDefinition* table) {
  RETURN_IF_ERROR(CheckTableName(table->name, "table"));
  AddKeyColumn(table);
  RETURN_IF_ERROR(CheckColumns(*table));
  RETURN_IF_ERROR(CheckPrimaryKey(*table));
  return CheckConstraints(*table);
}

absl::StatusOr<std::string> DefaultSql(const ColumnDefinition& column) {
  if (!column.default_expression.empty()) {
    return absl::StrCat(" DEFAULT (", column.default_expression, ")");
  }
  if (!column.default_value.has_value()) return std::string();
  ASSIGN_OR_RETURN(const std::string value, LiteralSql(column.default_value->view(), "default"));
  return absl::StrCat(" DEFAULT ", value);
}

absl::StatusOr<std::string> ColumnDefinitionSql(const ColumnDefinition& column) {
  std::string sql = QuoteIdentifier(column.name);
  if (!column.type.empty()) absl::StrAppend(&sql, " ", column.type);
  if (column.not_null) absl::StrAppend(&sql, " NOT NULL");
  if (column.unique) absl::StrAppend(&sql, " UNIQUE");
  ASSIGN_OR_RETURN(const std::string by_default, DefaultSql(column));
  absl::StrAppend(&sql, by_default);
  if (!column.check.empty()) absl::StrAppend(&sql, " CHECK (", column.check, ")");
  if (!column.collation.empty()) absl::StrAppend(&sql, " COLLATE ", column.collation);
  if (column.generated_expression.empty()) return sql;
  return absl::StrCat(sql, " GENERATED ALWAYS AS (", column.generated_expression, ") ",
                      column.generated_stored ? "STORED" : "VIRTUAL");
}

std::string ForeignKeySql(const ForeignKeyDefinition& key) {
  std::string sql = absl::StrCat("FOREIGN KEY (", QuotedNames(key.columns), ") REFERENCES ",
                                 QuoteIdentifier(key.parent_table));
  if (!key.parent_columns.empty()) {
    absl::StrAppend(&sql, "(", QuotedNames(key.parent_columns), ")");
  }
  absl::StrAppend(&sql, ActionSql("DELETE", key.on_delete), ActionSql("UPDATE", key.on_update));
  if (key.deferred) absl::StrAppend(&sql, " DEFERRABLE INITIALLY DEFERRED");
  return sql;
}

absl::StatusOr<std::string> CreateTableSql(const TableDefinition& table) {
  std::vector<std::string> parts;
  const bool inline_key = table.primary_key.size() == 1;
  for (const ColumnDefinition& column : table.columns) {
    ASSIGN_OR_RETURN(std::string sql, ColumnDefinitionSql(column));
    if (inline_key && absl::EqualsIgnoreCase(column.name, table.primary_key[0])) {
      absl::StrAppend(&sql, " PRIMARY KEY", table.autoincrement ? " AUTOINCREMENT" : "");
    }
    parts.push_back(std::move(sql));
  }
  if (table.primary_key.size() > 1) {
    parts.push_back(absl::StrCat("PRIMARY KEY (", QuotedNames(table.primary_key), ")"));
  }
  for (const auto& columns : table.unique) {
    parts.push_back(absl::StrCat("UNIQUE (", QuotedNames(columns), ")"));
  }
  for (const std::string& check : table.checks) {
    parts.push_back(absl::StrCat("CHECK (", check, ")"));
  }
  for (const auto& key : table.foreign_keys) parts.push_back(ForeignKeySql(key));
  std::vector<std::string> options;
  if (table.strict) options.emplace_back("STRICT");
  if (table.without_rowid) options.emplace_back("WITHOUT ROWID");
  return absl::StrCat("CREATE TABLE ", QuoteIdentifier(table.name), " (\n  ",
                      absl::StrJoin(parts, ",\n  "), "\n)", options.empty() ? "" : " ",
                      absl::StrJoin(options, ", "));
}

}  // namespace sluice::engine
