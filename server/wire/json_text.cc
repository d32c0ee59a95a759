#include "server/wire/json_text.h"

#include <charconv>
#include <cmath>
#include <cstring>
#include <string>

#include "absl/strings/escaping.h"
#include "server/wire/byte_scan.h"
#include "server/wire/utf8.h"

namespace sluice::wire {
namespace {

using sqlite::StorageClass;
using sqlite::ValueView;

// Beyond these a double does not hold every integer.
constexpr int64_t kSafeIntegerMax = (int64_t{1} << 53) - 1;

bool NeedsEscape(char c) { return static_cast<unsigned char>(c) < 0x20 || c == '"' || c == '\\'; }
bool HoldsEscaped(ByteWord word) { return word.AnyBelow(0x20) || word.Any('"') || word.Any('\\'); }

void PutEscape(Buffer& out, unsigned char c) {
  switch (c) {
    case '"':
      return out.Append("\\\"");
    case '\\':
      return out.Append("\\\\");
    case '\n':
      return out.Append("\\n");
    case '\r':
      return out.Append("\\r");
    case '\t':
      return out.Append("\\t");
    default: {
      constexpr char kHex[] = "0123456789abcdef";
      const char escape[] = {'\\', 'u', '0', '0', kHex[c >> 4], kHex[c & 0xF]};
      return out.Append({escape, sizeof(escape)});
    }
  }
}

void PutInteger(Buffer& out, int64_t integer) {
  char* const at = out.Reserve(24);
  out.Advance(static_cast<size_t>(std::to_chars(at, at + 24, integer).ptr - at));
}

// ASCII without anything to escape, which most texts are: said with one look at each byte. False
// when it is not.
bool PutPlainString(Buffer& out, absl::string_view text) {
  if (AnyHolds(text, [](ByteWord word) { return word.AnyNotAscii() || HoldsEscaped(word); })) {
    return false;
  }
  char* const at = out.Reserve(text.size() + 2);
  at[0] = '"';
  if (!text.empty()) std::memcpy(at + 1, text.data(), text.size());
  at[text.size() + 1] = '"';
  out.Advance(text.size() + 2);
  return true;
}

// Writes `digits` with so many of them after the point, but no zeros at the end beyond the first.
char* WriteDecimal(char* at, uint64_t digits, int places) {
  while (places > 1 && digits % 10 == 0) {
    digits /= 10;
    --places;
  }
  char reversed[24];
  char* last = reversed;
  for (; places > 0; --places, digits /= 10) *last++ = static_cast<char>('0' + digits % 10);
  at = std::to_chars(at, at + 24, digits).ptr;
  *at++ = '.';
  while (last != reversed) *at++ = *--last;
  return at;
}

// Numbers that people write have few digits after the point, and are found so more quickly than by
// the general way. At most 15 digits tell all doubles apart that they can say, so digits which give
// the same double again are the shortest that do. Null when four places are not enough.
char* WriteShortReal(char* at, double real) {
  constexpr double kPower = 10'000;
  constexpr double kDigitsMax = 1e15;
  const double size = std::fabs(real);
  const double scaled = size * kPower;
  if (!(scaled < kDigitsMax)) return nullptr;
  const auto digits = static_cast<uint64_t>(scaled + 0.5);
  if (static_cast<double>(digits) / kPower != size) return nullptr;
  if (std::signbit(real)) *at++ = '-';
  return WriteDecimal(at, digits, 4);
}

}  // namespace

void PutJsonString(Buffer& out, absl::string_view text) {
  if (PutPlainString(out, text)) return;
  if (!IsValidUtf8(text)) return PutJsonString(out, ReplaceInvalidUtf8(text));
  out.Append('"');
  size_t start = 0;
  while (true) {
    const size_t special = FindSpecial(text, start, HoldsEscaped, NeedsEscape);
    out.Append(text.substr(start, special - start));
    if (special == text.size()) break;
    PutEscape(out, static_cast<unsigned char>(text[special]));
    start = special + 1;
  }
  out.Append('"');
}

void PutReal(Buffer& out, double real) {
  if (std::isinf(real)) return out.Append(real > 0 ? "Infinity" : "-Infinity");
  char* const at = out.Reserve(40);
  if (const char* const end = WriteShortReal(at, real); end != nullptr) {
    return out.Advance(static_cast<size_t>(end - at));
  }
  char* const end = std::to_chars(at, at + 32, real).ptr;
  const absl::string_view digits(at, static_cast<size_t>(end - at));
  const bool bare = digits.find_first_of(".e") == absl::string_view::npos;
  out.Advance(digits.size());
  if (bare) out.Append(".0");
}

void PutNaturalJson(Buffer& out, const ValueView& value, bool int64_as_string) {
  switch (value.type) {
    case StorageClass::kNull:
      return out.Append("null");
    case StorageClass::kInteger: {
      const bool quoted =
          int64_as_string && (value.integer > kSafeIntegerMax || value.integer < -kSafeIntegerMax);
      if (quoted) out.Append('"');
      PutInteger(out, value.integer);
      if (quoted) out.Append('"');
      return;
    }
    case StorageClass::kReal: {
      const bool quoted = std::isinf(value.real);
      if (quoted) out.Append('"');
      PutReal(out, value.real);
      if (quoted) out.Append('"');
      return;
    }
    case StorageClass::kText:
      if (PutPlainString(out, value.bytes)) return;
      if (IsValidUtf8(value.bytes)) return PutJsonString(out, value.bytes);
      out.Append("{\"$raw_text\":\"");
      out.Append(absl::Base64Escape(value.bytes));
      return out.Append("\"}");
    case StorageClass::kBlob:
      out.Append("{\"$base64\":true,\"encoded\":\"");
      out.Append(absl::Base64Escape(value.bytes));
      return out.Append("\"}");
  }
}

}  // namespace sluice::wire
