#include "clients/cpp/crc32c.h"

#include <array>
#include <cstddef>
#include <cstring>

#if defined(__x86_64__)
#include <nmmintrin.h>
#endif

namespace sluice::client {
namespace {

// Reversed form of the Castagnoli polynomial.
constexpr uint32_t kPolynomial = 0x82F63B78;
constexpr size_t kSlices = 8;
using Tables = std::array<std::array<uint32_t, 256>, kSlices>;

// Table k gives what a byte does to the checksum k bytes later.
constexpr Tables MakeTables() {
  Tables tables{};
  for (uint32_t byte = 0; byte < 256; ++byte) {
    uint32_t crc = byte;
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) != 0 ? kPolynomial : 0);
    tables[0][byte] = crc;
  }
  for (size_t slice = 1; slice < kSlices; ++slice) {
    for (size_t byte = 0; byte < 256; ++byte) {
      const uint32_t before = tables[slice - 1][byte];
      tables[slice][byte] = (before >> 8) ^ tables[0][before & 0xFF];
    }
  }
  return tables;
}

constexpr Tables kTables = MakeTables();

uint32_t AddByte(uint32_t crc, char byte) {
  return (crc >> 8) ^ kTables[0][(crc ^ static_cast<unsigned char>(byte)) & 0xFF];
}

// Eight bytes at once; byte by byte, so that it holds on either byte order.
uint32_t AddEight(uint32_t crc, const char* bytes) {
  uint32_t next = 0;
  for (size_t at = 0; at < kSlices; ++at) {
    const uint32_t mixed = at < 4 ? (crc >> (8 * at)) & 0xFF : 0;
    next ^= kTables[kSlices - 1 - at][mixed ^ static_cast<unsigned char>(bytes[at])];
  }
  return next;
}

#if defined(__x86_64__)
__attribute__((target("sse4.2"))) uint32_t ByInstruction(absl::string_view bytes) {
  uint64_t crc = 0xFFFFFFFF;
  while (bytes.size() >= 8) {
    uint64_t word = 0;
    std::memcpy(&word, bytes.data(), sizeof(word));
    crc = _mm_crc32_u64(crc, word);
    bytes.remove_prefix(8);
  }
  auto narrow = static_cast<uint32_t>(crc);
  for (const char byte : bytes) narrow = _mm_crc32_u8(narrow, static_cast<unsigned char>(byte));
  return ~narrow;
}
#endif

}  // namespace

uint32_t Crc32cByTables(absl::string_view bytes) {
  uint32_t crc = 0xFFFFFFFF;
  while (bytes.size() >= kSlices) {
    crc = AddEight(crc, bytes.data());
    bytes.remove_prefix(kSlices);
  }
  for (const char byte : bytes) crc = AddByte(crc, byte);
  return ~crc;
}

uint32_t Crc32c(absl::string_view bytes) {
#if defined(__x86_64__)
  static const bool has_instruction = __builtin_cpu_supports("sse4.2") != 0;
  if (has_instruction) return ByInstruction(bytes);
#endif
  return Crc32cByTables(bytes);
}

}  // namespace sluice::client
