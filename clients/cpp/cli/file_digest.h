// The digest of a file of this machine.
#pragma once

#include <string>

#include "absl/status/statusor.h"

namespace sluice::cli {

// SHA-256 in hexadecimal: of a zstd file that of what it holds.
absl::StatusOr<std::string> Sha256OfFile(const std::string& path);

}  // namespace sluice::cli
