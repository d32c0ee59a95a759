// What the server is told: flags, environment, file. The only place that reads any of them.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "server/base/limits.h"
#include "server/engine/settings.h"

namespace sluice {

// What is in force. Checked by LoadConfig; nothing here is read from anywhere else afterwards.
struct Config {
  std::vector<std::string> paths;
  // Database files that are made when they are not there, and served.
  std::vector<std::string> create;
  std::string listen = "127.0.0.1:7070";
  std::string http = "127.0.0.1:7072";
  std::string admin_listen = "127.0.0.1:7071";
  bool read_only = false;
  bool immutable = false;
  std::string admin_token_file;
  std::string admin_token;
  bool allow_plaintext = false;
  bool allow_anonymous_reads = false;
  bool allow_anonymous_writes = false;
  std::vector<std::string> cors_origins;
  std::vector<std::string> metadata;
  // What the files say of databases and callers. Never null once loaded.
  std::shared_ptr<const engine::Settings> settings = std::make_shared<engine::Settings>();
  std::string log_level = "info";
  // Bytes a second that one caller may download; 0 for as much as there is.
  int64_t download_bandwidth = 0;
  // Where snapshots are kept; empty for a hidden folder beside the first path.
  std::string snapshot_folder;
  // Bytes that all of them may take.
  int64_t snapshot_quota = int64_t{10} << 30;
  // Room that uploads may take together, on the disks of the databases.
  int64_t upload_quota = int64_t{10} << 30;
  // How long the receipt of a write with a request id is kept.
  absl::Duration receipts_kept = limits::kReceiptsKept;
  // The write-ahead log's ceiling, of each database.
  int64_t wal_bytes_max = limits::kWalBytesMax;
  // How long a write waits for another process's lock.
  absl::Duration busy_wait = limits::kBusyWaitMax;

  // `paths`, and what of `create` is not among them.
  std::vector<std::string> served_paths() const;
  // Every address is a loopback one.
  bool loopback_only() const;
};

// What the command line asks for besides serving.
enum class ConfigAction { kServe, kPrintConfig, kCheckConfig, kHelp, kVersion };

struct LoadedConfig {
  Config config;
  ConfigAction action = ConfigAction::kServe;
  // For kPrintConfig: each value and where it came from, secrets masked. For kHelp: the help.
  std::string text;
  // Things to tell that are no errors.
  std::vector<std::string> warnings;
};

// Precedence: flag, environment, file, default. `environment` holds `NAME=value` entries.
// INVALID_ARGUMENT with a message that says which flag, variable or key is wrong, with a suggestion
// for a name that is not known.
absl::StatusOr<LoadedConfig> LoadConfig(const std::vector<std::string>& arguments,
                                        const std::vector<std::string>& environment);

// Whether the host of `host:port` is a loopback address or name.
bool IsLoopbackAddress(absl::string_view address);

}  // namespace sluice
