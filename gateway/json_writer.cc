#include "gateway/json_writer.h"

#include <array>
#include <charconv>
#include <cmath>
#include <cstring>

#include "gateway/utf8.h"

namespace sluice::gateway {
namespace {

// What goes into a JSON string as it is: ASCII but controls, quote and backslash.
constexpr std::array<bool, 256> kPlain = [] {
  std::array<bool, 256> plain{};
  for (size_t c = 0x20; c < 0x80; ++c) plain[c] = c != '"' && c != '\\';
  return plain;
}();

bool IsPlain(char c) { return kPlain[static_cast<unsigned char>(c)]; }

// Whether one of eight bytes is not plain: the usual tricks for "less than 0x20", "equals" and
// "has the high bit", with false alarms only for what the bytewise loop sorts out.
bool MayHoldSpecial(const char* eight) {
  constexpr uint64_t kOnes = 0x0101010101010101u;
  constexpr uint64_t kHigh = 0x8080808080808080u;
  uint64_t word;
  std::memcpy(&word, eight, sizeof(word));
  const auto zero_in = [](uint64_t x) { return (x - kOnes) & ~x; };
  const uint64_t control = (word - kOnes * 0x20) & ~word;
  const uint64_t quote = zero_in(word ^ (kOnes * '"'));
  const uint64_t backslash = zero_in(word ^ (kOnes * '\\'));
  return ((control | quote | backslash | word) & kHigh) != 0;
}

const char* SkipPlain(const char* at, const char* end) {
  while (end - at >= 8 && !MayHoldSpecial(at)) at += 8;
  while (at < end && IsPlain(*at)) ++at;
  return at;
}

void AppendEscape(char c, std::string* out) {
  static constexpr char kHex[] = "0123456789abcdef";
  switch (c) {
    case '"':
      out->append("\\\"", 2);
      return;
    case '\\':
      out->append("\\\\", 2);
      return;
    case '\n':
      out->append("\\n", 2);
      return;
    case '\r':
      out->append("\\r", 2);
      return;
    case '\t':
      out->append("\\t", 2);
      return;
    case '\b':
      out->append("\\b", 2);
      return;
    case '\f':
      out->append("\\f", 2);
      return;
    default:
      out->append("\\u00", 4);
      out->push_back(kHex[static_cast<unsigned char>(c) >> 4]);
      out->push_back(kHex[static_cast<unsigned char>(c) & 15]);
  }
}

template <typename Number>
void AppendChars(Number value, std::string* out) {
  char buffer[24];
  const auto result = std::to_chars(buffer, buffer + sizeof(buffer), value);
  out->append(buffer, static_cast<size_t>(result.ptr - buffer));
}

// to_chars writes exponents as `e-07`; JavaScript and protojson as `e-7`.
void AppendExponent(absl::string_view text, std::string* out) {
  const size_t e = text.find('e');
  if (e == absl::string_view::npos) {
    out->append(text.data(), text.size());
    return;
  }
  size_t digits = e + 2;
  while (digits + 1 < text.size() && text[digits] == '0') ++digits;
  out->append(text.data(), e + 2);
  out->append(text.data() + digits, text.size() - digits);
}

// `1.2e+19` as `12000000000000000000`: to_chars would write the digits of the exact value, which
// are more than it takes to read the same number back.
void AppendLarge(absl::string_view text, std::string* out) {
  const size_t e = text.find('e');
  int exponent = 0;
  std::from_chars(text.data() + e + 2, text.data() + text.size(), exponent);
  const size_t sign = text[0] == '-' ? 1 : 0;
  const size_t start = out->size();
  for (const char c : text.substr(0, e)) {
    if (c != '.') out->push_back(c);
  }
  out->resize(start + sign + static_cast<size_t>(exponent) + 1, '0');
}

// Whether `1.25e+07` has no digits beyond its decimal point when written out.
bool IsWhole(absl::string_view text) {
  const size_t e = text.find('e');
  int exponent = 0;
  std::from_chars(text.data() + e + 2, text.data() + text.size(), exponent);
  const size_t point = text.find('.');
  const size_t fraction = point == absl::string_view::npos ? 0 : e - point - 1;
  return fraction <= static_cast<size_t>(exponent);
}

template <typename Number>
void AppendReal(Number value, std::string* out) {
  if (std::isnan(value)) {
    out->append("\"NaN\"");
    return;
  }
  if (std::isinf(value)) {
    out->append(value > 0 ? "\"Infinity\"" : "\"-Infinity\"");
    return;
  }
  const Number size = std::abs(value);
  const bool exponent =
      size != 0 && (size < static_cast<Number>(1e-6) || size >= static_cast<Number>(1e21));
  // All digits of smaller numbers count.
  const bool large = size >= static_cast<Number>(1e7);
  char buffer[64];
  const auto result =
      std::to_chars(buffer, buffer + sizeof(buffer), value,
                    exponent || large ? std::chars_format::scientific : std::chars_format::fixed);
  const absl::string_view text(buffer, static_cast<size_t>(result.ptr - buffer));
  if (exponent) return AppendExponent(text, out);
  if (large && IsWhole(text)) return AppendLarge(text, out);
  if (!large) {
    out->append(text.data(), text.size());
    return;
  }
  const auto fixed =
      std::to_chars(buffer, buffer + sizeof(buffer), value, std::chars_format::fixed);
  out->append(buffer, static_cast<size_t>(fixed.ptr - buffer));
}

}  // namespace

bool AppendJsonString(absl::string_view text, std::string* out) {
  out->push_back('"');
  const char* at = text.data();
  const char* const end = at + text.size();
  const char* run = at;
  while (true) {
    at = SkipPlain(at, end);
    if (at == end) break;
    if (static_cast<unsigned char>(*at) >= 0x80) {
      const size_t length = Utf8SequenceLength(at, end);
      if (length == 0) return false;
      at += length;
      continue;
    }
    out->append(run, static_cast<size_t>(at - run));
    AppendEscape(*at, out);
    run = ++at;
  }
  out->append(run, static_cast<size_t>(at - run));
  out->push_back('"');
  return true;
}

void AppendInteger(int64_t value, std::string* out) { AppendChars(value, out); }
void AppendUnsigned(uint64_t value, std::string* out) { AppendChars(value, out); }

void AppendQuotedInteger(int64_t value, std::string* out) {
  out->push_back('"');
  AppendChars(value, out);
  out->push_back('"');
}

void AppendQuotedUnsigned(uint64_t value, std::string* out) {
  out->push_back('"');
  AppendChars(value, out);
  out->push_back('"');
}

void AppendDouble(double value, std::string* out) { AppendReal(value, out); }
void AppendFloat(float value, std::string* out) { AppendReal(value, out); }

void AppendBase64(absl::string_view bytes, std::string* out) {
  static constexpr char kAlphabet[] =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  const size_t start = out->size();
  out->resize(start + 2 + (bytes.size() + 2) / 3 * 4);
  char* to = out->data() + start;
  *to++ = '"';
  const auto* from = reinterpret_cast<const unsigned char*>(bytes.data());
  size_t left = bytes.size();
  for (; left >= 3; left -= 3, from += 3) {
    *to++ = kAlphabet[from[0] >> 2];
    *to++ = kAlphabet[((from[0] & 3) << 4) | (from[1] >> 4)];
    *to++ = kAlphabet[((from[1] & 15) << 2) | (from[2] >> 6)];
    *to++ = kAlphabet[from[2] & 63];
  }
  if (left > 0) {
    const unsigned second = left == 2 ? from[1] : 0;
    *to++ = kAlphabet[from[0] >> 2];
    *to++ = kAlphabet[((from[0] & 3u) << 4) | (second >> 4)];
    *to++ = left == 2 ? kAlphabet[(second & 15) << 2] : '=';
    *to++ = '=';
  }
  *to = '"';
}

}  // namespace sluice::gateway
