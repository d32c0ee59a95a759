// Files that are compressed so that a reader may begin anywhere: blocks of kCompressedBlockBytes of
// the bytes, each a zstd frame of its own with a checksum of its content, and behind them a table
// of their sizes in a frame that decoders skip (zstd's "seekable format"). `zstd -d` unpacks the
// whole.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

struct ZSTD_CCtx_s;
struct ZSTD_DCtx_s;

namespace sluice::engine {

// How hard a block is packed: while somebody waits for each, or once for many.
enum class Packing { kFast, kUsual };

// One thread at a time; keeps what it needs from block to block.
class BlockPacker {
 public:
  explicit BlockPacker(Packing packing);
  ~BlockPacker();
  BlockPacker(const BlockPacker&) = delete;
  BlockPacker& operator=(const BlockPacker&) = delete;

  // What a block of so many bytes takes at most.
  static size_t Bound(size_t bytes);
  // Writes the frame of a block to `out`, which holds Bound of it; says how long it is.
  size_t Pack(absl::string_view block, char* out);

 private:
  ZSTD_CCtx_s* const context_;
};

class BlockUnpacker {
 public:
  BlockUnpacker();
  ~BlockUnpacker();
  BlockUnpacker(const BlockUnpacker&) = delete;
  BlockUnpacker& operator=(const BlockUnpacker&) = delete;

  // Exactly `bytes` bytes to `out`; false for a frame that holds anything else.
  bool Unpack(absl::string_view frame, char* out, size_t bytes);

 private:
  ZSTD_DCtx_s* const context_;
};

// Where the blocks of a file lie. A value.
class BlockTable {
 public:
  // A block of `bytes` bytes, packed into `packed_bytes`, follows. All but the last are whole.
  void Add(size_t packed_bytes, size_t bytes);
  // The frame that holds the table.
  std::string Serialize() const;

  // `read(offset, out, count)` gives the file's bytes. DATA_LOSS (CORRUPT) for what is no table of
  // a file of `file_bytes` that holds `bytes` bytes.
  using Read = std::function<absl::Status(int64_t offset, char* out, size_t count)>;
  static absl::StatusOr<BlockTable> Parse(const Read& read, int64_t file_bytes, int64_t bytes);

  int64_t count() const { return static_cast<int64_t>(begins_.size()) - 1; }
  // Of the block with this number, from 0: where its frame lies in the file.
  int64_t begin(int64_t block) const { return begins_[static_cast<size_t>(block)]; }
  size_t packed_bytes(int64_t block) const {
    return static_cast<size_t>(begin(block + 1) - begin(block));
  }

 private:
  // One more than there are blocks.
  std::vector<int64_t> begins_ = {0};
  int64_t bytes_ = 0;
};

// What a file that holds `bytes` bytes takes at most.
int64_t PackedBytesMax(int64_t bytes);

}  // namespace sluice::engine
