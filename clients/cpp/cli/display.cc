#include "clients/cpp/cli/display.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <clocale>
#include <cwchar>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "clients/cpp/cli/natural_json.h"
#include "clients/cpp/utf8.h"

namespace sluice::cli {
namespace {

constexpr size_t kBlobBytesShown = 16;
constexpr size_t kDefaultTerminalWidth = 80;

// Whether a character would reorder what stands around it (Unicode's bidirectional controls).
bool TurnsDirection(char32_t c) {
  return (c >= 0x202A && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069) || c == 0x200E ||
         c == 0x200F || c == 0x061C;
}

// wcwidth knows characters only in a UTF-8 locale; glibc always has this one.
int CellsOf(char32_t c) {
  static const locale_t utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr);
  const locale_t before = utf8 == nullptr ? nullptr : uselocale(utf8);
  const int cells = wcwidth(static_cast<wchar_t>(c));
  if (before != nullptr) uselocale(before);
  return cells;
}

// Every locale switch costs, and most texts are ASCII.
int FastCellsOf(char32_t c) {
  if (c >= 0x20 && c < 0x7F) return 1;
  return CellsOf(c);
}

void AppendEscaped(char32_t c, std::string* out) {
  switch (c) {
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
      out->append(absl::StrFormat("\\u{%X}", static_cast<unsigned>(c)));
  }
}

std::string DisplayBlob(absl::string_view bytes) {
  const std::string shown =
      absl::StrCat("x'", absl::BytesToHexString(bytes.substr(0, kBlobBytesShown)));
  if (bytes.size() <= kBlobBytesShown) return absl::StrCat(shown, "'");
  return absl::StrCat(shown, "…' (", bytes.size(), " bytes)");
}

}  // namespace

bool MovesTerminal(char32_t c) { return c < 0x20 || (c >= 0x7F && c <= 0x9F) || TurnsDirection(c); }

std::string EscapeForTerminal(absl::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const auto point = client::DecodeCodePoint(text);
    if (!point.valid) {
      out.append(absl::StrFormat("\\x%02X", static_cast<unsigned>(point.value)));
    } else if (MovesTerminal(point.value) || FastCellsOf(point.value) < 0) {
      AppendEscaped(point.value, &out);
    } else {
      out.append(text.data(), point.size);
    }
    text.remove_prefix(point.size);
  }
  return out;
}

size_t DisplayWidth(absl::string_view text) {
  size_t width = 0;
  while (!text.empty()) {
    const auto point = client::DecodeCodePoint(text);
    width += static_cast<size_t>(std::max(0, FastCellsOf(point.value)));
    text.remove_prefix(point.size);
  }
  return width;
}

std::string CutToWidth(absl::string_view text, size_t width) {
  // No character is wider than two cells or takes less than a byte, so short texts need no count.
  if (text.size() <= width / 2 || DisplayWidth(text) <= width) return std::string(text);
  std::string out;
  size_t used = 1;  // the ellipsis
  while (!text.empty()) {
    const auto point = client::DecodeCodePoint(text);
    used += static_cast<size_t>(std::max(0, FastCellsOf(point.value)));
    if (used > width) break;
    out.append(text.data(), point.size);
    text.remove_prefix(point.size);
  }
  return out + "…";
}

std::string DisplayValue(const Value& value) {
  if (const auto* text = value.text()) return EscapeForTerminal(*text);
  if (const auto* raw = value.raw_text()) return EscapeForTerminal(raw->bytes);
  if (const auto* blob = value.blob()) return DisplayBlob(blob->bytes);
  if (value.is_null()) return "NULL";
  if (const auto* real = value.real(); real != nullptr && *real - *real != 0) {
    return *real > 0 ? "Infinity" : (*real < 0 ? "-Infinity" : "NaN");
  }
  std::string out;
  AppendNaturalJson(value, &out);
  return out;
}

size_t TerminalWidth() {
  if (isatty(STDOUT_FILENO) == 0) return 0;
  winsize size{};
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) {
    return kDefaultTerminalWidth;
  }
  return size.ws_col;
}

}  // namespace sluice::cli
