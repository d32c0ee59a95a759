// Natural JSON, written: the form of values that people and curl use. Pure functions, safe from any
// thread.
#pragma once

#include <string>

#include "absl/strings/string_view.h"
#include "clients/cpp/value.h"

namespace sluice::cli {

// With quotes. Bytes that are not UTF-8 become U+FFFD, and characters that move a terminal \uXXXX.
void AppendJsonText(absl::string_view text, std::string* out);

// A JSON text in which no character moves a terminal.
std::string EscapeJson(absl::string_view json);

// NULL null, INTEGER its digits, REAL the shortest number that reads back the same and never looks
// like an integer, ±Infinity as texts, BLOB {"$base64":true,"encoded":"…"}, a text that
// is not UTF-8 {"$raw_text":"…"}. A text that reads "Infinity" is written as it is: nothing else is
// a text there for those who read JSON.
void AppendNaturalJson(const Value& value, std::string* out);

// The same for requests, where a server tells texts from numbers and JSON numbers may pass through
// doubles: large integers, whole REALs and the text "Infinity" get their tags.
void AppendTaggedJson(const Value& value, std::string* out);

// The number of AppendNaturalJson.
void AppendReal(double real, std::string* out);

}  // namespace sluice::cli
