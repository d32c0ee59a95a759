// CRC-32C (Castagnoli), which guards every chunk of a download. Pure functions, safe from any
// thread.
#pragma once

#include <cstdint>

#include "absl/strings/string_view.h"

namespace sluice::client {

// By the processor's instruction where there is one (about 5 GB/s), else by tables.
uint32_t Crc32c(absl::string_view bytes);

// By tables, on every processor.
uint32_t Crc32cByTables(absl::string_view bytes);

}  // namespace sluice::client
