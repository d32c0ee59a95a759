// Settings of databases from YAML: our own configuration file, and Datasette's metadata.yaml or
// datasette.yaml as it is. The only place that knows their keys.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "server/engine/settings.h"

namespace sluice {

// Whether a top-level key of a configuration file belongs to the settings of databases.
bool IsSettingsKey(absl::string_view key);

// Adds what the file says; what is said twice, later files win. Keys that Datasette has and Sluice
// has no use for (plug-ins, style sheets, its own settings) are named in `warnings`. With `foreign`
// false the file is our own, and keys that are not settings are left to others.
//
// INVALID_ARGUMENT, with the file's line, for a key that nobody knows, for a value of the wrong
// shape, and for keys that say who may see something (`allow` and its like): they are not
// enforced, and must not look as if they were.
absl::Status ReadSettings(const std::string& path, bool foreign, engine::Settings* settings,
                          std::vector<std::string>* warnings);

}  // namespace sluice
