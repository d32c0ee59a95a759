// Compressed blocks of downloads.
#pragma once

#include <string>

#include "absl/strings/string_view.h"

namespace sluice::client {

// Makes `bytes` what a zstd frame holds; false unless that is exactly `size` bytes. Takes no more
// memory than that, whatever the frame says of itself.
bool UnpackBlock(absl::string_view frame, size_t size, std::string* bytes);

}  // namespace sluice::client
