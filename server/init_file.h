// The part of the configuration that says what databases are to hold from the first.
#pragma once

#include "absl/status/status.h"
#include "server/engine/init_database.h"
#include "server/yaml_taker.h"

namespace sluice {

// Adds what `init:` of a database says; what is said twice, the last wins.
absl::Status TakeInit(const Place& place, const YAML::Node& node, engine::InitSpec* init);

}  // namespace sluice
