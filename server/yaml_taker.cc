#include "server/yaml_taker.h"

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "server/base/status.h"
#include "server/suggestion.h"

namespace sluice {

std::string Place::At(const YAML::Node& node) const {
  return absl::StrCat(file_, ":", node.Mark().line + 1);
}

absl::Status Place::Wrong(const YAML::Node& node, absl::string_view what) const {
  return absl::InvalidArgumentError(absl::StrCat(At(node), ": ", what));
}

void Place::Warn(const YAML::Node& node, absl::string_view what) const {
  warnings_->push_back(absl::StrCat(At(node), ": ", what));
}

absl::Status TakeText(const Place& place, const YAML::Node& node, std::string* text) {
  if (node.IsNull()) return absl::OkStatus();
  if (!node.IsScalar()) return place.Wrong(node, "must be a text");
  *text = node.as<std::string>();
  return absl::OkStatus();
}

absl::Status TakeBool(const Place& place, const YAML::Node& node, bool* value) {
  if (!YAML::convert<bool>::decode(node, *value)) return place.Wrong(node, "must be true or false");
  return absl::OkStatus();
}

absl::Status TakeNumber(const Place& place, const YAML::Node& node, bool bytes, int64_t* number) {
  std::string text;
  RETURN_IF_ERROR(TakeText(place, node, &text));
  int64_t unit = 1;
  for (const auto& [name, size] :
       {std::pair("KiB", int64_t{1} << 10), std::pair("MiB", int64_t{1} << 20),
        std::pair("GiB", int64_t{1} << 30)}) {
    if (!bytes || !absl::EndsWith(text, name)) continue;
    unit = size;
    text.resize(text.size() - 3);
  }
  int64_t count = 0;
  if (!absl::SimpleAtoi(text, &count) || count < 1 || count > INT64_MAX / unit) {
    return place.Wrong(node, bytes ? "must be a number of bytes such as 65536 or 4MiB"
                                   : "must be a whole number of at least 1");
  }
  *number = count * unit;
  return absl::OkStatus();
}

absl::Status TakeDuration(const Place& place, const YAML::Node& node, absl::Duration* duration) {
  std::string text;
  RETURN_IF_ERROR(TakeText(place, node, &text));
  if (!absl::ParseDuration(text, duration) || *duration <= absl::ZeroDuration()) {
    return place.Wrong(node, "must be a time such as 500ms or 10s");
  }
  return absl::OkStatus();
}

absl::Status TakeTexts(const Place& place, const YAML::Node& node,
                       std::vector<std::string>* texts) {
  if (node.IsScalar()) {
    texts->push_back(node.as<std::string>());
    return absl::OkStatus();
  }
  if (!node.IsSequence()) return place.Wrong(node, "must be a text or a list of texts");
  for (const YAML::Node& item : node) {
    if (!item.IsScalar()) return place.Wrong(item, "must be a text");
    texts->push_back(item.as<std::string>());
  }
  return absl::OkStatus();
}

absl::Status TakeMap(const Place& place, const YAML::Node& map, const Takers& takers,
                     const OtherKeys& other) {
  if (map.IsNull()) return absl::OkStatus();
  if (!map.IsMap()) return place.Wrong(map, "must be a YAML map");
  for (const auto& entry : map) {
    const std::string key = entry.first.as<std::string>("");
    const auto taker = takers.find(key);
    if (taker != takers.end()) {
      RETURN_IF_ERROR(taker->second(entry.second));
      continue;
    }
    if (other != nullptr) {
      ASSIGN_OR_RETURN(const bool taken, other(key, entry.first));
      if (taken) continue;
    }
    std::vector<absl::string_view> known;
    for (const auto& [name, take] : takers) known.push_back(name);
    return place.Wrong(entry.first, absl::StrCat("unknown key ", key, Suggestion(key, known)));
  }
  return absl::OkStatus();
}

absl::Status TakeNamed(
    const Place& place, const YAML::Node& map,
    const std::function<absl::Status(const std::string&, const YAML::Node&)>& take) {
  if (map.IsNull()) return absl::OkStatus();
  if (!map.IsMap()) return place.Wrong(map, "must be a YAML map");
  for (const auto& entry : map) {
    const std::string name = entry.first.as<std::string>("");
    if (name.empty()) return place.Wrong(entry.first, "a name is empty");
    RETURN_IF_ERROR(take(name, entry.second));
  }
  return absl::OkStatus();
}

sqlite::Value ValueOf(const YAML::Node& node) {
  using sqlite::Value;
  using sqlite::ValueView;
  if (node.IsNull()) return Value();
  const auto text = node.as<std::string>();
  int64_t integer = 0;
  double real = 0;
  bool truth = false;
  if (node.Tag() == "!") return Value(ValueView::Text(text));
  if (absl::SimpleAtoi(text, &integer)) return Value(ValueView::Integer(integer));
  if (YAML::convert<double>::decode(node, real)) return Value(ValueView::Real(real));
  if (YAML::convert<bool>::decode(node, truth)) return Value(ValueView::Integer(truth ? 1 : 0));
  return Value(ValueView::Text(text));
}

}  // namespace sluice
