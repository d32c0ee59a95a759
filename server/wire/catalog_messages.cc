#include "server/wire/catalog_messages.h"

#include "server/wire/utf8.h"

namespace sluice::wire {
namespace {

std::string Text(absl::string_view text) {
  return IsValidUtf8(text) ? std::string(text) : ReplaceInvalidUtf8(text);
}

v1::Table::Kind KindOf(engine::TableKind kind) {
  switch (kind) {
    case engine::TableKind::kTable:
      return v1::Table::KIND_TABLE;
    case engine::TableKind::kView:
      return v1::Table::KIND_VIEW;
    case engine::TableKind::kVirtual:
      return v1::Table::KIND_VIRTUAL;
    case engine::TableKind::kShadow:
      return v1::Table::KIND_SHADOW;
  }
  return v1::Table::KIND_UNSPECIFIED;
}

v1::TableColumn::Affinity AffinityOf(engine::Affinity affinity) {
  switch (affinity) {
    case engine::Affinity::kBlob:
      return v1::TableColumn::AFFINITY_BLOB;
    case engine::Affinity::kText:
      return v1::TableColumn::AFFINITY_TEXT;
    case engine::Affinity::kNumeric:
      return v1::TableColumn::AFFINITY_NUMERIC;
    case engine::Affinity::kInteger:
      return v1::TableColumn::AFFINITY_INTEGER;
    case engine::Affinity::kReal:
      return v1::TableColumn::AFFINITY_REAL;
  }
  return v1::TableColumn::AFFINITY_UNSPECIFIED;
}

v1::TableColumn::Generated GeneratedOf(engine::Generated generated) {
  switch (generated) {
    case engine::Generated::kNo:
      return v1::TableColumn::GENERATED_NO;
    case engine::Generated::kVirtual:
      return v1::TableColumn::GENERATED_VIRTUAL;
    case engine::Generated::kStored:
      return v1::TableColumn::GENERATED_STORED;
  }
  return v1::TableColumn::GENERATED_UNSPECIFIED;
}

v1::RowCount::Kind CountKindOf(engine::RowCount::Kind kind) {
  switch (kind) {
    case engine::RowCount::Kind::kExact:
      return v1::RowCount::KIND_EXACT;
    case engine::RowCount::Kind::kCapped:
      return v1::RowCount::KIND_CAPPED;
    case engine::RowCount::Kind::kUnknown:
      return v1::RowCount::KIND_UNKNOWN;
    case engine::RowCount::Kind::kTimedOut:
      return v1::RowCount::KIND_TIMED_OUT;
  }
  return v1::RowCount::KIND_UNSPECIFIED;
}

void FillColumn(const engine::TableColumn& column, v1::TableColumn* message) {
  message->set_name(Text(column.name));
  message->set_declared_type(Text(column.declared_type));
  message->set_affinity(AffinityOf(column.affinity));
  message->set_not_null(column.not_null);
  if (column.default_sql.has_value()) message->set_default_sql(Text(*column.default_sql));
  message->set_primary_key_position(column.primary_key_position);
  message->set_generated(GeneratedOf(column.generated));
  message->set_hidden(column.hidden);
}

void FillForeignKey(const engine::ForeignKey& key, v1::ForeignKey* message) {
  message->set_table(Text(key.table));
  for (const std::string& column : key.columns) message->add_columns(Text(column));
  message->set_parent_table(Text(key.parent_table));
  for (const std::string& column : key.parent_columns) message->add_parent_columns(Text(column));
  message->set_on_update(key.on_update);
  message->set_on_delete(key.on_delete);
}

void FillIndex(const engine::Index& index, v1::Index* message) {
  message->set_name(Text(index.name));
  message->set_unique(index.unique);
  message->set_partial(index.partial);
  message->set_origin(index.origin);
  for (const std::string& column : index.columns) message->add_columns(Text(column));
  message->set_sql(Text(index.sql));
}

}  // namespace

void FillRowCount(const engine::RowCount& count, v1::RowCount* message) {
  message->set_kind(CountKindOf(count.kind));
  message->set_value(count.value);
}

void FillListed(const engine::ListedDatabase& listed, v1::Database* message) {
  message->set_name(Text(listed.name));
  message->set_state_reason(Text(listed.reason));
  switch (listed.state) {
    case engine::DatabaseState::kServing:
      message->set_state(v1::Database::STATE_SERVING);
      break;
    case engine::DatabaseState::kOpening:
      message->set_state(v1::Database::STATE_OPENING);
      break;
    case engine::DatabaseState::kRefused:
      message->set_state(v1::Database::STATE_REFUSED);
      break;
  }
}

void FillDatabase(const engine::DatabaseDescription& description, v1::Database* message) {
  message->set_read_only(description.read_only);
  message->set_size_bytes(description.size_bytes);
  message->set_page_size_bytes(description.page_size_bytes);
  message->set_journal_mode(description.journal_mode);
  message->set_wal_bytes(description.wal_bytes);
  message->set_table_count(description.table_count);
  message->set_view_count(description.view_count);
  message->set_hidden_table_count(description.hidden_table_count);
  message->set_encoding(description.encoding);
  message->set_application_id(description.application_id);
  message->set_user_version(description.user_version);
  message->set_commit_token(description.commit_token);
  message->set_legacy_string_literals(description.legacy_string_literals);
  message->set_sha256(description.sha256);
}

void FillTableSummary(const engine::Table& table, v1::Table* message) {
  message->set_name(Text(table.name));
  message->set_kind(KindOf(table.kind));
  message->set_hidden(table.hidden);
  message->set_without_rowid(table.without_rowid);
  message->set_strict(table.strict);
  for (const int column : table.primary_key) {
    message->add_primary_key(Text(table.columns[static_cast<size_t>(column)].name));
  }
  message->set_unavailable_reason(Text(table.unavailable_reason));
  message->set_module(Text(table.module));
}

void FillTable(const engine::TableDescription& description, v1::Table* message) {
  const engine::Table& table = *description.table;
  FillTableSummary(table, message);
  for (const engine::TableColumn& column : table.columns) {
    FillColumn(column, message->add_columns());
  }
  for (const engine::ForeignKey& key : description.foreign_keys) {
    FillForeignKey(key, message->add_foreign_keys());
  }
  for (const engine::ForeignKey& key : description.referenced_by) {
    FillForeignKey(key, message->add_referenced_by());
  }
  for (const engine::Index& index : description.indexes) FillIndex(index, message->add_indexes());
  for (const engine::Trigger& trigger : description.triggers) {
    v1::Trigger* const added = message->add_triggers();
    added->set_name(Text(trigger.name));
    added->set_sql(Text(trigger.sql));
  }
  message->set_label_column(Text(description.label_column));
  message->set_fts_table(Text(description.fts_table));
  FillRowCount(description.row_count, message->mutable_row_count());
  message->set_sql(Text(table.sql));
}

}  // namespace sluice::wire
