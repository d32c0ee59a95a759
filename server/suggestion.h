// For names that nobody knows: the one that was probably meant.
#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace sluice {

// "; did you mean NAME?"; empty when none is close.
std::string Suggestion(absl::string_view name, const std::vector<absl::string_view>& known);

}  // namespace sluice
