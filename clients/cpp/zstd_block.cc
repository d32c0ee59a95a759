#include "clients/cpp/zstd_block.h"

#include <zstd.h>

namespace sluice::client {

bool UnpackBlock(absl::string_view frame, size_t size, std::string* bytes) {
  bytes->resize(size);
  // In one go, so that the bytes themselves are the window; an error's code is larger than any
  // size.
  return ZSTD_decompress(bytes->data(), size, frame.data(), frame.size()) == size;
}

}  // namespace sluice::client
