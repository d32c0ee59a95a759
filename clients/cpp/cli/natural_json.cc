#include "clients/cpp/cli/natural_json.h"

#include <array>
#include <charconv>
#include <cmath>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "clients/cpp/cli/display.h"
#include "clients/cpp/utf8.h"

namespace sluice::cli {
namespace {

constexpr int64_t kExactIntegerMax = (int64_t{1} << 53) - 1;

// All that move a terminal are of Unicode's first plane.
void AppendCode(char32_t c, std::string* out) {
  absl::StrAppendFormat(out, "\\u%04x", static_cast<unsigned>(c));
}

void AppendEscaped(char c, std::string* out) {
  switch (c) {
    case '"':
      out->append("\\\"");
      return;
    case '\\':
      out->append("\\\\");
      return;
    case '\n':
      out->append("\\n");
      return;
    case '\r':
      out->append("\\r");
      return;
    case '\t':
      out->append("\\t");
      return;
    default:
      break;
  }
  const auto byte = static_cast<unsigned char>(c);
  if (byte >= 0x20 && byte < 0x7F) {
    out->push_back(c);
  } else {
    AppendCode(byte, out);
  }
}

bool IsInfinityText(const Value& value) {
  return value.text() != nullptr && (*value.text() == "Infinity" || *value.text() == "-Infinity");
}

}  // namespace

void AppendJsonText(absl::string_view text, std::string* out) {
  out->push_back('"');
  while (!text.empty()) {
    const auto point = client::DecodeCodePoint(text);
    if (!point.valid) {
      out->append("\xEF\xBF\xBD");
    } else if (point.size == 1) {
      AppendEscaped(text[0], out);
    } else if (MovesTerminal(point.value)) {
      AppendCode(point.value, out);
    } else {
      out->append(text.data(), point.size);
    }
    text.remove_prefix(point.size);
  }
  out->push_back('"');
}

std::string EscapeJson(absl::string_view json) {
  std::string out;
  out.reserve(json.size());
  while (!json.empty()) {
    const auto point = client::DecodeCodePoint(json);
    // Those of one byte stand between values, or are escaped already, but for DEL.
    if (point.value == 0x7F || (point.size > 1 && MovesTerminal(point.value))) {
      AppendCode(point.value, &out);
    } else {
      out.append(json.data(), point.size);
    }
    json.remove_prefix(point.size);
  }
  return out;
}

void AppendReal(double real, std::string* out) {
  std::array<char, 32> buffer;
  const char* end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), real).ptr;
  const absl::string_view digits(buffer.data(), static_cast<size_t>(end - buffer.data()));
  absl::StrAppend(out, digits);
  if (digits.find_first_of(".en") == absl::string_view::npos) out->append(".0");
}

void AppendNaturalJson(const Value& value, std::string* out) {
  if (const auto* integer = value.integer()) {
    absl::StrAppend(out, *integer);
  } else if (const auto* real = value.real()) {
    if (std::isfinite(*real)) {
      AppendReal(*real, out);
    } else {
      out->append(std::isnan(*real) ? "null" : (*real > 0 ? "\"Infinity\"" : "\"-Infinity\""));
    }
  } else if (const auto* text = value.text()) {
    AppendJsonText(*text, out);
  } else if (const auto* blob = value.blob()) {
    absl::StrAppend(out, R"({"$base64":true,"encoded":")", absl::Base64Escape(blob->bytes), "\"}");
  } else if (const auto* raw = value.raw_text()) {
    absl::StrAppend(out, R"({"$raw_text":")", absl::Base64Escape(raw->bytes), "\"}");
  } else {
    out->append("null");
  }
}

void AppendTaggedJson(const Value& value, std::string* out) {
  const auto* integer = value.integer();
  const auto* real = value.real();
  if (integer != nullptr && (*integer > kExactIntegerMax || *integer < -kExactIntegerMax)) {
    absl::StrAppend(out, R"({"$integer":")", *integer, "\"}");
  } else if (real != nullptr && std::isfinite(*real) && std::trunc(*real) == *real) {
    out->append(R"({"$real":)");
    AppendReal(*real, out);
    out->push_back('}');
  } else if (IsInfinityText(value)) {
    out->append(R"({"$text":)");
    AppendNaturalJson(value, out);
    out->push_back('}');
  } else {
    AppendNaturalJson(value, out);
  }
}

}  // namespace sluice::cli
