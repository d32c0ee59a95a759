// CRC-32C (Castagnoli), as iSCSI, ext4 and Google's storage services use it.
#pragma once

#include <cstdint>

#include "absl/strings/string_view.h"

namespace sluice {

// With the processor's instruction where there is one.
uint32_t Crc32c(absl::string_view bytes);

// Without it, for tests to compare.
uint32_t PortableCrc32c(absl::string_view bytes);

}  // namespace sluice
