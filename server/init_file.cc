#include "server/init_file.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "server/base/status.h"

namespace sluice {
namespace {

using engine::ColumnDefinition;
using engine::ForeignKeyDefinition;
using engine::ReferenceAction;
using engine::TableDefinition;

Taker Text(const Place& place, std::string* text) {
  return [&place, text](const YAML::Node& node) { return TakeText(place, node, text); };
}
Taker Bool(const Place& place, bool* value) {
  return [&place, value](const YAML::Node& node) { return TakeBool(place, node, value); };
}
Taker Texts(const Place& place, std::vector<std::string>* texts) {
  return [&place, texts](const YAML::Node& node) { return TakeTexts(place, node, texts); };
}

// A type alone, or all of a column.
absl::Status TakeColumn(const Place& place, const YAML::Node& node, ColumnDefinition* column) {
  if (!node.IsMap()) return TakeText(place, node, &column->type);
  return TakeMap(place, node,
                 {{"type", Text(place, &column->type)},
                  {"not-null", Bool(place, &column->not_null)},
                  {"unique", Bool(place, &column->unique)},
                  {"default",
                   [&](const YAML::Node& value) {
                     if (!value.IsScalar()) return place.Wrong(value, "must be one value");
                     column->default_value = ValueOf(value);
                     return absl::OkStatus();
                   }},
                  {"default-expression", Text(place, &column->default_expression)},
                  {"check", Text(place, &column->check)},
                  {"collation", Text(place, &column->collation)},
                  {"generated", Text(place, &column->generated_expression)},
                  {"stored", Bool(place, &column->generated_stored)}});
}

absl::Status TakeAction(const Place& place, const YAML::Node& node, ReferenceAction* action) {
  static const auto* const actions =
      new std::map<std::string, ReferenceAction>{{"no action", ReferenceAction::kNoAction},
                                                 {"restrict", ReferenceAction::kRestrict},
                                                 {"set null", ReferenceAction::kSetNull},
                                                 {"set default", ReferenceAction::kSetDefault},
                                                 {"cascade", ReferenceAction::kCascade}};
  const auto found = actions->find(absl::AsciiStrToLower(node.as<std::string>("")));
  if (found == actions->end()) {
    return place.Wrong(node, "must be no action, restrict, set null, set default or cascade");
  }
  *action = found->second;
  return absl::OkStatus();
}

absl::Status TakeForeignKey(const Place& place, const YAML::Node& node, ForeignKeyDefinition* key) {
  const auto action = [&](ReferenceAction* target) {
    return [&place, target](const YAML::Node& value) { return TakeAction(place, value, target); };
  };
  return TakeMap(place, node,
                 {{"columns", Texts(place, &key->columns)},
                  {"parent-table", Text(place, &key->parent_table)},
                  {"parent-columns", Texts(place, &key->parent_columns)},
                  {"on-delete", action(&key->on_delete)},
                  {"on-update", action(&key->on_update)},
                  {"deferred", Bool(place, &key->deferred)}});
}

absl::Status TakeList(const Place& place, const YAML::Node& node, const Taker& take) {
  if (!node.IsSequence()) return place.Wrong(node, "must be a list");
  for (const YAML::Node& item : node) RETURN_IF_ERROR(take(item));
  return absl::OkStatus();
}

absl::Status TakeDefinition(const Place& place, const YAML::Node& node, TableDefinition* table) {
  Takers takers = {{"primary-key", Texts(place, &table->primary_key)},
                   // Its name in datasette-init.
                   {"pk", Texts(place, &table->primary_key)},
                   {"autoincrement", Bool(place, &table->autoincrement)},
                   {"checks", Texts(place, &table->checks)},
                   {"strict", Bool(place, &table->strict)},
                   {"without-rowid", Bool(place, &table->without_rowid)}};
  takers["columns"] = [&](const YAML::Node& map) {
    return TakeNamed(place, map, [&](const std::string& name, const YAML::Node& value) {
      return TakeColumn(place, value, &table->columns.emplace_back(ColumnDefinition{.name = name}));
    });
  };
  takers["unique"] = [&](const YAML::Node& list) {
    return TakeList(place, list, [&](const YAML::Node& item) {
      return TakeTexts(place, item, &table->unique.emplace_back());
    });
  };
  takers["foreign-keys"] = [&](const YAML::Node& list) {
    return TakeList(place, list, [&](const YAML::Node& item) {
      return TakeForeignKey(place, item, &table->foreign_keys.emplace_back());
    });
  };
  RETURN_IF_ERROR(TakeMap(place, node, takers));
  const absl::Status checked = engine::CheckDefinition(table);
  return checked.ok() ? checked : place.Wrong(node, checked.message());
}

// SQL, or what the table is.
absl::Status TakeTable(const Place& place, const YAML::Node& node, engine::InitTable* table) {
  const absl::Status named = engine::CheckTableName(table->name, "table");
  if (!named.ok()) return place.Wrong(node, named.message());
  if (node.IsScalar()) {
    table->sql = node.as<std::string>();
    return table->sql.empty() ? place.Wrong(node, "is empty") : absl::OkStatus();
  }
  table->definition.name = table->name;
  return TakeDefinition(place, node, &table->definition);
}

// The entry of this name, which is new or forgotten.
template <typename Entry>
Entry* Renew(std::vector<Entry>* entries, const std::string& name) {
  entries->erase(
      std::remove_if(entries->begin(), entries->end(),
                     [&](const Entry& entry) { return absl::EqualsIgnoreCase(entry.name, name); }),
      entries->end());
  Entry* const entry = &entries->emplace_back();
  entry->name = name;
  return entry;
}

}  // namespace

absl::Status TakeInit(const Place& place, const YAML::Node& node, engine::InitSpec* init) {
  Takers takers;
  takers["tables"] = [&](const YAML::Node& map) {
    return TakeNamed(place, map, [&](const std::string& name, const YAML::Node& value) {
      return TakeTable(place, value, Renew(&init->tables, name));
    });
  };
  takers["views"] = [&](const YAML::Node& map) {
    return TakeNamed(place, map, [&](const std::string& name, const YAML::Node& value) {
      return TakeText(place, value, &Renew(&init->views, name)->select);
    });
  };
  return TakeMap(place, node, takers);
}

}  // namespace sluice
