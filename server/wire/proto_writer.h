// The protobuf wire format, as far as we write it by hand.
#pragma once

#include <cstdint>
#include <cstring>

#include "absl/strings/string_view.h"
#include "server/wire/buffer.h"

namespace sluice::wire {

enum class WireType : uint32_t { kVarint = 0, kFixed64 = 1, kBytes = 2, kFixed32 = 5 };

inline constexpr size_t kVarintBytesMax = 10;

inline size_t VarintSize(uint64_t value) {
  // One byte for each seven bits, at least one. 9/64 is as good as 1/7 here, and no division.
  return static_cast<size_t>((64 - __builtin_clzll(value | 1)) * 9 + 64) / 64;
}

inline char* WriteVarint(char* out, uint64_t value) {
  while (value >= 0x80) {
    *out++ = static_cast<char>(value | 0x80);
    value >>= 7;
  }
  *out++ = static_cast<char>(value);
  return out;
}

inline uint64_t ZigZag(int64_t value) {
  return (static_cast<uint64_t>(value) << 1) ^ static_cast<uint64_t>(value >> 63);
}

inline uint64_t Tag(int field, WireType type) {
  return static_cast<uint64_t>(field) << 3 | static_cast<uint64_t>(type);
}

inline void PutTag(Buffer& out, int field, WireType type) {
  char* const at = out.Reserve(kVarintBytesMax);
  out.Advance(static_cast<size_t>(WriteVarint(at, Tag(field, type)) - at));
}

inline void PutVarint(Buffer& out, uint64_t value) {
  char* const at = out.Reserve(kVarintBytesMax);
  out.Advance(static_cast<size_t>(WriteVarint(at, value) - at));
}

// A string, bytes or an already serialised message.
inline void PutBytes(Buffer& out, int field, absl::string_view bytes) {
  PutTag(out, field, WireType::kBytes);
  PutVarint(out, bytes.size());
  out.Append(bytes);
}

// Nothing for zero, as proto3 leaves it out.
inline void PutInt64(Buffer& out, int field, int64_t value) {
  if (value == 0) return;
  PutTag(out, field, WireType::kVarint);
  PutVarint(out, static_cast<uint64_t>(value));
}

inline void PutBool(Buffer& out, int field, bool value) { PutInt64(out, field, value ? 1 : 0); }

inline void PutFixed32(Buffer& out, int field, uint32_t value) {
  PutTag(out, field, WireType::kFixed32);
  std::memcpy(out.Reserve(sizeof(value)), &value, sizeof(value));
  out.Advance(sizeof(value));
}

}  // namespace sluice::wire
