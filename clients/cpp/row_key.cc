#include "clients/cpp/row_key.h"

#include <array>
#include <charconv>
#include <cmath>
#include <optional>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "clients/cpp/utf8.h"

namespace sluice {
namespace {

constexpr char kHexDigits[] = "0123456789ABCDEF";

absl::Status BadKey(absl::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat("row key: ", what));
}

void AppendHex(char byte, std::string* out) {
  const auto bits = static_cast<unsigned char>(byte);
  out->push_back(kHexDigits[bits >> 4]);
  out->push_back(kHexDigits[bits & 0xF]);
}

bool IsPlain(char c) {
  return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '.' || c == '-';
}

bool LooksLikeInteger(absl::string_view text) {
  absl::ConsumePrefix(&text, "-");
  if (text.empty()) return false;
  for (const char c : text) {
    if (!absl::ascii_isdigit(static_cast<unsigned char>(c))) return false;
  }
  return true;
}

std::string EncodeText(absl::string_view text) {
  std::string out;
  if (text.empty() || LooksLikeInteger(text)) out = "~t";
  for (const char c : text) {
    if (IsPlain(c)) {
      out.push_back(c);
    } else {
      out.push_back('~');
      AppendHex(c, &out);
    }
  }
  return out;
}

std::string EncodeReal(double real) {
  if (std::isinf(real)) return real > 0 ? "~rInf" : "~r-Inf";
  std::array<char, 32> buffer;
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), real).ptr;
  std::string out = "~r";
  for (const char* c = buffer.data(); c != end; ++c) {
    if (*c != '+') out.push_back(*c);
  }
  return out;
}

std::string EncodeBlob(absl::string_view bytes) {
  std::string out = "~b";
  for (const char c : bytes) AppendHex(c, &out);
  return out;
}

std::optional<std::string> EncodePart(const Value& value) {
  if (const auto* integer = value.integer()) return absl::StrCat(*integer);
  if (const auto* real = value.real()) {
    if (std::isnan(*real)) return std::nullopt;
    return EncodeReal(*real);
  }
  if (const auto* text = value.text()) return EncodeText(*text);
  if (const auto* raw = value.raw_text()) return EncodeText(raw->bytes);
  if (const auto* blob = value.blob()) return EncodeBlob(blob->bytes);
  return "~n";
}

// The value of an upper-case hex digit, or -1.
int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// Reads two hex digits at `at`.
std::optional<char> HexByte(absl::string_view text, size_t at) {
  if (at + 2 > text.size()) return std::nullopt;
  const int high = HexDigit(text[at]);
  const int low = HexDigit(text[at + 1]);
  if (high < 0 || low < 0) return std::nullopt;
  return static_cast<char>(high * 16 + low);
}

std::optional<std::string> DecodeHex(absl::string_view digits) {
  std::string bytes;
  for (size_t at = 0; at < digits.size(); at += 2) {
    const auto byte = HexByte(digits, at);
    if (!byte.has_value()) return std::nullopt;
    bytes.push_back(*byte);
  }
  return bytes;
}

std::optional<Value> DecodeText(absl::string_view text) {
  std::string bytes;
  for (size_t at = 0; at < text.size();) {
    if (text[at] != '~') {
      bytes.push_back(text[at++]);
      continue;
    }
    const auto byte = HexByte(text, at + 1);
    if (!byte.has_value()) return std::nullopt;
    bytes.push_back(*byte);
    at += 3;
  }
  if (!client::IsValidUtf8(bytes)) return Value(RawText{std::move(bytes)});
  return Value(std::move(bytes));
}

std::optional<Value> DecodeReal(absl::string_view digits) {
  if (digits == "Inf") return Value(std::numeric_limits<double>::infinity());
  if (digits == "-Inf") return Value(-std::numeric_limits<double>::infinity());
  double real = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), real);
  if (error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  return Value(real);
}

std::optional<Value> DecodePart(absl::string_view part) {
  if (part == "~n") return Value();
  if (absl::ConsumePrefix(&part, "~r")) return DecodeReal(part);
  if (absl::ConsumePrefix(&part, "~t")) return DecodeText(part);
  if (absl::ConsumePrefix(&part, "~b")) {
    auto bytes = DecodeHex(part);
    if (!bytes.has_value()) return std::nullopt;
    return Value(Blob{*std::move(bytes)});
  }
  if (!LooksLikeInteger(part)) return DecodeText(part);
  int64_t integer = 0;
  if (!absl::SimpleAtoi(part, &integer)) return std::nullopt;
  return Value(integer);
}

}  // namespace

absl::StatusOr<std::string> EncodeRowKey(const std::vector<Value>& parts) {
  if (parts.empty()) return BadKey("it needs a value");
  std::string key;
  for (const Value& value : parts) {
    const auto part = EncodePart(value);
    if (!part.has_value()) return BadKey("NaN is not a value of SQLite");
    absl::StrAppend(&key, key.empty() ? "" : ",", *part);
  }
  return key;
}

std::string EncodeRowidKey(int64_t rowid) { return absl::StrCat("~i", rowid); }

absl::StatusOr<RowKey> DecodeRowKey(absl::string_view key) {
  RowKey decoded;
  absl::string_view rowid_digits = key;
  if (absl::ConsumePrefix(&rowid_digits, "~i")) {
    int64_t rowid = 0;
    if (!absl::SimpleAtoi(rowid_digits, &rowid) || EncodeRowidKey(rowid) != key) {
      return BadKey("malformed rowid");
    }
    decoded.parts.emplace_back(rowid);
    decoded.by_rowid = true;
    return decoded;
  }
  for (const absl::string_view part : absl::StrSplit(key, ',')) {
    auto value = DecodePart(part);
    if (!value.has_value()) {
      return BadKey(absl::StrCat("malformed part ", decoded.parts.size() + 1));
    }
    decoded.parts.push_back(*std::move(value));
  }
  const auto canonical = EncodeRowKey(decoded.parts);
  if (!canonical.ok() || *canonical != key) return BadKey("not in its canonical form");
  return decoded;
}

}  // namespace sluice
