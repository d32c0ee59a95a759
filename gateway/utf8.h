// UTF-8 as RFC 3629 has it: no surrogates, no overlong forms, nothing beyond U+10FFFF. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"

namespace sluice::gateway {

// Bytes of the valid sequence that [begin, end) starts with; 0 when there is none. Not for ASCII.
inline size_t Utf8SequenceLength(const char* begin, const char* end) {
  const auto at = [begin](size_t i) { return static_cast<unsigned char>(begin[i]); };
  const auto tail = [&](size_t i) { return (at(i) & 0xc0) == 0x80; };
  const auto size = static_cast<size_t>(end - begin);
  const unsigned lead = at(0);
  if (lead < 0xc2 || lead > 0xf4) return 0;
  if (lead < 0xe0) return size >= 2 && tail(1) ? 2 : 0;
  if (lead < 0xf0) {
    if (size < 3 || !tail(1) || !tail(2)) return 0;
    if (lead == 0xe0 && at(1) < 0xa0) return 0;
    if (lead == 0xed && at(1) >= 0xa0) return 0;
    return 3;
  }
  if (size < 4 || !tail(1) || !tail(2) || !tail(3)) return 0;
  if (lead == 0xf0 && at(1) < 0x90) return 0;
  if (lead == 0xf4 && at(1) >= 0x90) return 0;
  return 4;
}

bool IsUtf8(absl::string_view text);

// The text with U+FFFD in place of every byte that is no UTF-8.
std::string ReplaceInvalidUtf8(absl::string_view text);

// Appends a code point that is no surrogate and at most U+10FFFF.
void AppendUtf8(uint32_t code_point, std::string* out);

}  // namespace sluice::gateway
