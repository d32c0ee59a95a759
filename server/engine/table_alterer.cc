#include "server/engine/table_alterer.h"

#include <algorithm>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "server/base/error.h"
#include "server/base/limits.h"
#include "server/base/status.h"
#include "server/engine/dependents.h"
#include "server/engine/full_text_change.h"
#include "server/engine/schema.h"
#include "server/sqlite/quote.h"

namespace sluice::engine {
namespace {

using sqlite::QuoteIdentifier;
using Clause = TableText::Clause;

// SQLite says "error in view v after drop column: …" of what a plain change would break.
absl::Status AsInUse(const absl::Status& status) {
  absl::string_view what = status.message();
  if (ReasonOf(status) != reason::kSqlError || !absl::ConsumePrefix(&what, "error in ")) {
    return status;
  }
  absl::string_view name = what.substr(0, what.find(':'));
  name = name.substr(0, name.find(" after "));
  return InUse(name, status.message());
}

// Whether SQLite's ADD COLUMN takes it, and with the errors that are documented.
bool IsPlainlyAdded(const ColumnDefinition& column) {
  const bool generated = !column.generated_expression.empty();
  const bool filled = column.default_value.has_value() && !column.default_value->view().is_null();
  return !column.unique && column.check.empty() && column.default_expression.empty() &&
         !column.generated_stored && (!column.not_null || (filled && !generated));
}

bool IsInteger(const TableText::Column& column) {
  return absl::EqualsIgnoreCase(column.type_sql, "INTEGER");
}

}  // namespace

absl::Status CheckNotBroken(const std::set<std::string>& before, const std::set<std::string>& after,
                            absl::string_view apart) {
  for (const std::string& name : after) {
    if (before.contains(name) || absl::EqualsIgnoreCase(name, apart)) continue;
    return InUse(name, absl::StrCat("the view or the triggers of ", name, " need what would go"));
  }
  return absl::OkStatus();
}

absl::Status CheckParent(const Schema& schema, const ForeignKeyDefinition& key,
                         absl::string_view itself, const std::string& field) {
  RETURN_IF_ERROR(CheckName(key.parent_table, field + ".parent_table"));
  if (absl::EqualsIgnoreCase(key.parent_table, itself)) return absl::OkStatus();
  const Table* const parent = schema.Find(key.parent_table);
  if (parent == nullptr || parent->hidden || parent->kind != TableKind::kTable) {
    return BadField(field + ".parent_table", absl::StrCat("there is no table ", key.parent_table));
  }
  for (const std::string& column : key.parent_columns) {
    if (parent->FindColumn(column) != nullptr) continue;
    return BadField(field + ".parent_columns", absl::StrCat("there is no column ", column));
  }
  if (!key.parent_columns.empty() || parent->primary_key.size() == key.columns.size()) {
    return absl::OkStatus();
  }
  return BadField(field + ".columns", "are not as many as the primary key's of the other table");
}

absl::Status CheckNameFree(Definer& definer, absl::string_view name) {
  constexpr char kTaken[] =
      "SELECT 1 FROM sqlite_schema WHERE name = ?1 COLLATE NOCASE AND type <> 'trigger'";
  ASSIGN_OR_RETURN(const sqlite::Value taken, definer.Ask(kTaken, name));
  if (taken.view().is_null()) return absl::OkStatus();
  return WithMetadata(WithMetadata(Error(absl::StatusCode::kAlreadyExists, reason::kNameTaken,
                                         absl::StrCat("there is already something called ", name)),
                                   "database", definer.database().name()),
                      "table", name);
}

absl::Status TableAlterer::Apply(const TableChange& change, const std::string& field) {
  const auto apply = [&](const auto& each) { return Do(each, field); };
  return InCallersWords(AsInUse(std::visit(apply, change)), table_);
}

absl::Status TableAlterer::Finish() {
  RETURN_IF_ERROR(InCallersWords(Flush(), table_));
  if (!broken_before_.has_value()) return absl::OkStatus();
  ASSIGN_OR_RETURN(const Table* const table, Find());
  if (keys_before_.has_value()) {
    ASSIGN_OR_RETURN(const auto keys, ForeignKeyState::Read(definer_, *table));
    RETURN_IF_ERROR(keys.CheckAgainst(*keys_before_));
  }
  ASSIGN_OR_RETURN(const auto broken, FindBroken(definer_.connection(), *schema_));
  return CheckNotBroken(*broken_before_, broken, "");
}

absl::Status TableAlterer::RememberBroken() {
  if (broken_before_.has_value()) return absl::OkStatus();
  ASSIGN_OR_RETURN(broken_before_, FindBroken(definer_.connection(), *schema_));
  return absl::OkStatus();
}

absl::StatusOr<const Table*> TableAlterer::Find() {
  ASSIGN_OR_RETURN(schema_, definer_.CurrentSchema());
  return FindTable(*schema_, definer_.database().name(), table_);
}

absl::StatusOr<TableText*> TableAlterer::Text() {
  if (!text_.has_value()) {
    ASSIGN_OR_RETURN(const std::string sql, definer_.SqlOf(table_));
    ASSIGN_OR_RETURN(text_, TableText::Parse(sql));
  }
  return &*text_;
}

absl::StatusOr<bool> TableAlterer::IsStrict() {
  ASSIGN_OR_RETURN(const Table* const table, Find());
  return table->strict;
}

absl::Status TableAlterer::Flush() {
  if (!changed_) return absl::OkStatus();
  ASSIGN_OR_RETURN(const Table* const table, Find());
  if (!keys_before_.has_value()) {
    ASSIGN_OR_RETURN(keys_before_, ForeignKeyState::Read(definer_, *table));
  }
  RETURN_IF_ERROR(RememberBroken());
  const std::shared_ptr<const Schema> kept = schema_;
  RETURN_IF_ERROR(RebuildTable(definer_, *table, *text_));
  text_.reset();
  changed_ = false;
  return absl::OkStatus();
}

absl::Status TableAlterer::RunPlain(const std::string& sql, bool as_caller) {
  RETURN_IF_ERROR(as_caller ? definer_.RunAsCaller(sql) : definer_.Run(sql));
  text_.reset();
  return absl::OkStatus();
}

absl::Status TableAlterer::CheckColumnThere(const std::string& column, const std::string& field) {
  return CheckColumnsThere({column}, field);
}

absl::Status TableAlterer::CheckColumnsThere(const std::vector<std::string>& columns,
                                             const std::string& field) {
  ASSIGN_OR_RETURN(const TableText* const text, Text());
  absl::flat_hash_set<const TableText::Column*> seen;
  for (const std::string& name : columns) {
    const TableText::Column* const column = text->FindColumn(name);
    if (column == nullptr) return BadField(field, absl::StrCat("the table has no column ", name));
    if (!seen.insert(column).second) {
      return BadField(field, absl::StrCat("the column ", name, " is given twice"));
    }
  }
  return absl::OkStatus();
}

std::vector<std::string> TableAlterer::OtherColumns(const TableText& text,
                                                    absl::string_view column) const {
  std::vector<std::string> names;
  for (const TableText::Column& each : text.columns()) {
    if (!absl::EqualsIgnoreCase(each.name, column)) names.push_back(each.name);
  }
  return names;
}

absl::Status TableAlterer::Do(const AddColumn& change, const std::string& field) {
  const ColumnDefinition& column = change.column;
  const std::string of_column = field + ".add_column.column";
  ASSIGN_OR_RETURN(const bool strict, IsStrict());
  RETURN_IF_ERROR(CheckColumn(column, strict, of_column));
  ASSIGN_OR_RETURN(TableText* const text, Text());
  if (text->FindColumn(column.name) != nullptr) {
    return BadField(of_column + ".name", "the table has a column of this name");
  }
  if (text->columns().size() >= static_cast<size_t>(limits::kSqlColumnsMax)) {
    return BadField(of_column, absl::StrCat("a table has at most ", limits::kSqlColumnsMax));
  }
  RETURN_IF_ERROR(definer_.CheckExpressions(column, OtherColumns(*text, column.name), of_column));
  if (!changed_ && IsPlainlyAdded(column)) {
    ASSIGN_OR_RETURN(const std::string sql, ColumnDefinitionSql(column));
    return RunPlain(absl::StrCat("ALTER TABLE ", QuoteIdentifier(table_), " ADD COLUMN ", sql),
                    /*as_caller=*/true);
  }
  Change();
  return text->AddColumn(column);
}

absl::Status TableAlterer::Do(const RenameColumn& change, const std::string& field) {
  const std::string of_change = field + ".rename_column";
  RETURN_IF_ERROR(CheckColumnThere(change.column, of_change + ".column"));
  RETURN_IF_ERROR(CheckName(change.new_name, of_change + ".new_name"));
  ASSIGN_OR_RETURN(const TableText* const text, Text());
  const bool same = absl::EqualsIgnoreCase(change.column, change.new_name);
  if (!same && text->FindColumn(change.new_name) != nullptr) {
    return BadField(of_change + ".new_name", "the table has a column of this name");
  }
  ASSIGN_OR_RETURN(const Table* const table, Find());
  RETURN_IF_ERROR(CheckOutsideFullText(definer_, *table, change.column));
  RETURN_IF_ERROR(Flush());
  return RunPlain(
      absl::StrCat("ALTER TABLE ", QuoteIdentifier(table_), " RENAME COLUMN ",
                   QuoteIdentifier(change.column), " TO ", QuoteIdentifier(change.new_name)),
      /*as_caller=*/false);
}

absl::Status TableAlterer::Do(const RenameTable& change, const std::string& field) {
  RETURN_IF_ERROR(CheckTableName(change.new_name, field + ".rename_table.new_name"));
  ASSIGN_OR_RETURN(const Table* const table, Find());
  RETURN_IF_ERROR(CheckOutsideFullText(definer_, *table, ""));
  RETURN_IF_ERROR(Flush());
  const auto rename = [&](absl::string_view from, absl::string_view to) {
    return RunPlain(
        absl::StrCat("ALTER TABLE ", QuoteIdentifier(from), " RENAME TO ", QuoteIdentifier(to)),
        /*as_caller=*/false);
  };
  std::string from = table_;
  if (absl::EqualsIgnoreCase(table_, change.new_name)) {
    // SQLite finds that the table is in its own way.
    RETURN_IF_ERROR(rename(from, kScratchTable));
    from = kScratchTable;
  } else {
    RETURN_IF_ERROR(CheckNameFree(definer_, change.new_name));
  }
  RETURN_IF_ERROR(rename(from, change.new_name));
  table_ = change.new_name;
  return absl::OkStatus();
}

absl::Status TableAlterer::Do(const DropColumn& change, const std::string& field) {
  const std::string of_column = field + ".drop_column.column";
  RETURN_IF_ERROR(CheckColumnThere(change.column, of_column));
  ASSIGN_OR_RETURN(TableText* const text, Text());
  if (text->columns().size() == 1) return BadField(of_column, "a table needs a column");
  ASSIGN_OR_RETURN(const Table* const table, Find());
  RETURN_IF_ERROR(CheckOutsideFullText(definer_, *table, change.column));
  const TableText::Column& column = *text->FindColumn(change.column);
  const bool plain = !changed_ && !column.Has(Clause::kUnique) &&
                     !column.Has(Clause::kForeignKey) && !column.Has(Clause::kPrimaryKey) &&
                     !text->IsInConstraint(change.column);
  if (plain) {
    return RunPlain(absl::StrCat("ALTER TABLE ", QuoteIdentifier(table_), " DROP COLUMN ",
                                 QuoteIdentifier(change.column)),
                    /*as_caller=*/false);
  }
  Change();
  return text->DropColumn(change.column);
}

absl::Status TableAlterer::SetDefault(const AlterColumn& change, const std::string& field,
                                      TableText* text) {
  if (change.drop_default) {
    text->SetDefault(change.column, "");
    return absl::OkStatus();
  }
  ColumnDefinition column{.name = "value",
                          .default_value = change.default_value,
                          .default_expression = change.default_expression};
  RETURN_IF_ERROR(CheckColumn(column, /*strict=*/false, field));
  RETURN_IF_ERROR(definer_.CheckExpressions(column, {}, field));
  ASSIGN_OR_RETURN(const std::string sql, DefaultSql(column));
  if (!sql.empty()) text->SetDefault(change.column, absl::StripLeadingAsciiWhitespace(sql));
  return absl::OkStatus();
}

absl::Status TableAlterer::Do(const AlterColumn& change, const std::string& field) {
  const std::string of_change = field + ".alter_column";
  RETURN_IF_ERROR(CheckColumnThere(change.column, of_change + ".column"));
  ASSIGN_OR_RETURN(TableText* const text, Text());
  if (change.type.has_value()) {
    ASSIGN_OR_RETURN(const bool strict, IsStrict());
    RETURN_IF_ERROR(CheckType(*change.type, strict, of_change + ".type"));
    text->SetType(change.column, *change.type);
  }
  if (change.collation.has_value()) {
    RETURN_IF_ERROR(CheckCollation(*change.collation, of_change + ".collation"));
    text->SetCollation(change.column, *change.collation);
  }
  if (change.not_null.has_value()) text->SetNotNull(change.column, *change.not_null);
  Change();
  return SetDefault(change, of_change, text);
}

absl::Status TableAlterer::Do(const ReorderColumns& change, const std::string& field) {
  const std::string of_columns = field + ".reorder_columns.columns";
  if (change.columns.empty()) return BadField(of_columns, "there is no column");
  RETURN_IF_ERROR(CheckColumnsThere(change.columns, of_columns));
  ASSIGN_OR_RETURN(TableText* const text, Text());
  text->Reorder(change.columns);
  Change();
  return absl::OkStatus();
}

absl::Status TableAlterer::Do(const SetPrimaryKey& change, const std::string& field) {
  const std::string of_change = field + ".set_primary_key";
  RETURN_IF_ERROR(CheckColumnsThere(change.columns, of_change + ".columns"));
  ASSIGN_OR_RETURN(const Table* const table, Find());
  if (change.columns.empty() && table->without_rowid) {
    return BadField(of_change + ".columns", "a table WITHOUT ROWID needs a primary key");
  }
  ASSIGN_OR_RETURN(TableText* const text, Text());
  const bool numbers = change.columns.size() == 1 && !table->without_rowid &&
                       IsInteger(*text->FindColumn(change.columns[0]));
  if (change.autoincrement && !numbers) {
    return BadField(of_change + ".autoincrement",
                    "goes with a key of one INTEGER column and a rowid only");
  }
  text->SetPrimaryKey(change.columns, change.autoincrement);
  Change();
  return absl::OkStatus();
}

absl::Status TableAlterer::Do(const AddForeignKey& change, const std::string& field) {
  const std::string of_key = field + ".add_foreign_key";
  RETURN_IF_ERROR(CheckForeignKey(change.key, of_key));
  RETURN_IF_ERROR(CheckColumnsThere(change.key.columns, of_key + ".columns"));
  ASSIGN_OR_RETURN(TableText* const text, Text());
  ASSIGN_OR_RETURN(const Table* const table, Find());
  RETURN_IF_ERROR(CheckParent(*schema_, change.key, table->name, of_key));
  text->AddForeignKey(change.key);
  Change();
  return absl::OkStatus();
}

absl::Status TableAlterer::Do(const DropForeignKey& change, const std::string& field) {
  ASSIGN_OR_RETURN(TableText* const text, Text());
  if (!text->DropForeignKey(change.columns)) {
    return BadField(field + ".drop_foreign_key.columns", "no foreign key has these columns");
  }
  Change();
  return absl::OkStatus();
}

absl::Status TableAlterer::Do(const EnableFullText& change, const std::string& field) {
  RETURN_IF_ERROR(Flush());
  ASSIGN_OR_RETURN(const Table* const table, Find());
  RETURN_IF_ERROR(RememberBroken());
  return MakeFullText(definer_, *table, change.columns, change.tokenizer,
                      field + ".enable_full_text");
}

absl::Status TableAlterer::Do(const DisableFullText&, const std::string&) {
  RETURN_IF_ERROR(Flush());
  ASSIGN_OR_RETURN(const Table* const table, Find());
  RETURN_IF_ERROR(RememberBroken());
  ASSIGN_OR_RETURN(const bool dropped, DropFullText(definer_, *table));
  if (dropped) return absl::OkStatus();
  return Error(absl::StatusCode::kFailedPrecondition, reason::kUnsupported,
               "no full-text index has the table as its content");
}

}  // namespace sluice::engine
