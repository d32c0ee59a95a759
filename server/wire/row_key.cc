#include "server/wire/row_key.h"

#include <charconv>
#include <cmath>
#include <cstring>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "server/base/error.h"
#include "server/base/status.h"

namespace sluice::wire {
namespace {

using sqlite::StorageClass;
using sqlite::Value;
using sqlite::ValueView;

constexpr char kHex[] = "0123456789ABCDEF";

bool IsPlain(char c) {
  return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '.' || c == '-';
}

// `-?[0-9]+`
bool ReadsLikeInteger(absl::string_view text) {
  if (!text.empty() && text[0] == '-') text.remove_prefix(1);
  if (text.empty()) return false;
  for (const char c : text) {
    if (!absl::ascii_isdigit(static_cast<unsigned char>(c))) return false;
  }
  return true;
}

void AppendHex(std::string& out, char c) {
  out += kHex[static_cast<unsigned char>(c) >> 4];
  out += kHex[static_cast<unsigned char>(c) & 0xF];
}

void AppendText(std::string& key, absl::string_view text) {
  if (text.empty() || ReadsLikeInteger(text)) key += "~t";
  for (const char c : text) {
    if (IsPlain(c)) {
      key += c;
    } else {
      key += '~';
      AppendHex(key, c);
    }
  }
}

void AppendReal(std::string& key, double real) {
  key += "~r";
  if (std::isinf(real)) {
    key += real > 0 ? "Inf" : "-Inf";
    return;
  }
  char digits[32];
  const auto end = std::to_chars(digits, digits + sizeof(digits), real).ptr;
  for (const char* c = digits; c != end; ++c) {
    if (*c != '+') key += *c;
  }
}

// 0 to 15, or -1.
int HexDigit(char c) {
  const char* const found = c == '\0' ? nullptr : std::strchr(kHex, c);
  return found == nullptr ? -1 : static_cast<int>(found - kHex);
}

// False for what is not pairs of upper-case digits.
bool DecodeHex(absl::string_view text, std::string* bytes) {
  if (text.size() % 2 != 0) return false;
  for (size_t i = 0; i < text.size(); i += 2) {
    const int high = HexDigit(text[i]);
    const int low = HexDigit(text[i + 1]);
    if (high < 0 || low < 0) return false;
    *bytes += static_cast<char>(high * 16 + low);
  }
  return true;
}

bool DecodeText(absl::string_view part, std::string* text) {
  for (size_t i = 0; i < part.size(); ++i) {
    if (part[i] != '~') {
      if (!IsPlain(part[i])) return false;
      *text += part[i];
      continue;
    }
    std::string byte;
    if (i + 2 >= part.size() || !DecodeHex(part.substr(i + 1, 2), &byte) || IsPlain(byte[0])) {
      return false;
    }
    *text += byte;
    i += 2;
  }
  return true;
}

bool DecodeReal(absl::string_view text, double* real) {
  if (text == "Inf" || text == "-Inf") {
    *real = text[0] == '-' ? -HUGE_VAL : HUGE_VAL;
    return true;
  }
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), *real);
  return error == std::errc() && end == text.data() + text.size() && std::isfinite(*real);
}

// A part's value. False for what no encoder gives.
bool DecodePart(absl::string_view part, Value* value) {
  int64_t integer = 0;
  if (ReadsLikeInteger(part)) {
    if (!absl::SimpleAtoi(part, &integer)) return false;
    *value = Value(ValueView::Integer(integer));
    return true;
  }
  std::string bytes;
  double real = 0;
  const char marker = part.size() >= 2 && part[0] == '~' ? part[1] : '\0';
  const absl::string_view rest = part.size() >= 2 ? part.substr(2) : absl::string_view();
  switch (marker) {
    case 't':
      if (!DecodeText(rest, &bytes)) return false;
      *value = Value(ValueView::Text(bytes));
      return true;
    case 'r':
      if (!DecodeReal(rest, &real)) return false;
      *value = Value(ValueView::Real(real));
      return true;
    case 'b':
      if (!DecodeHex(rest, &bytes)) return false;
      *value = Value(ValueView::Blob(bytes));
      return true;
    case 'n':
      *value = Value();
      return rest.empty();
    default:
      if (part.empty() || !DecodeText(part, &bytes)) return false;
      *value = Value(ValueView::Text(bytes));
      return true;
  }
}

}  // namespace

void AppendKeyPart(std::string& key, const ValueView& value) {
  switch (value.type) {
    case StorageClass::kInteger:
      absl::StrAppend(&key, value.integer);
      break;
    case StorageClass::kReal:
      AppendReal(key, value.real);
      break;
    case StorageClass::kText:
      AppendText(key, value.bytes);
      break;
    case StorageClass::kBlob:
      key += "~b";
      for (const char c : value.bytes) AppendHex(key, c);
      break;
    case StorageClass::kNull:
      key += "~n";
      break;
  }
}

std::string EncodeKeyParts(const std::vector<Value>& parts) {
  std::string key;
  for (const Value& part : parts) {
    if (&part != &parts.front()) key += ',';
    AppendKeyPart(key, part.view());
  }
  return key;
}

void AppendRowKey(std::string& key, const engine::RowView& row) {
  const size_t start = key.size();
  for (const int column : row.key().parts) {
    const ValueView value = row.statement_column(column);
    if (value.is_null() && row.key().rowid >= 0) {
      key.resize(start);
      absl::StrAppend(&key, "~i", row.statement_column(row.key().rowid).integer);
      return;
    }
    if (key.size() > start) key += ',';
    AppendKeyPart(key, value);
  }
}

absl::StatusOr<std::vector<Value>> DecodeKeyParts(absl::string_view key, absl::string_view field) {
  std::vector<Value> parts;
  for (const absl::string_view part : absl::StrSplit(key, ',')) {
    Value& value = parts.emplace_back();
    std::string canonical;
    const bool decoded = DecodePart(part, &value);
    if (decoded) AppendKeyPart(canonical, value.view());
    // One value has one form, so that one row has one key.
    if (!decoded || canonical != part) {
      return BadField(field, "is not a row key; `Row.key` in value.proto describes them");
    }
  }
  return parts;
}

absl::StatusOr<engine::RowKey> DecodeRowKey(absl::string_view key) {
  engine::RowKey decoded;
  if (absl::StartsWith(key, "~i")) {
    int64_t rowid = 0;
    if (!ReadsLikeInteger(key.substr(2)) || !absl::SimpleAtoi(key.substr(2), &rowid)) {
      return BadField("key", "is not a row key; `Row.key` in value.proto describes them");
    }
    decoded.by_rowid = true;
    decoded.parts.emplace_back(ValueView::Integer(rowid));
    return decoded;
  }
  ASSIGN_OR_RETURN(decoded.parts, DecodeKeyParts(key, "key"));
  return decoded;
}

}  // namespace sluice::wire
