#include "server/settings_file.h"

#include <algorithm>
#include <array>
#include <map>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "server/base/status.h"
#include "server/engine/stored_query.h"
#include "server/init_file.h"
#include "server/yaml_taker.h"

namespace sluice {
namespace {

using engine::About;
using engine::Ceilings;
using engine::StoredParameter;
using engine::StoredQuery;

// Keys that restrict who sees what.
constexpr std::array<absl::string_view, 3> kRestrictions = {"allow", "allow_sql", "permissions"};

// Keys that Datasette has and that change nothing here.
constexpr std::array<absl::string_view, 24> kWithoutEffect = {"plugins",
                                                              "settings",
                                                              "extra_css_urls",
                                                              "extra_js_urls",
                                                              "menu_links",
                                                              "description_html",
                                                              "hide_sql",
                                                              "fragment",
                                                              "is_trusted",
                                                              "on_success_message",
                                                              "on_success_message_sql",
                                                              "on_success_redirect",
                                                              "on_error_message",
                                                              "on_error_redirect",
                                                              "sortable_columns",
                                                              "facets",
                                                              "facet_size",
                                                              "fts_table",
                                                              "fts_pk",
                                                              "searchmode",
                                                              "column_types",
                                                              "template_debug",
                                                              "extra_files",
                                                              "custom_table_templates"};

template <size_t N>
bool Has(const std::array<absl::string_view, N>& names, absl::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// The same for files that may be Datasette's.
absl::Status TakeSettingsMap(const Place& place, const YAML::Node& map, const Takers& takers) {
  return TakeMap(place, map, takers,
                 [&](const std::string& key, const YAML::Node& at) -> absl::StatusOr<bool> {
                   if (Has(kRestrictions, key)) {
                     return place.Wrong(
                         at, absl::StrCat(key,
                                          " says who may see something, which is not enforced; "
                                          "take it out and restrict the server instead"));
                   }
                   if (!Has(kWithoutEffect, key)) return false;
                   place.Warn(at, absl::StrCat(key, " has no effect"));
                   return true;
                 });
}

Takers AboutTakers(const Place& place, About* about) {
  Takers takers;
  for (const auto& [key, field] :
       {std::pair("title", &About::title), std::pair("description", &About::description),
        std::pair("license", &About::license), std::pair("license_url", &About::license_url),
        std::pair("source", &About::source), std::pair("source_url", &About::source_url),
        std::pair("about", &About::about), std::pair("about_url", &About::about_url)}) {
    std::string* const text = &(about->*field);
    takers[key] = [&place, text](const YAML::Node& node) { return TakeText(place, node, text); };
  }
  return takers;
}

absl::Status TakeCeilings(const Place& place, const YAML::Node& node, Ceilings* ceilings) {
  const auto number = [&](int64_t Ceilings::* field, bool bytes) {
    return [&place, target = &(ceilings->*field), bytes](const YAML::Node& value) {
      return TakeNumber(place, value, bytes, target);
    };
  };
  RETURN_IF_ERROR(TakeSettingsMap(place, node,
                                  {{"statement-time",
                                    [&](const YAML::Node& value) {
                                      return TakeDuration(place, value, &ceilings->statement_time);
                                    }},
                                   {"rows", number(&Ceilings::rows, false)},
                                   {"bytes", number(&Ceilings::bytes, true)},
                                   {"stream-rows", number(&Ceilings::stream_rows, false)},
                                   {"stream-bytes", number(&Ceilings::stream_bytes, true)},
                                   {"streams", number(&Ceilings::streams, false)}}));
  *ceilings = ceilings->And(Ceilings());
  return absl::OkStatus();
}

absl::Status TakeColumn(const Place& place, const YAML::Node& node,
                        engine::ColumnSettings* column) {
  if (node.IsScalar()) return TakeText(place, node, &column->description);
  return TakeSettingsMap(
      place, node,
      {{"description",
        [&](const YAML::Node& value) { return TakeText(place, value, &column->description); }},
       {"unit", [&](const YAML::Node& value) { return TakeText(place, value, &column->unit); }}});
}

absl::Status TakeTable(const Place& place, const YAML::Node& node, engine::TableSettings* table) {
  const auto column = [&](const std::string& name) {
    return &table->columns[absl::AsciiStrToLower(name)];
  };
  const auto sort = [&](bool descending) {
    return [&place, table, descending](const YAML::Node& value) {
      table->sort_descending = descending;
      return TakeText(place, value, &table->sort_column);
    };
  };
  Takers takers = AboutTakers(place, &table->about);
  takers["columns"] = [&](const YAML::Node& map) {
    return TakeNamed(place, map, [&](const std::string& name, const YAML::Node& value) {
      return TakeColumn(place, value, column(name));
    });
  };
  takers["units"] = [&](const YAML::Node& map) {
    return TakeNamed(place, map, [&](const std::string& name, const YAML::Node& value) {
      return TakeText(place, value, &column(name)->unit);
    });
  };
  takers["hidden"] = [&](const YAML::Node& value) {
    return TakeBool(place, value, &table->hidden);
  };
  takers["label_column"] = [&](const YAML::Node& value) {
    return TakeText(place, value, &table->label_column);
  };
  takers["sort"] = sort(false);
  takers["sort_desc"] = sort(true);
  takers["size"] = [&](const YAML::Node& value) {
    int64_t size = 0;
    RETURN_IF_ERROR(TakeNumber(place, value, false, &size));
    table->page_size = static_cast<int32_t>(std::min<int64_t>(size, limits::kPageRowsMax));
    return absl::OkStatus();
  };
  return TakeSettingsMap(place, node, takers);
}

absl::Status TakeType(const Place& place, const YAML::Node& node, StoredParameter::Type* type) {
  using Type = StoredParameter::Type;
  static const auto* const types = new std::map<std::string, Type>{
      {"any", Type::kAny},   {"integer", Type::kInteger}, {"real", Type::kReal},
      {"text", Type::kText}, {"blob", Type::kBlob},       {"boolean", Type::kBoolean}};
  const auto found = types->find(node.as<std::string>(""));
  if (found == types->end()) {
    return place.Wrong(node, "must be any, integer, real, text, blob or boolean");
  }
  *type = found->second;
  return absl::OkStatus();
}

absl::Status TakeParameter(const Place& place, const YAML::Node& node, StoredParameter* parameter) {
  if (node.IsNull()) return absl::OkStatus();
  if (node.IsScalar()) return TakeType(place, node, &parameter->type);
  return TakeSettingsMap(
      place, node,
      {{"name", [&](const YAML::Node& value) { return TakeText(place, value, &parameter->name); }},
       {"type", [&](const YAML::Node& value) { return TakeType(place, value, &parameter->type); }},
       {"description",
        [&](const YAML::Node& value) { return TakeText(place, value, &parameter->description); }},
       {"default", [&](const YAML::Node& value) {
          if (!value.IsScalar() && !value.IsNull()) return place.Wrong(value, "must be one value");
          parameter->default_value = ValueOf(value);
          return absl::OkStatus();
        }}});
}

// A list of names or of maps with `name`, or a map from names.
absl::Status TakeParameters(const Place& place, const YAML::Node& node, StoredQuery* query) {
  const auto take = [&](StoredParameter parameter, const YAML::Node& value) {
    RETURN_IF_ERROR(TakeParameter(place, value, &parameter));
    if (parameter.name.empty()) return place.Wrong(value, "a parameter needs a name");
    if (engine::IsMagicParameter(parameter.name)) {
      return place.Wrong(value, "only the server fills this parameter");
    }
    query->parameters.push_back(std::move(parameter));
    return absl::OkStatus();
  };
  if (node.IsMap()) {
    return TakeNamed(place, node, [&](const std::string& name, const YAML::Node& value) {
      StoredParameter named;
      named.name = name;
      return take(std::move(named), value);
    });
  }
  if (node.IsNull()) return absl::OkStatus();
  if (!node.IsSequence()) return place.Wrong(node, "must be a list or a YAML map");
  for (const YAML::Node& item : node) {
    StoredParameter named;
    if (item.IsScalar()) named.name = item.as<std::string>();
    RETURN_IF_ERROR(take(named, item.IsScalar() ? YAML::Node() : item));
  }
  return absl::OkStatus();
}

absl::Status TakeQuery(const Place& place, const YAML::Node& node, StoredQuery* query) {
  if (node.IsScalar()) {
    query->sql = node.as<std::string>();
  } else {
    Takers takers = AboutTakers(place, &query->about);
    takers["sql"] = [&](const YAML::Node& value) { return TakeText(place, value, &query->sql); };
    takers["params"] = [&](const YAML::Node& value) { return TakeParameters(place, value, query); };
    takers["write"] = [&](const YAML::Node& value) {
      return TakeBool(place, value, &query->writes);
    };
    takers["databases"] = [&](const YAML::Node& value) {
      return TakeTexts(place, value, &query->databases);
    };
    RETURN_IF_ERROR(TakeSettingsMap(place, node, takers));
  }
  if (query->writes && !query->databases.empty()) {
    return place.Wrong(node, "a query that writes has no other databases");
  }
  if (query->sql.empty() || query->sql.size() > limits::kSqlBytesMax) {
    return place.Wrong(node, "a query needs sql of at most 100000 bytes");
  }
  return absl::OkStatus();
}

absl::Status TakeDatabase(const Place& place, const YAML::Node& node, bool foreign,
                          engine::DatabaseSettings* database) {
  Takers takers = AboutTakers(place, &database->about);
  takers["limits"] = [&](const YAML::Node& value) {
    return TakeCeilings(place, value, &database->ceilings);
  };
  takers["tables"] = [&](const YAML::Node& map) {
    return TakeNamed(place, map, [&](const std::string& name, const YAML::Node& value) {
      return TakeTable(place, value, &database->tables[absl::AsciiStrToLower(name)]);
    });
  };
  if (!foreign) {
    takers["init"] = [&](const YAML::Node& value) {
      return TakeInit(place, value, &database->init);
    };
  }
  takers["queries"] = [&](const YAML::Node& map) {
    return TakeNamed(place, map, [&](const std::string& name, const YAML::Node& value) {
      StoredQuery query;
      query.name = name;
      RETURN_IF_ERROR(TakeQuery(place, value, &query));
      database->queries[name] = std::move(query);
      return absl::OkStatus();
    });
  };
  return TakeSettingsMap(place, node, takers);
}

Takers SettingsTakers(const Place& place, bool foreign, engine::Settings* settings) {
  Takers takers = AboutTakers(place, &settings->about);
  takers["limits"] = [&place, settings](const YAML::Node& value) {
    return TakeCeilings(place, value, &settings->ceilings);
  };
  takers["databases"] = [&place, foreign, settings](const YAML::Node& map) {
    return TakeNamed(place, map, [&](const std::string& name, const YAML::Node& value) {
      return TakeDatabase(place, value, foreign, &settings->databases[name]);
    });
  };
  takers["callers"] = [&place, settings](const YAML::Node& map) {
    return TakeNamed(place, map, [&](const std::string& name, const YAML::Node& value) {
      return TakeSettingsMap(place, value, {{"limits", [&](const YAML::Node& limits) {
                                               return TakeCeilings(place, limits,
                                                                   &settings->callers[name]);
                                             }}});
    });
  };
  return takers;
}

}  // namespace

bool IsSettingsKey(absl::string_view key) {
  constexpr std::array<absl::string_view, 11> kKeys = {
      "title", "description", "license", "license_url", "source", "source_url",
      "about", "about_url",   "limits",  "databases",   "callers"};
  return Has(kKeys, key);
}

absl::Status ReadSettings(const std::string& path, bool foreign, engine::Settings* settings,
                          std::vector<std::string>* warnings) {
  const Place place(path, warnings);
  YAML::Node root;
  try {
    root = YAML::LoadFile(path);
    if (foreign) return TakeSettingsMap(place, root, SettingsTakers(place, foreign, settings));
    YAML::Node ours;
    for (const auto& entry : root) {
      if (IsSettingsKey(entry.first.as<std::string>(""))) ours[entry.first] = entry.second;
    }
    return TakeSettingsMap(place, ours, SettingsTakers(place, foreign, settings));
  } catch (const YAML::Exception& error) {
    return absl::InvalidArgumentError(absl::StrCat(path, ": ", error.what()));
  }
}

}  // namespace sluice
