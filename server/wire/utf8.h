// UTF-8, which SQLite does not check and protobuf and JSON insist on.
#pragma once

#include <string>

#include "absl/strings/string_view.h"

namespace sluice::wire {

// Whether the bytes are well-formed UTF-8 (no surrogates, no overlong forms, nothing above
// U+10FFFF).
bool IsValidUtf8(absl::string_view bytes);

// The bytes with every ill-formed sequence replaced by U+FFFD.
std::string ReplaceInvalidUtf8(absl::string_view bytes);

}  // namespace sluice::wire
