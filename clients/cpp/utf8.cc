#include "clients/cpp/utf8.h"

namespace sluice::client {
namespace {

// The length that a first byte announces; 0 for one that cannot begin a character.
size_t SequenceSize(unsigned char lead) {
  if (lead < 0x80) return 1;
  if (lead >= 0xC2 && lead <= 0xDF) return 2;
  if (lead >= 0xE0 && lead <= 0xEF) return 3;
  if (lead >= 0xF0 && lead <= 0xF4) return 4;
  return 0;
}

// Whether a scalar value of so many bytes is neither overlong, nor a surrogate, nor beyond Unicode.
bool IsScalarOfSize(char32_t value, size_t size) {
  if (size == 3) return value >= 0x800 && (value < 0xD800 || value > 0xDFFF);
  if (size == 4) return value >= 0x10000 && value <= 0x10FFFF;
  return true;
}

}  // namespace

CodePoint DecodeCodePoint(absl::string_view text) {
  if (text.empty()) return {};
  const auto lead = static_cast<unsigned char>(text[0]);
  const CodePoint broken{lead, 1, false};
  const size_t size = SequenceSize(lead);
  if (size == 0 || size > text.size()) return broken;
  if (size == 1) return {lead, 1, true};
  char32_t value = lead & (0x7Fu >> size);
  for (size_t at = 1; at < size; ++at) {
    const auto byte = static_cast<unsigned char>(text[at]);
    if ((byte & 0xC0) != 0x80) return broken;
    value = (value << 6) | (byte & 0x3Fu);
  }
  if (!IsScalarOfSize(value, size)) return broken;
  return {value, size, true};
}

bool IsValidUtf8(absl::string_view text) {
  while (!text.empty()) {
    const CodePoint point = DecodeCodePoint(text);
    if (!point.valid) return false;
    text.remove_prefix(point.size);
  }
  return true;
}

}  // namespace sluice::client
