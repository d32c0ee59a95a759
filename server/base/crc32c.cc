#include "server/base/crc32c.h"

#include <array>
#include <cstring>

#if defined(__x86_64__)
#include <nmmintrin.h>
#endif

namespace sluice {
namespace {

constexpr uint32_t kPolynomialReflected = 0x82F63B78;

constexpr std::array<uint32_t, 256> MakeTable() {
  std::array<uint32_t, 256> table{};
  for (uint32_t i = 0; i < 256; ++i) {
    uint32_t crc = i;
    for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ ((crc & 1) != 0 ? kPolynomialReflected : 0);
    table[i] = crc;
  }
  return table;
}

constexpr std::array<uint32_t, 256> kTable = MakeTable();

#if defined(__x86_64__)

// The instruction takes three cycles and a new one can begin in each, so three runs of bytes are
// summed side by side and then put together: the sum of A followed by B is the sum of A followed by
// as many zeros, xor the sum of B. Zeros do a linear thing to the 32 bits of a sum, so that four
// tables give the whole of it.
constexpr size_t kRunBytes = 4096;
using ZerosTables = std::array<std::array<uint32_t, 256>, 4>;

constexpr ZerosTables MakeZerosTables() {
  // What kRunBytes zeros make of each single bit.
  std::array<uint32_t, 32> of_bit{};
  for (size_t bit = 0; bit < of_bit.size(); ++bit) {
    uint32_t crc = uint32_t{1} << bit;
    for (size_t i = 0; i < 8; ++i) crc = crc >> 1 ^ ((crc & 1) != 0 ? kPolynomialReflected : 0);
    of_bit[bit] = crc;
  }
  // One zero byte so far; doubling applies the map to itself.
  for (size_t bytes = 1; bytes < kRunBytes; bytes *= 2) {
    std::array<uint32_t, 32> doubled{};
    for (size_t bit = 0; bit < of_bit.size(); ++bit) {
      for (size_t set = 0; set < of_bit.size(); ++set) {
        if ((of_bit[bit] >> set & 1) != 0) doubled[bit] ^= of_bit[set];
      }
    }
    of_bit = doubled;
  }
  ZerosTables tables{};
  for (size_t part = 0; part < tables.size(); ++part) {
    for (size_t value = 0; value < 256; ++value) {
      for (size_t bit = 0; bit < 8; ++bit) {
        if ((value >> bit & 1) != 0) tables[part][value] ^= of_bit[part * 8 + bit];
      }
    }
  }
  return tables;
}

constexpr ZerosTables kZeros = MakeZerosTables();

uint32_t AfterZeros(uint64_t crc) {
  return kZeros[0][crc & 0xFF] ^ kZeros[1][crc >> 8 & 0xFF] ^ kZeros[2][crc >> 16 & 0xFF] ^
         kZeros[3][crc >> 24 & 0xFF];
}

__attribute__((target("sse4.2"))) inline uint64_t AddWord(uint64_t crc, const char* at) {
  uint64_t word;
  std::memcpy(&word, at, sizeof(word));
  return _mm_crc32_u64(crc, word);
}

__attribute__((target("sse4.2"))) uint32_t HardwareCrc32c(absl::string_view bytes) {
  uint64_t crc = 0xFFFFFFFF;
  const char* at = bytes.data();
  size_t left = bytes.size();
  for (; left >= 3 * kRunBytes; left -= 3 * kRunBytes, at += 2 * kRunBytes) {
    uint64_t second = 0;
    uint64_t third = 0;
    for (const char* const end = at + kRunBytes; at < end; at += sizeof(uint64_t)) {
      crc = AddWord(crc, at);
      second = AddWord(second, at + kRunBytes);
      third = AddWord(third, at + 2 * kRunBytes);
    }
    crc = AfterZeros(AfterZeros(crc) ^ second) ^ third;
  }
  for (; left >= sizeof(uint64_t); left -= sizeof(uint64_t), at += sizeof(uint64_t)) {
    crc = AddWord(crc, at);
  }
  auto narrow = static_cast<uint32_t>(crc);
  for (; left > 0; --left, ++at) narrow = _mm_crc32_u8(narrow, static_cast<unsigned char>(*at));
  return ~narrow;
}

#endif

}  // namespace

uint32_t PortableCrc32c(absl::string_view bytes) {
  uint32_t crc = 0xFFFFFFFF;
  for (const char c : bytes) crc = crc >> 8 ^ kTable[(crc ^ static_cast<unsigned char>(c)) & 0xFF];
  return ~crc;
}

uint32_t Crc32c(absl::string_view bytes) {
#if defined(__x86_64__)
  static const bool has_instruction = __builtin_cpu_supports("sse4.2");
  if (has_instruction) return HardwareCrc32c(bytes);
#endif
  return PortableCrc32c(bytes);
}

}  // namespace sluice
