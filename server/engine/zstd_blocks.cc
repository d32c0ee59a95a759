#include "server/engine/zstd_blocks.h"

#include <zstd.h>

#include <algorithm>

#include "server/base/check.h"
#include "server/base/error.h"
#include "server/base/limits.h"
#include "server/base/status.h"

namespace sluice::engine {
namespace {

constexpr auto kBlockBytes = static_cast<int64_t>(limits::kCompressedBlockBytes);
// Of the seekable format: a skippable frame of entries {packed size, size}, then how many, a byte
// of flags, and a number to know it by; all little-endian.
constexpr uint32_t kSkippableMagic = 0x184D2A5E;
constexpr uint32_t kSeekableMagic = 0x8F92EAB1;
constexpr int64_t kHeaderBytes = 8;
constexpr int64_t kEntryBytes = 8;
constexpr int64_t kFooterBytes = 9;

int LevelOf(Packing packing) { return packing == Packing::kFast ? 1 : 3; }

int64_t BlocksOf(int64_t bytes) { return (bytes + kBlockBytes - 1) / kBlockBytes; }

void PutFixed32(int64_t value, std::string* out) {
  for (int shift = 0; shift < 32; shift += 8) {
    out->push_back(static_cast<char>(static_cast<uint32_t>(value) >> shift & 0xff));
  }
}

uint32_t Fixed32(const char* at) {
  uint32_t value = 0;
  for (int i = 0; i < 4; ++i) {
    value |= static_cast<uint32_t>(static_cast<unsigned char>(at[i])) << (8 * i);
  }
  return value;
}

absl::Status Damaged() {
  return Error(absl::StatusCode::kDataLoss, reason::kCorrupt,
               "the kept snapshot's file does not hold what was written");
}

}  // namespace

BlockPacker::BlockPacker(Packing packing) : context_(ZSTD_createCCtx()) {
  CHECK(context_ != nullptr);
  ZSTD_CCtx_setParameter(context_, ZSTD_c_compressionLevel, LevelOf(packing));
  ZSTD_CCtx_setParameter(context_, ZSTD_c_checksumFlag, 1);
}

BlockPacker::~BlockPacker() { ZSTD_freeCCtx(context_); }

size_t BlockPacker::Bound(size_t bytes) { return ZSTD_compressBound(bytes); }

size_t BlockPacker::Pack(absl::string_view block, char* out) {
  const size_t size =
      ZSTD_compress2(context_, out, Bound(block.size()), block.data(), block.size());
  // It fails only for want of room or memory.
  CHECK(ZSTD_isError(size) == 0);
  return size;
}

BlockUnpacker::BlockUnpacker() : context_(ZSTD_createDCtx()) { CHECK(context_ != nullptr); }

BlockUnpacker::~BlockUnpacker() { ZSTD_freeDCtx(context_); }

bool BlockUnpacker::Unpack(absl::string_view frame, char* out, size_t bytes) {
  // An error's code is larger than any size.
  return ZSTD_decompressDCtx(context_, out, bytes, frame.data(), frame.size()) == bytes;
}

void BlockTable::Add(size_t packed_bytes, size_t bytes) {
  begins_.push_back(begins_.back() + static_cast<int64_t>(packed_bytes));
  bytes_ += static_cast<int64_t>(bytes);
}

std::string BlockTable::Serialize() const {
  std::string out;
  PutFixed32(kSkippableMagic, &out);
  PutFixed32(count() * kEntryBytes + kFooterBytes, &out);
  for (int64_t block = 0; block < count(); ++block) {
    PutFixed32(static_cast<int64_t>(packed_bytes(block)), &out);
    PutFixed32(std::min(kBlockBytes, bytes_ - block * kBlockBytes), &out);
  }
  PutFixed32(count(), &out);
  out.push_back('\0');
  PutFixed32(kSeekableMagic, &out);
  return out;
}

absl::StatusOr<BlockTable> BlockTable::Parse(const Read& read, int64_t file_bytes, int64_t bytes) {
  const int64_t count = BlocksOf(bytes);
  const int64_t table_bytes = kHeaderBytes + count * kEntryBytes + kFooterBytes;
  if (file_bytes < table_bytes) return Damaged();
  std::string text(static_cast<size_t>(table_bytes), '\0');
  RETURN_IF_ERROR(read(file_bytes - table_bytes, text.data(), text.size()));
  BlockTable table;
  const char* entry = text.data() + kHeaderBytes;
  for (int64_t block = 0; block < count; ++block, entry += kEntryBytes) {
    table.Add(Fixed32(entry),
              static_cast<size_t>(std::min(kBlockBytes, bytes - block * kBlockBytes)));
  }
  // What it says besides is known, so that it must be the same to the letter.
  if (table.begins_.back() != file_bytes - table_bytes || table.Serialize() != text) {
    return Damaged();
  }
  return table;
}

int64_t PackedBytesMax(int64_t bytes) {
  const int64_t whole = bytes / kBlockBytes;
  const auto bound = [](int64_t block) {
    return static_cast<int64_t>(BlockPacker::Bound(static_cast<size_t>(block)));
  };
  return whole * bound(kBlockBytes) + bound(bytes - whole * kBlockBytes) + kHeaderBytes +
         BlocksOf(bytes) * kEntryBytes + kFooterBytes;
}

}  // namespace sluice::engine
