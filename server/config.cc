#include "server/config.h"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "CLI/CLI.hpp"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "server/base/log.h"
#include "server/base/status.h"
#include "server/settings_file.h"
#include "server/suggestion.h"
#include "yaml-cpp/yaml.h"

namespace sluice {
namespace {

using Values = std::vector<std::string>;

// One setting: `name` is its flag and its key in the file; its variable is SLUICE_ and the name in
// capitals.
struct Setting {
  const char* name;
  const char* help;
  enum class Kind { kText, kSwitch, kList } kind;
  // Takes the values; false when they are not good.
  std::function<bool(Config&, const Values&)> take;
  std::function<Values(const Config&)> show;
  bool secret = false;
  // What good values are, for the message about others; may be empty.
  const char* expects = "";
  // Secrets have no flag: command lines are for everyone to see.
  bool has_flag = true;
};

Setting Text(const char* name, const char* help, std::string Config::* field) {
  return {.name = name,
          .help = help,
          .kind = Setting::Kind::kText,
          .take =
              [field](Config& config, const Values& values) {
                config.*field = values.back();
                return true;
              },
          .show = [field](const Config& config) { return Values{config.*field}; }};
}

// Whether the text is `host:port` or `[v6]:port`.
bool IsAddress(absl::string_view text) {
  const size_t colon = text.rfind(':');
  int port = -1;
  if (colon == absl::string_view::npos || colon == 0 ||
      !std::all_of(text.begin() + static_cast<ptrdiff_t>(colon) + 1, text.end(),
                   absl::ascii_isdigit) ||
      !absl::SimpleAtoi(text.substr(colon + 1), &port) || port > 65535) {
    return false;
  }
  const absl::string_view host = text.substr(0, colon);
  if (host.front() == '[') return host.back() == ']' && host.size() > 2;
  return host.find_first_of("/:@[] ") == absl::string_view::npos;
}

Setting Address(const char* name, const char* help, std::string Config::* field) {
  Setting setting = Text(name, help, field);
  setting.take = [field](Config& config, const Values& values) {
    config.*field = values.back();
    return IsAddress(values.back());
  };
  setting.expects = "host:port, such as 127.0.0.1:7070 or [::1]:7070";
  return setting;
}

Setting Switch(const char* name, const char* help, bool Config::* field) {
  return {
      .name = name,
      .help = help,
      .kind = Setting::Kind::kSwitch,
      .take =
          [field](Config& config, const Values& values) {
            const std::string word = absl::AsciiStrToLower(values.back());
            config.*field = word == "true" || word == "1" || word == "yes" || word == "on";
            return config.*field || word == "false" || word == "0" || word == "no" || word == "off";
          },
      .show = [field](const Config& config) { return Values{config.*field ? "true" : "false"}; }};
}

// Bytes such as 500M or 20G (powers of 1024), or a number without a unit.
bool ParseBytes(absl::string_view text, int64_t* bytes) {
  constexpr absl::string_view kUnits = "KMGT";
  int shift = 0;
  if (!text.empty()) {
    const size_t unit = kUnits.find(absl::ascii_toupper(static_cast<unsigned char>(text.back())));
    if (unit != absl::string_view::npos) {
      shift = 10 * (static_cast<int>(unit) + 1);
      text.remove_suffix(1);
    }
  }
  int64_t number = 0;
  if (!absl::SimpleAtoi(text, &number) || number < 0 || number > (INT64_MAX >> shift)) return false;
  *bytes = number << shift;
  return true;
}

std::string FormatBytes(int64_t bytes) {
  constexpr absl::string_view kUnits = "KMGT";
  size_t unit = 0;
  while (unit < kUnits.size() && bytes > 0 && bytes % 1024 == 0) {
    bytes /= 1024;
    ++unit;
  }
  return unit == 0 ? absl::StrCat(bytes) : absl::StrCat(bytes, kUnits.substr(unit - 1, 1));
}

Setting Bytes(const char* name, const char* help, int64_t Config::* field) {
  return {
      .name = name,
      .help = help,
      .kind = Setting::Kind::kText,
      .take = [field](Config& config,
                      const Values& values) { return ParseBytes(values.back(), &(config.*field)); },
      .show = [field](const Config& config) { return Values{FormatBytes(config.*field)}; }};
}

// A time such as 90s, 15m or 24h; more than none.
Setting Time(const char* name, const char* help, absl::Duration Config::* field) {
  return {
      .name = name,
      .help = help,
      .kind = Setting::Kind::kText,
      .take =
          [field](Config& config, const Values& values) {
            return absl::ParseDuration(values.back(), &(config.*field)) &&
                   config.*field > absl::ZeroDuration() &&
                   config.*field != absl::InfiniteDuration();
          },
      .show =
          [field](const Config& config) { return Values{absl::FormatDuration(config.*field)}; }};
}

Setting List(const char* name, const char* help, Values Config::* field) {
  return {.name = name,
          .help = help,
          .kind = Setting::Kind::kList,
          .take =
              [field](Config& config, const Values& values) {
                config.*field = values;
                return true;
              },
          .show = [field](const Config& config) { return config.*field; }};
}

const std::vector<Setting>& Settings() {
  static const auto* const settings = [] {
    auto* const all = new std::vector<Setting>{
        Address("listen", "Address for gRPC", &Config::listen),
        Address("http", "Address for the JSON API, downloads and the page", &Config::http),
        Address("admin-listen", "Address for health and metrics over HTTP", &Config::admin_listen),
        List("create", "A database file to serve, made when it is not there", &Config::create),
        Switch("read-only", "Change no file", &Config::read_only),
        Switch("immutable", "The files never change: no locks, no logs; implies --read-only",
               &Config::immutable),
        Text("admin-token-file",
             "Where the admin token is kept (default $XDG_STATE_HOME/sluice/admin-token)",
             &Config::admin_token_file),
        Switch("allow-plaintext", "Allow addresses other than loopback without TLS",
               &Config::allow_plaintext),
        Switch("allow-anonymous-reads",
               "Let everyone read who reaches an address other than loopback",
               &Config::allow_anonymous_reads),
        Switch("allow-anonymous-writes", "Let everyone write who reaches the server",
               &Config::allow_anonymous_writes),
        List("cors-origins", "Origins whose web pages may call the JSON API",
             &Config::cors_origins),
        Bytes("download-bandwidth",
              "Bytes a second that one caller may download, such as 20M; 0 for no limit",
              &Config::download_bandwidth),
        Text("snapshot-folder",
             "Where snapshots are kept (default .sluice-snapshots beside the first database)",
             &Config::snapshot_folder),
        Bytes("snapshot-quota", "Room that kept snapshots may take, such as 500M or 20G",
              &Config::snapshot_quota),
        Bytes("upload-quota",
              "Room that files may take that are to replace databases, such as 500M or 20G",
              &Config::upload_quota),
        Time("receipts-kept",
             "How long a write with a request_id is answered alike when it comes again",
             &Config::receipts_kept),
        Bytes("wal-bytes-max",
              "Size of a write-ahead log beyond which the oldest reads are ended, such as 256M",
              &Config::wal_bytes_max),
        Time("busy-wait",
             "How long a write waits for another process that holds the database's lock",
             &Config::busy_wait),
        List("metadata", "Datasette's metadata.yaml or datasette.yaml: words for people, queries",
             &Config::metadata),
        Text("log-level", "debug, info, warning or error", &Config::log_level),
        List("paths", "Database files, and folders that hold some", &Config::paths)};
    Setting token = Text("admin-token", "The admin token itself", &Config::admin_token);
    token.secret = true;
    token.has_flag = false;
    all->push_back(std::move(token));
    return all;
  }();
  return *settings;
}

std::string VariableOf(const Setting& setting) {
  return absl::StrCat("SLUICE_",
                      absl::AsciiStrToUpper(absl::StrReplaceAll(setting.name, {{"-", "_"}})));
}

const Setting* FindSetting(absl::string_view name) {
  for (const Setting& setting : Settings()) {
    if (name == setting.name) return &setting;
  }
  return nullptr;
}

std::string SuggestSetting(absl::string_view name) {
  std::vector<absl::string_view> known;
  for (const Setting& setting : Settings()) known.emplace_back(setting.name);
  return Suggestion(name, known);
}

absl::Status UnknownFlag(const Values& remaining) {
  const std::string flag = remaining.empty() ? "" : remaining.front();
  const std::string name(absl::StripPrefix(flag, "--"));
  return absl::InvalidArgumentError(
      absl::StrCat("unknown flag ", flag, SuggestSetting(name.substr(0, name.find('=')))));
}

// Collects values and remembers where each came from.
class Collector {
 public:
  absl::Status Take(const Setting& setting, const Values& values, const std::string& origin) {
    if (!setting.take(config, values)) {
      return absl::InvalidArgumentError(absl::StrCat(
          origin, ": ", setting.name, " cannot be \"", setting.secret ? "…" : values.back(), "\"",
          *setting.expects == '\0' ? "" : ": it is ", setting.expects));
    }
    origins_[setting.name] = origin;
    return absl::OkStatus();
  }

  std::string Describe() const {
    std::string text;
    for (const Setting& setting : Settings()) {
      const auto origin = origins_.find(setting.name);
      std::string value = absl::StrJoin(setting.show(config), ", ");
      if (setting.secret && !value.empty()) value = "***";
      absl::StrAppend(&text, setting.name, ": ", value, "  # ",
                      origin == origins_.end() ? "default" : origin->second, "\n");
    }
    return text;
  }

  Config config;

 private:
  std::map<std::string, std::string> origins_;
};

absl::Status TakeFile(const std::string& path, Collector* collector) {
  YAML::Node root;
  try {
    root = YAML::LoadFile(path);
  } catch (const YAML::BadFile&) {
    return absl::InvalidArgumentError(absl::StrCat("--config: cannot read ", path));
  } catch (const YAML::Exception& error) {
    return absl::InvalidArgumentError(absl::StrCat(path, ": ", error.what()));
  }
  if (root.IsNull()) return absl::OkStatus();
  if (!root.IsMap()) return absl::InvalidArgumentError(absl::StrCat(path, ": is not a YAML map"));
  for (const auto& entry : root) {
    const std::string name = entry.first.as<std::string>("");
    if (IsSettingsKey(name)) continue;
    const Setting* const setting = FindSetting(name);
    const std::string origin = absl::StrCat(path, ":", entry.first.Mark().line + 1);
    if (setting == nullptr) {
      return absl::InvalidArgumentError(
          absl::StrCat(origin, ": unknown key ", name, SuggestSetting(name)));
    }
    Values values;
    const bool list = setting->kind == Setting::Kind::kList && entry.second.IsSequence();
    if (list) {
      for (const auto& item : entry.second) values.push_back(item.as<std::string>(""));
    } else if (entry.second.IsScalar()) {
      values.push_back(entry.second.as<std::string>());
    } else {
      return absl::InvalidArgumentError(absl::StrCat(origin, ": ", name, " has the wrong shape"));
    }
    RETURN_IF_ERROR(collector->Take(*setting, values, origin));
  }
  return absl::OkStatus();
}

absl::Status TakeEnvironment(const std::vector<std::string>& environment, Collector* collector,
                             std::vector<std::string>* warnings) {
  // Those that the clients read.
  const Values kOthers = {"SLUICE_CONFIG", "SLUICE_TOKEN", "SLUICE_ADDRESS", "SLUICE_HTTP_URL"};
  for (const std::string& entry : environment) {
    if (!absl::StartsWith(entry, "SLUICE_")) continue;
    const std::pair<std::string, std::string> variable =
        absl::StrSplit(entry, absl::MaxSplits('=', 1));
    const auto setting =
        std::find_if(Settings().begin(), Settings().end(),
                     [&](const Setting& each) { return VariableOf(each) == variable.first; });
    if (setting != Settings().end()) {
      const Values values = setting->kind == Setting::Kind::kList
                                ? Values(absl::StrSplit(variable.second, ',', absl::SkipEmpty()))
                                : Values{variable.second};
      RETURN_IF_ERROR(collector->Take(*setting, values, variable.first));
    } else if (std::find(kOthers.begin(), kOthers.end(), variable.first) == kOthers.end() &&
               !absl::StartsWith(variable.first, "SLUICE_GATEWAY_")) {
      warnings->push_back(absl::StrCat("unknown variable ", variable.first));
    }
  }
  return absl::OkStatus();
}

std::string Lookup(const std::vector<std::string>& environment, absl::string_view name) {
  for (absl::string_view entry : environment) {
    if (absl::ConsumePrefix(&entry, absl::StrCat(name, "="))) return std::string(entry);
  }
  return "";
}

// What the files say of databases; our own file has the last word.
absl::Status TakeSettings(const std::string& own_file, std::vector<std::string>* warnings,
                          Config* config) {
  auto settings = std::make_shared<engine::Settings>();
  for (const std::string& file : config->metadata) {
    RETURN_IF_ERROR(ReadSettings(file, /*foreign=*/true, settings.get(), warnings));
  }
  if (!own_file.empty()) {
    RETURN_IF_ERROR(ReadSettings(own_file, /*foreign=*/false, settings.get(), warnings));
  }
  config->settings = std::move(settings);
  return absl::OkStatus();
}

absl::Status Validate(const Config& config) {
  if (!config.create.empty() && (config.read_only || config.immutable)) {
    return absl::InvalidArgumentError(
        "create makes a file, and read-only and immutable change none");
  }
  LogLevel level;
  if (!ParseLogLevel(config.log_level, &level)) {
    return absl::InvalidArgumentError("log-level must be debug, info, warning or error");
  }
  if (config.loopback_only()) return absl::OkStatus();
  if (!config.allow_plaintext) {
    return absl::InvalidArgumentError(
        "an address that is not loopback would carry everything unencrypted: put TLS in front and "
        "say "
        "--allow-plaintext, or listen on loopback");
  }
  return absl::OkStatus();
}

}  // namespace

bool IsLoopbackAddress(absl::string_view address) {
  const size_t colon = address.rfind(':');
  const absl::string_view host = address.substr(0, colon);
  return host == "localhost" || host == "[::1]" || absl::StartsWith(host, "127.");
}

std::vector<std::string> Config::served_paths() const {
  std::vector<std::string> all = paths;
  for (const std::string& path : create) {
    if (std::find(all.begin(), all.end(), path) == all.end()) all.push_back(path);
  }
  return all;
}

bool Config::loopback_only() const { return IsLoopbackAddress(listen) && IsLoopbackAddress(http); }

absl::StatusOr<LoadedConfig> LoadConfig(const std::vector<std::string>& arguments,
                                        const std::vector<std::string>& environment) {
  CLI::App app("Serves SQLite databases over gRPC and HTTP.", "sluiced");
  std::map<std::string, Values> given;
  std::map<std::string, bool> switched;
  for (const Setting& setting : Settings()) {
    if (!setting.has_flag) continue;
    const std::string flag = absl::StrCat("--", setting.name);
    const std::string standard = absl::StrJoin(setting.show(Config()), ", ");
    const std::string help =
        absl::StrCat(setting.help, standard.empty() ? "" : absl::StrCat(" (", standard, ")"), " [",
                     VariableOf(setting), "]");
    if (std::string(setting.name) == "paths") {
      app.add_option("paths", given[setting.name], help);
    } else if (setting.kind == Setting::Kind::kSwitch) {
      app.add_flag(flag, switched[setting.name], help);
    } else {
      app.add_option(flag, given[setting.name], help)
          ->allow_extra_args(false)
          ->option_text(setting.kind == Setting::Kind::kList ? "TEXT, once for each" : "TEXT")
          ->multi_option_policy(setting.kind == Setting::Kind::kList
                                    ? CLI::MultiOptionPolicy::TakeAll
                                    : CLI::MultiOptionPolicy::TakeLast);
    }
  }
  std::string file = Lookup(environment, "SLUICE_CONFIG");
  app.add_option("--config", file, "A YAML file with the same names as keys [SLUICE_CONFIG]");
  LoadedConfig loaded;
  app.add_flag_callback(
      "--print-config", [&] { loaded.action = ConfigAction::kPrintConfig; },
      "Print what is in force and where each value came from");
  app.add_flag_callback(
      "--check-config", [&] { loaded.action = ConfigAction::kCheckConfig; },
      "Check everything that is said; exit 0 or 2");
  app.add_flag_callback(
      "--version", [&] { loaded.action = ConfigAction::kVersion; }, "Print the version");
  try {
    // CLI11 takes them last first.
    app.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));
  } catch (const CLI::CallForHelp&) {
    loaded.action = ConfigAction::kHelp;
    loaded.text = app.help();
    return loaded;
  } catch (const CLI::ExtrasError&) {
    return UnknownFlag(app.remaining());
  } catch (const CLI::ParseError& error) {
    return absl::InvalidArgumentError(error.what());
  }
  if (loaded.action == ConfigAction::kVersion) return loaded;

  Collector collector;
  if (!file.empty()) RETURN_IF_ERROR(TakeFile(file, &collector));
  RETURN_IF_ERROR(TakeEnvironment(environment, &collector, &loaded.warnings));
  for (const Setting& setting : Settings()) {
    const std::string origin = absl::StrCat("--", setting.name);
    if (!given[setting.name].empty()) {
      RETURN_IF_ERROR(collector.Take(setting, given[setting.name], origin));
    }
    if (switched[setting.name]) RETURN_IF_ERROR(collector.Take(setting, {"true"}, origin));
  }
  RETURN_IF_ERROR(Validate(collector.config));
  RETURN_IF_ERROR(TakeSettings(file, &loaded.warnings, &collector.config));
  loaded.text = collector.Describe();
  loaded.config = std::move(collector.config);
  return loaded;
}

}  // namespace sluice
