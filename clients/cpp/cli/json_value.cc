// Natural JSON, read.
#include <charconv>
#include <limits>

#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "clients/cpp/cli/json.h"

namespace sluice::cli {
namespace {

absl::Status Bad(absl::string_view what) { return absl::InvalidArgumentError(what); }

absl::StatusOr<Value> Integer(const std::string& digits) {
  int64_t integer = 0;
  if (!absl::SimpleAtoi(digits, &integer)) {
    return Bad(absl::StrCat(digits, " is no 64-bit integer"));
  }
  return Value(integer);
}

absl::StatusOr<Value> Real(const std::string& digits) {
  double real = 0;
  const char* end = digits.data() + digits.size();
  const auto read = std::from_chars(digits.data(), end, real);
  if (read.ec != std::errc() || read.ptr != end) {
    return Bad(absl::StrCat(digits, " does not fit a REAL"));
  }
  return Value(real);
}

absl::StatusOr<Value> Number(const std::string& written) {
  const bool has_fraction = written.find_first_of(".eE") != std::string::npos;
  return has_fraction ? Real(written) : Integer(written);
}

Value Text(const std::string& text) {
  if (text == "Infinity") return std::numeric_limits<double>::infinity();
  if (text == "-Infinity") return -std::numeric_limits<double>::infinity();
  return text;
}

absl::StatusOr<Value> Base64(const Json& json) {
  if (json.members.size() == 2) {
    const auto& [tag, flag] = json.members[0];
    const auto& [name, encoded] = json.members[1];
    std::string bytes;
    if (tag == "$base64" && flag.boolean && name == "encoded" &&
        encoded.kind == Json::Kind::kString && absl::Base64Unescape(encoded.text, &bytes)) {
      return Value(Blob{std::move(bytes)});
    }
  }
  return Bad(R"(a blob is {"$base64":true,"encoded":"…"})");
}

absl::StatusOr<Value> Tagged(const Json& json) {
  if (json.members.empty()) return Bad("an object is no value of SQLite");
  if (json.members[0].name == "encoded" && json.members.size() == 2) {
    Json turned = json;
    std::swap(turned.members[0], turned.members[1]);
    return Base64(turned);
  }
  const auto& [tag, inner] = json.members[0];
  if (tag == "$base64") return Base64(json);
  if (json.members.size() == 1) {
    const bool is_text = inner.kind == Json::Kind::kString;
    if (tag == "$text" && is_text) return Value(inner.text);
    std::string bytes;
    if (tag == "$raw_text" && is_text && absl::Base64Unescape(inner.text, &bytes)) {
      return Value(RawText{std::move(bytes)});
    }
    if (tag == "$integer" && (is_text || inner.kind == Json::Kind::kNumber)) {
      return Integer(inner.text);
    }
    if (tag == "$real" && inner.kind == Json::Kind::kNumber) return Real(inner.text);
    if (tag == "$real" && is_text && Text(inner.text).real() != nullptr) return Text(inner.text);
  }
  return Bad(absl::StrCat("an object with ", tag, " is no value of SQLite"));
}

}  // namespace

absl::StatusOr<Value> ValueFromJson(const Json& json) {
  switch (json.kind) {
    case Json::Kind::kNull:
      return Value();
    case Json::Kind::kBool:
      return Value(json.boolean ? 1 : 0);
    case Json::Kind::kNumber:
      return Number(json.text);
    case Json::Kind::kString:
      return Text(json.text);
    case Json::Kind::kObject:
      return Tagged(json);
    case Json::Kind::kArray:
      return Bad("an array is no value of SQLite");
  }
  return Bad("no value");
}

absl::StatusOr<Object> ObjectFromJson(const Json& json) {
  if (json.kind != Json::Kind::kObject) return Bad("a row is a JSON object");
  Object object;
  for (const auto& [name, member] : json.members) {
    auto value = ValueFromJson(member);
    if (!value.ok()) return Bad(absl::StrCat(name, ": ", value.status().message()));
    object.emplace(name, *std::move(value));
  }
  return object;
}

}  // namespace sluice::cli
