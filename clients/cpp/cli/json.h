// A strict JSON reader (RFC 8259) that keeps numbers as they are written, so that 64-bit integers
// stay exact; and the step from natural JSON to values. Pure functions, safe from any thread.
//
// All errors are INVALID_ARGUMENT with the byte where reading stopped.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "clients/cpp/value.h"

namespace sluice::cli {

struct JsonMember;

struct Json {
  enum class Kind { kNull, kBool, kNumber, kString, kArray, kObject };
  Kind kind = Kind::kNull;
  bool boolean = false;
  // A string's content, or a number as written.
  std::string text;
  std::vector<Json> items;
  // In the order written; no name twice.
  std::vector<JsonMember> members;
};

struct JsonMember {
  std::string name;
  Json value;
};

// One value and nothing after it but white space.
absl::StatusOr<Json> ParseJson(absl::string_view text);

// Natural JSON: null, numbers (with a fraction or an exponent REAL, else INTEGER), texts, booleans
// (1 and 0), "Infinity" and "-Infinity" (REAL), and the tagged forms {"$base64":true,"encoded":…},
// {"$integer":"…"}, {"$real":…}, {"$text":"…"}, {"$raw_text":"…"} (base64).
absl::StatusOr<Value> ValueFromJson(const Json& json);
absl::StatusOr<Object> ObjectFromJson(const Json& json);

}  // namespace sluice::cli
