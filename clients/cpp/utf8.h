// UTF-8, one code point at a time. Pure functions, safe from any thread.
#pragma once

#include <cstddef>

#include "absl/strings/string_view.h"

namespace sluice::client {

// What stands at the beginning of a text.
struct CodePoint {
  // The scalar value, or the byte itself where the text is not UTF-8.
  char32_t value = 0;
  // Bytes it takes; 0 only for an empty text.
  size_t size = 0;
  bool valid = false;
};

CodePoint DecodeCodePoint(absl::string_view text);

bool IsValidUtf8(absl::string_view text);

}  // namespace sluice::client
