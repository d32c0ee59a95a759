#include "server/wire/json_text.h"

#include <charconv>
#include <cmath>
#include <string>

#include "absl/strings/escaping.h"
#include "server/wire/utf8.h"

namespace sluice::wire {
namespace {

using sqlite::StorageClass;
using sqlite::ValueView;

// Beyond these a double does not hold every integer.
constexpr int64_t kSafeIntegerMax = (int64_t{1} << 53) - 1;

bool NeedsEscape(unsigned char c) { return c < 0x20 || c == '"' || c == '\\'; }

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

}  // namespace

void PutJsonString(Buffer& out, absl::string_view text) {
  if (!IsValidUtf8(text)) return PutJsonString(out, ReplaceInvalidUtf8(text));
  out.Append('"');
  size_t start = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (!NeedsEscape(c)) continue;
    out.Append(text.substr(start, i - start));
    PutEscape(out, c);
    start = i + 1;
  }
  out.Append(text.substr(start));
  out.Append('"');
}

void PutReal(Buffer& out, double real) {
  if (std::isinf(real)) return out.Append(real > 0 ? "Infinity" : "-Infinity");
  char* const at = out.Reserve(40);
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
