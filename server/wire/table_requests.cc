#include "server/wire/table_requests.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "server/base/error.h"
#include "server/base/limits.h"
#include "server/base/status.h"
#include "server/wire/mutations.h"
#include "server/wire/utf8.h"
#include "server/wire/values.h"

namespace sluice::wire {
namespace {

using engine::TableChange;

static_assert(kWriteCommitTokenField == v1::CreateTableResponse::kCommitTokenFieldNumber);
static_assert(kWriteCommitTokenField == v1::AlterTableResponse::kCommitTokenFieldNumber);
static_assert(kWriteCommitTokenField == v1::DropTableResponse::kCommitTokenFieldNumber);
static_assert(kWriteReplayedField == v1::CreateTableResponse::kReplayedFieldNumber);
static_assert(kWriteReplayedField == v1::AlterTableResponse::kReplayedFieldNumber);
static_assert(kWriteReplayedField == v1::DropTableResponse::kReplayedFieldNumber);

template <typename Names>
std::vector<std::string> NamesOf(const Names& names) {
  return {names.begin(), names.end()};
}

// Of a message with the oneof `default`.
template <typename Message, typename Parsed>
absl::Status ParseDefault(const Message& message, const std::string& field, Parsed* parsed) {
  if (message.has_default_value()) {
    const std::string of_value = field + ".default_value";
    if (message.default_value().has_raw_text()) return BadField(of_value, "may not be raw_text");
    ASSIGN_OR_RETURN(const auto value, ParseValue(message.default_value(), of_value));
    parsed->default_value.emplace(value);
  }
  parsed->default_expression = message.default_expression();
  const bool chosen = message.default_case() == Message::kDefaultExpression;
  if (!chosen || !message.default_expression().empty()) return absl::OkStatus();
  return BadField(field + ".default_expression", "is empty");
}

absl::StatusOr<engine::ColumnDefinition> ParseColumn(const v1::ColumnDefinition& column,
                                                     const std::string& field) {
  engine::ColumnDefinition parsed{.name = column.name(),
                                  .type = column.type(),
                                  .not_null = column.not_null(),
                                  .unique = column.unique(),
                                  .check = column.check(),
                                  .collation = column.collation(),
                                  .generated_expression = column.generated_expression(),
                                  .generated_stored = column.generated_stored()};
  RETURN_IF_ERROR(ParseDefault(column, field, &parsed));
  return parsed;
}

absl::StatusOr<engine::ReferenceAction> ParseAction(v1::ReferenceAction action,
                                                    const std::string& field) {
  using Action = engine::ReferenceAction;
  switch (action) {
    case v1::REFERENCE_ACTION_UNSPECIFIED:
    case v1::REFERENCE_ACTION_NO_ACTION:
      return Action::kNoAction;
    case v1::REFERENCE_ACTION_RESTRICT:
      return Action::kRestrict;
    case v1::REFERENCE_ACTION_SET_NULL:
      return Action::kSetNull;
    case v1::REFERENCE_ACTION_SET_DEFAULT:
      return Action::kSetDefault;
    case v1::REFERENCE_ACTION_CASCADE:
      return Action::kCascade;
    default:
      return BadField(field, "is not one of the actions");
  }
}

absl::StatusOr<engine::ForeignKeyDefinition> ParseForeignKey(const v1::ForeignKeyDefinition& key,
                                                             const std::string& field) {
  engine::ForeignKeyDefinition parsed{.columns = NamesOf(key.columns()),
                                      .parent_table = key.parent_table(),
                                      .parent_columns = NamesOf(key.parent_columns()),
                                      .deferred = key.deferred()};
  ASSIGN_OR_RETURN(parsed.on_delete, ParseAction(key.on_delete(), field + ".on_delete"));
  ASSIGN_OR_RETURN(parsed.on_update, ParseAction(key.on_update(), field + ".on_update"));
  return parsed;
}

absl::StatusOr<engine::TableDefinition> ParseDefinition(const v1::CreateTableRequest& request) {
  engine::TableDefinition table{.name = request.table(),
                                .primary_key = NamesOf(request.primary_key()),
                                .autoincrement = request.autoincrement(),
                                .checks = NamesOf(request.checks()),
                                .strict = request.strict(),
                                .without_rowid = request.without_rowid()};
  // Before 100 000 of them are looked at.
  if (request.columns_size() > limits::kSqlColumnsMax) {
    return BadField("columns", absl::StrCat("at most ", limits::kSqlColumnsMax, " are allowed"));
  }
  for (int i = 0; i < request.columns_size(); ++i) {
    ASSIGN_OR_RETURN(auto column,
                     ParseColumn(request.columns(i), absl::StrCat("columns[", i, "]")));
    table.columns.push_back(std::move(column));
  }
  for (int i = 0; i < request.foreign_keys_size(); ++i) {
    ASSIGN_OR_RETURN(
        auto key, ParseForeignKey(request.foreign_keys(i), absl::StrCat("foreign_keys[", i, "]")));
    table.foreign_keys.push_back(std::move(key));
  }
  for (const auto& unique : request.unique()) table.unique.push_back(NamesOf(unique.columns()));
  return table;
}

// The first rows are an insert like any other.
absl::Status ParseRows(const v1::CreateTableRequest& request,
                       ParsedTableChange<engine::CreateTableSpec>* change) {
  if (request.rows_size() + request.objects_size() == 0) return absl::OkStatus();
  change->inserts = true;
  change->rows = std::make_unique<v1::InsertRowsRequest>();
  v1::InsertRowsRequest& rows = *change->rows;
  rows.set_table(request.table());
  rows.set_return_(v1::RETURN_NONE);
  *rows.mutable_rows() = request.rows();
  *rows.mutable_objects() = request.objects();
  if (request.rows_size() > 0) {
    for (const auto& column : request.columns()) rows.add_columns(column.name());
  }
  std::vector<engine::Mutation> mutations;
  RETURN_IF_ERROR(AddMutation(rows, &change->write, &mutations, &change->write.success));
  change->spec.rows = std::move(mutations.front());
  return absl::OkStatus();
}

absl::StatusOr<engine::AlterColumn> ParseAlterColumn(const v1::AlterColumn& change,
                                                     const std::string& field) {
  engine::AlterColumn parsed{.column = change.column(), .drop_default = change.drop_default()};
  if (change.has_type()) parsed.type = change.type();
  if (change.has_not_null()) parsed.not_null = change.not_null();
  if (change.has_collation()) parsed.collation = change.collation();
  RETURN_IF_ERROR(ParseDefault(change, field, &parsed));
  if (parsed.type || parsed.not_null || parsed.collation || parsed.drop_default ||
      parsed.default_value || !parsed.default_expression.empty()) {
    return parsed;
  }
  return BadField(field, "changes nothing");
}

absl::StatusOr<TableChange> ParseChange(const v1::TableChange& change, const std::string& field) {
  switch (change.change_case()) {
    case v1::TableChange::kAddColumn: {
      ASSIGN_OR_RETURN(auto column,
                       ParseColumn(change.add_column().column(), field + ".add_column.column"));
      return engine::AddColumn{std::move(column)};
    }
    case v1::TableChange::kRenameColumn:
      return engine::RenameColumn{change.rename_column().column(),
                                  change.rename_column().new_name()};
    case v1::TableChange::kRenameTable:
      return engine::RenameTable{change.rename_table().new_name()};
    case v1::TableChange::kDropColumn:
      return engine::DropColumn{change.drop_column().column()};
    case v1::TableChange::kAlterColumn: {
      ASSIGN_OR_RETURN(auto parsed,
                       ParseAlterColumn(change.alter_column(), field + ".alter_column"));
      return parsed;
    }
    case v1::TableChange::kReorderColumns:
      return engine::ReorderColumns{NamesOf(change.reorder_columns().columns())};
    case v1::TableChange::kSetPrimaryKey:
      return engine::SetPrimaryKey{NamesOf(change.set_primary_key().columns()),
                                   change.set_primary_key().autoincrement()};
    case v1::TableChange::kAddForeignKey: {
      ASSIGN_OR_RETURN(auto key,
                       ParseForeignKey(change.add_foreign_key(), field + ".add_foreign_key"));
      return engine::AddForeignKey{std::move(key)};
    }
    case v1::TableChange::kDropForeignKey:
      return engine::DropForeignKey{NamesOf(change.drop_foreign_key().columns())};
    case v1::TableChange::kEnableFullText:
      return engine::EnableFullText{NamesOf(change.enable_full_text().columns()),
                                    change.enable_full_text().tokenizer()};
    case v1::TableChange::kDisableFullText:
      return engine::DisableFullText{};
    case v1::TableChange::CHANGE_NOT_SET:
      break;
  }
  return BadField(field, "has no change");
}

template <typename Request>
void SetOptions(const Request& request, engine::KeptWriteOptions* options) {
  options->bytes = request.ByteSizeLong();
  options->validate_only = request.validate_only();
}

std::string Text(absl::string_view text) {
  return IsValidUtf8(text) ? std::string(text) : ReplaceInvalidUtf8(text);
}

template <typename Response>
void AddStatements(const engine::TableOutcome& outcome, Response* response) {
  for (const std::string& sql : outcome.statements) response->add_statements(Text(sql));
}

template <typename Response>
Buffer Serialized(const Response& response) {
  Buffer buffer;
  buffer.Append(response.SerializeAsString());
  return buffer;
}

}  // namespace

absl::StatusOr<ParsedTableChange<engine::CreateTableSpec>> ParseTableChange(
    const v1::CreateTableRequest& request) {
  ParsedTableChange<engine::CreateTableSpec> change;
  SetOptions(request, &change.spec.options);
  change.spec.if_not_exists = request.if_not_exists();
  ASSIGN_OR_RETURN(change.spec.table, ParseDefinition(request));
  RETURN_IF_ERROR(ParseRows(request, &change));
  return change;
}

absl::StatusOr<ParsedTableChange<engine::AlterTableSpec>> ParseTableChange(
    const v1::AlterTableRequest& request) {
  ParsedTableChange<engine::AlterTableSpec> change;
  SetOptions(request, &change.spec.options);
  change.spec.table = request.table();
  if (request.changes_size() == 0) return BadField("changes", "there is no change");
  if (request.changes_size() > limits::kTableChangesMax) {
    return BadField("changes", absl::StrCat("at most ", limits::kTableChangesMax, " are allowed"));
  }
  for (int i = 0; i < request.changes_size(); ++i) {
    auto parsed = ParseChange(request.changes(i), absl::StrCat("changes[", i, "]"));
    if (!parsed.ok()) {
      return request.changes_size() == 1 ? parsed.status()
                                         : WithMetadata(parsed.status(), "change", absl::StrCat(i));
    }
    change.spec.changes.push_back(*std::move(parsed));
  }
  return change;
}

absl::StatusOr<ParsedTableChange<engine::DropTableSpec>> ParseTableChange(
    const v1::DropTableRequest& request) {
  ParsedTableChange<engine::DropTableSpec> change;
  SetOptions(request, &change.spec.options);
  change.spec.table = request.table();
  change.spec.cascade = request.cascade();
  change.spec.allow_missing = request.allow_missing();
  change.deletes = request.cascade();
  return change;
}

template <>
Buffer MakeAnswer<engine::CreateTableSpec>(const engine::TableOutcome& outcome) {
  v1::CreateTableResponse response;
  response.set_created(outcome.changed);
  response.set_sql(Text(outcome.sql));
  AddStatements(outcome, &response);
  response.set_inserted_count(outcome.inserted_count);
  return Serialized(response);
}

template <>
Buffer MakeAnswer<engine::AlterTableSpec>(const engine::TableOutcome& outcome) {
  v1::AlterTableResponse response;
  response.set_table(Text(outcome.table));
  response.set_sql(Text(outcome.sql));
  AddStatements(outcome, &response);
  return Serialized(response);
}

template <>
Buffer MakeAnswer<engine::DropTableSpec>(const engine::TableOutcome& outcome) {
  v1::DropTableResponse response;
  response.set_dropped(outcome.changed);
  response.set_row_count(outcome.row_count);
  AddStatements(outcome, &response);
  for (const engine::CascadeEffect& effect : outcome.effects) {
    v1::CascadeEffect* const added = response.add_effects();
    added->set_table(Text(effect.table));
    added->set_deleted_count(effect.deleted_count);
    added->set_updated_count(effect.updated_count);
  }
  return Serialized(response);
}

}  // namespace sluice::wire
