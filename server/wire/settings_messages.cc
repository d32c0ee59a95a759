#include "server/wire/settings_messages.h"

#include <set>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "server/engine/stored_query.h"
#include "server/wire/proto_writer.h"
#include "server/wire/utf8.h"
#include "server/wire/value_bytes.h"

namespace sluice::wire {
namespace {

using engine::StoredParameter;
using Type = v1::StoredQueryParameter::Type;

std::string Text(absl::string_view text) { return ReplaceInvalidUtf8(text); }

void FillAbout(const engine::About& about, v1::About* message) {
  message->set_title(Text(about.title));
  message->set_description(Text(about.description));
  message->set_license(Text(about.license));
  message->set_license_url(Text(about.license_url));
  message->set_source(Text(about.source));
  message->set_source_url(Text(about.source_url));
  message->set_about(Text(about.about));
  message->set_about_url(Text(about.about_url));
}

Type TypeOf(StoredParameter::Type type) {
  switch (type) {
    case StoredParameter::Type::kAny:
      return v1::StoredQueryParameter::TYPE_ANY;
    case StoredParameter::Type::kInteger:
      return v1::StoredQueryParameter::TYPE_INTEGER;
    case StoredParameter::Type::kReal:
      return v1::StoredQueryParameter::TYPE_REAL;
    case StoredParameter::Type::kText:
      return v1::StoredQueryParameter::TYPE_TEXT;
    case StoredParameter::Type::kBlob:
      return v1::StoredQueryParameter::TYPE_BLOB;
    case StoredParameter::Type::kBoolean:
      return v1::StoredQueryParameter::TYPE_BOOLEAN;
  }
  return v1::StoredQueryParameter::TYPE_UNSPECIFIED;
}

void FillValue(const sqlite::ValueView& value, v1::Value* message) {
  std::string bytes(ValueSize(value), '\0');
  WriteValue(bytes.data(), value);
  message->ParseFromString(bytes);
}

void FillParameter(const StoredParameter& parameter, v1::StoredQueryParameter* message) {
  message->set_name(Text(parameter.name));
  message->set_type(TypeOf(parameter.type));
  message->set_description(Text(parameter.description));
  if (parameter.default_value.has_value()) {
    FillValue(parameter.default_value->view(), message->mutable_default_value());
  }
}

void FillHead(const engine::StoredQuery& query, v1::StoredQuery* message) {
  message->set_name(Text(query.name));
  message->set_sql(Text(query.sql));
  FillAbout(query.about, message->mutable_about());
  message->set_writes(query.writes);
  for (const std::string& database : query.databases) message->add_databases(Text(database));
}

}  // namespace

void AddSettings(const engine::DatabaseSettings& settings, v1::Database* message) {
  FillAbout(settings.about, message->mutable_about());
  message->set_query_count(static_cast<int32_t>(settings.queries.size()));
}

void AddSettings(const engine::TableSettings& settings, v1::Table* message) {
  FillAbout(settings.about, message->mutable_about());
  if (settings.hidden) message->set_hidden(true);
  if (!settings.label_column.empty()) message->set_label_column(Text(settings.label_column));
  if (!settings.sort_column.empty()) {
    message->set_default_order_by(
        absl::StrCat(Text(settings.sort_column), settings.sort_descending ? " desc" : ""));
  }
  message->set_default_page_size(settings.page_size);
  for (v1::TableColumn& column : *message->mutable_columns()) {
    const auto found = settings.columns.find(absl::AsciiStrToLower(column.name()));
    if (found == settings.columns.end()) continue;
    column.set_description(Text(found->second.description));
    column.set_unit(Text(found->second.unit));
  }
}

void FillQuery(const engine::StoredQuery& query, v1::StoredQuery* message) {
  FillHead(query, message);
  for (const StoredParameter& parameter : query.parameters) {
    FillParameter(parameter, message->add_parameters());
  }
}

void FillQuery(const engine::StoredQuery& query,
               const absl::StatusOr<engine::StatementDescription>& description,
               v1::StoredQuery* message) {
  if (!description.ok()) {
    FillQuery(query, message);
    if (!engine::ChangesDefinitions(query)) {
      message->set_unavailable_reason(Text(description.status().message()));
    }
    return;
  }
  FillHead(query, message);
  std::set<std::string> seen;
  for (const auto& parameter : description->parameters) {
    if (parameter.name.empty() || engine::IsMagicParameter(parameter.name)) continue;
    if (!seen.insert(parameter.name).second) continue;
    const StoredParameter* const described = query.FindParameter(parameter.name);
    StoredParameter any;
    any.name = parameter.name;
    FillParameter(described != nullptr ? *described : any, message->add_parameters());
  }
}

}  // namespace sluice::wire
