// Names that the server gives to files that it keeps.
#pragma once

#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace sluice::engine {

// Such as 20261127t123456-0123abcd. Later ones are later in the alphabet, and none can be guessed.
std::string NewFileId(absl::Time now);
// Whether it is one that NewFileId may have made.
bool IsFileId(absl::string_view id);

}  // namespace sluice::engine
