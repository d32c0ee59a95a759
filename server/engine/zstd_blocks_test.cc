#include "server/engine/zstd_blocks.h"

#include <gtest/gtest.h>
#include <zstd.h>

#include <algorithm>
#include <random>

#include "absl/strings/str_cat.h"
#include "server/base/error.h"
#include "server/base/limits.h"

namespace sluice::engine {
namespace {

constexpr size_t kBlock = limits::kCompressedBlockBytes;

std::string Content(size_t size) {
  std::mt19937 numbers(7);
  std::string content(size, '\0');
  // Half of it cannot be packed.
  for (size_t i = 0; i < size; i += 2) content[i] = static_cast<char>(numbers());
  return content;
}

struct Packed {
  std::string file;
  BlockTable table;
};

Packed Pack(const std::string& content) {
  BlockPacker packer(Packing::kUsual);
  Packed packed;
  for (size_t at = 0; at < content.size(); at += kBlock) {
    const std::string block = content.substr(at, kBlock);
    std::string frame(BlockPacker::Bound(block.size()), '\0');
    frame.resize(packer.Pack(block, frame.data()));
    packed.file += frame;
    packed.table.Add(frame.size(), block.size());
  }
  packed.file += packed.table.Serialize();
  return packed;
}

absl::StatusOr<BlockTable> Parse(const std::string& file, size_t bytes) {
  const auto read = [&](int64_t offset, char* out, size_t count) {
    file.copy(out, count, static_cast<size_t>(offset));
    return absl::OkStatus();
  };
  return BlockTable::Parse(read, static_cast<int64_t>(file.size()), static_cast<int64_t>(bytes));
}

TEST(ZstdBlocksTest, EveryBlockIsReadByItself) {
  for (const size_t size : {size_t{0}, size_t{1}, kBlock, 3 * kBlock, 3 * kBlock + 512}) {
    const std::string content = Content(size);
    const Packed packed = Pack(content);
    EXPECT_LE(static_cast<int64_t>(packed.file.size()), PackedBytesMax(static_cast<int64_t>(size)));
    const auto table = Parse(packed.file, size);
    ASSERT_TRUE(table.ok()) << table.status();
    BlockUnpacker unpacker;
    for (int64_t block = table->count() - 1; block >= 0; --block) {
      const std::string wanted = content.substr(static_cast<size_t>(block) * kBlock, kBlock);
      std::string got(wanted.size(), '\0');
      ASSERT_TRUE(unpacker.Unpack(
          packed.file.substr(static_cast<size_t>(table->begin(block)), table->packed_bytes(block)),
          got.data(), got.size()));
      EXPECT_TRUE(got == wanted);
    }
  }
}

TEST(ZstdBlocksTest, AnyDecoderUnpacksTheWhole) {
  const std::string content = Content(2 * kBlock + 4096);
  const Packed packed = Pack(content);
  std::string whole(content.size(), '\0');
  EXPECT_EQ(ZSTD_decompress(whole.data(), whole.size(), packed.file.data(), packed.file.size()),
            content.size());
  EXPECT_TRUE(whole == content);
}

TEST(ZstdBlocksTest, ADamagedTableIsFound) {
  const size_t size = 2 * kBlock + 4096;
  const std::string file = Pack(Content(size)).file;
  const size_t table = file.size() - 3 * 8 - 17;
  for (size_t at = table; at < file.size(); ++at) {
    std::string damaged = file;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x20);
    EXPECT_EQ(ReasonOf(Parse(damaged, size).status()), reason::kCorrupt) << at;
  }
  for (const size_t other : {size_t{0}, kBlock, size + 512, 90 * kBlock}) {
    EXPECT_FALSE(Parse(file, other).ok()) << other;
  }
  EXPECT_FALSE(Parse("", size).ok());
}

TEST(ZstdBlocksTest, AFrameOfAnotherSizeIsRefused) {
  BlockPacker packer(Packing::kFast);
  const std::string block(100'000, 'x');
  std::string frame(BlockPacker::Bound(block.size()), '\0');
  frame.resize(packer.Pack(block, frame.data()));
  std::string out(200'000, '\0');
  BlockUnpacker unpacker;
  EXPECT_TRUE(unpacker.Unpack(frame, out.data(), 100'000));
  EXPECT_FALSE(unpacker.Unpack(frame, out.data(), 99'999));
  EXPECT_FALSE(unpacker.Unpack(frame, out.data(), 100'001));
  EXPECT_FALSE(unpacker.Unpack("no frame", out.data(), 8));
  frame[frame.size() / 2] = static_cast<char>(frame[frame.size() / 2] ^ 1);
  EXPECT_FALSE(unpacker.Unpack(frame, out.data(), 100'000));
}

}  // namespace
}  // namespace sluice::engine
