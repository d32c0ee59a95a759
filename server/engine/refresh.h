// Which parts of a file an older copy of it lacks, told by hashes of blocks.
#pragma once

#include <cstddef>
#include <vector>

#include "absl/strings/string_view.h"

namespace sluice::engine {

// The first bytes of a block's SHA-256. Chance cannot make two blocks meet in 128 bits, and the
// digest of the whole would find what malice might.
inline constexpr size_t kBlockHashBytes = 16;

// Consecutive bytes of a piece.
struct ByteRun {
  size_t begin = 0;
  size_t size = 0;
};

// The runs of `piece`, cut into blocks of `block_bytes` (the last may be shorter), whose hashes are
// not those in `hashes`, which stand one behind the other. Blocks without a hash differ.
// Neighbouring blocks are one run. Pure.
std::vector<ByteRun> FindDifferences(absl::string_view piece, size_t block_bytes,
                                     absl::string_view hashes);

}  // namespace sluice::engine
