// YAML taken piece by piece, with the file and the line in every error. For the files that this
// folder reads.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "server/sqlite/value.h"
#include "yaml-cpp/yaml.h"

namespace sluice {

// A place in a file, for messages. Errors are INVALID_ARGUMENT.
class Place {
 public:
  Place(std::string file, std::vector<std::string>* warnings)
      : file_(std::move(file)), warnings_(warnings) {}

  absl::Status Wrong(const YAML::Node& node, absl::string_view what) const;
  void Warn(const YAML::Node& node, absl::string_view what) const;

 private:
  std::string At(const YAML::Node& node) const;

  const std::string file_;
  std::vector<std::string>* const warnings_;
};

using Taker = std::function<absl::Status(const YAML::Node&)>;
// What to do with the value of each key.
using Takers = std::map<absl::string_view, Taker>;

absl::Status TakeText(const Place& place, const YAML::Node& node, std::string* text);
absl::Status TakeBool(const Place& place, const YAML::Node& node, bool* value);
// An integer of at least 1, with KiB, MiB or GiB where `bytes`.
absl::Status TakeNumber(const Place& place, const YAML::Node& node, bool bytes, int64_t* number);
absl::Status TakeDuration(const Place& place, const YAML::Node& node, absl::Duration* duration);
// One text, or a list of them.
absl::Status TakeTexts(const Place& place, const YAML::Node& node, std::vector<std::string>* texts);

// Hands each key's value to its taker. A key that has none is an error, with a suggestion, unless
// `other` takes it: that returns false for one that it does not know either.
using OtherKeys = std::function<absl::StatusOr<bool>(const std::string&, const YAML::Node&)>;
absl::Status TakeMap(const Place& place, const YAML::Node& map, const Takers& takers,
                     const OtherKeys& other = nullptr);

// Hands each entry's name and value to `take`: for maps whose keys are names.
absl::Status TakeNamed(
    const Place& place, const YAML::Node& map,
    const std::function<absl::Status(const std::string&, const YAML::Node&)>& take);

// Quoted text is TEXT; plain words are what YAML makes of them.
sqlite::Value ValueOf(const YAML::Node& node);

}  // namespace sluice
