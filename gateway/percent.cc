#include "gateway/percent.h"

#include "absl/strings/ascii.h"

namespace sluice::gateway {
namespace {

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

// The byte of the escape that `text` begins with, or -1.
int EscapedByte(absl::string_view text) {
  if (text.size() < 3) return -1;
  const int high = HexDigit(text[1]);
  const int low = HexDigit(text[2]);
  return high < 0 || low < 0 ? -1 : high * 16 + low;
}

bool IsUnreserved(unsigned char c) {
  return absl::ascii_isalnum(c) || c == '-' || c == '.' || c == '_' || c == '~';
}

void AppendEscaped(unsigned char byte, std::string* out) {
  static constexpr char kHex[] = "0123456789ABCDEF";
  out->push_back('%');
  out->push_back(kHex[byte >> 4]);
  out->push_back(kHex[byte & 15]);
}

}  // namespace

bool PercentDecode(absl::string_view text, Keep keep, std::string* out) {
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out->push_back(text[i]);
      continue;
    }
    const int byte = EscapedByte(text.substr(i));
    if (byte < 0) return false;
    if (byte == '/' && keep == Keep::kSlashes) {
      out->append(text.data() + i, 3);
    } else {
      out->push_back(static_cast<char>(byte));
    }
    i += 2;
  }
  return true;
}

bool QueryDecode(absl::string_view text, std::string* out) {
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+') {
      out->push_back(' ');
    } else if (text[i] == '%') {
      const int byte = EscapedByte(text.substr(i));
      if (byte < 0) return false;
      out->push_back(static_cast<char>(byte));
      i += 2;
    } else {
      out->push_back(text[i]);
    }
  }
  return true;
}

bool NormalizeLiteral(absl::string_view text, std::string* out) {
  for (size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (c == '%') {
      const int byte = EscapedByte(text.substr(i));
      if (byte < 0) return false;
      if (IsUnreserved(static_cast<unsigned char>(byte))) {
        out->push_back(static_cast<char>(byte));
      } else {
        AppendEscaped(static_cast<unsigned char>(byte), out);
      }
      i += 2;
    } else if (c >= 0x80) {
      AppendEscaped(c, out);
    } else {
      out->push_back(text[i]);
    }
  }
  return true;
}

}  // namespace sluice::gateway
