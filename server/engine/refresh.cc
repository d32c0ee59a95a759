#include "server/engine/refresh.h"

#include <algorithm>

#include "server/engine/digest.h"

namespace sluice::engine {

std::vector<ByteRun> FindDifferences(absl::string_view piece, size_t block_bytes,
                                     absl::string_view hashes) {
  std::vector<ByteRun> runs;
  size_t hash_at = 0;
  for (size_t begin = 0; begin < piece.size(); begin += block_bytes, hash_at += kBlockHashBytes) {
    const absl::string_view block = piece.substr(begin, block_bytes);
    const bool has_hash = hash_at + kBlockHashBytes <= hashes.size();
    if (has_hash && ShortDigest(block) == hashes.substr(hash_at, kBlockHashBytes)) continue;
    if (!runs.empty() && runs.back().begin + runs.back().size == begin) {
      runs.back().size += block.size();
    } else {
      runs.push_back({.begin = begin, .size = block.size()});
    }
  }
  return runs;
}

}  // namespace sluice::engine
