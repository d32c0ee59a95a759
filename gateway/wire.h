// The protobuf wire format, read from and appended to byte strings. Pure.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>

#include "absl/strings/string_view.h"

namespace sluice::gateway {

enum class WireType : uint8_t {
  kVarint = 0,
  kFixed64 = 1,
  kBytes = 2,
  kStartGroup = 3,
  kEndGroup = 4,
  kFixed32 = 5
};

// Reads a message's fields. Every call returns false for malformed input, after which the reader
// is of no more use.
class WireReader {
 public:
  explicit WireReader(absl::string_view bytes)
      : at_(bytes.data()), end_(bytes.data() + bytes.size()) {}

  bool AtEnd() const { return at_ == end_; }
  const char* position() const { return at_; }

  bool ReadVarint(uint64_t* value) {
    if (at_ != end_ && static_cast<unsigned char>(*at_) < 0x80) {
      *value = static_cast<unsigned char>(*at_++);
      return true;
    }
    return ReadLongVarint(value);
  }
  bool ReadTag(uint32_t* number, WireType* type) {
    uint64_t tag = 0;
    if (!ReadVarint(&tag) || tag > UINT32_MAX || (tag & 7) > 5 || tag < 8) return false;
    *number = static_cast<uint32_t>(tag >> 3);
    *type = static_cast<WireType>(tag & 7);
    return true;
  }
  bool ReadFixed32(uint32_t* value) { return ReadFixed(value); }
  bool ReadFixed64(uint64_t* value) { return ReadFixed(value); }
  bool ReadBytes(absl::string_view* bytes) {
    uint64_t size = 0;
    if (!ReadVarint(&size) || size > static_cast<uint64_t>(end_ - at_)) return false;
    *bytes = absl::string_view(at_, size);
    at_ += size;
    return true;
  }
  // Steps over a field's value; groups up to a depth of 100.
  bool Skip(uint32_t number, WireType type) { return SkipNested(number, type, 100); }

 private:
  bool ReadLongVarint(uint64_t* value);
  bool SkipNested(uint32_t number, WireType type, int depth);
  template <typename Value>
  bool ReadFixed(Value* value) {
    if (static_cast<size_t>(end_ - at_) < sizeof(Value)) return false;
    std::memcpy(value, at_, sizeof(Value));
    at_ += sizeof(Value);
    return true;
  }

  const char* at_;
  const char* end_;
};

void AppendVarint(uint64_t value, std::string* out);
void AppendTag(uint32_t number, WireType type, std::string* out);
void AppendFixed32(uint32_t value, std::string* out);
void AppendFixed64(uint64_t value, std::string* out);
// Tag, length and bytes.
void AppendBytesField(uint32_t number, absl::string_view bytes, std::string* out);

// A length-delimited value whose length is known only after it was written: BeginLength, append,
// EndLength with what BeginLength returned.
size_t BeginLength(std::string* out);
void EndLength(size_t begin, std::string* out);

inline uint64_t ZigZag(int64_t value) {
  return (static_cast<uint64_t>(value) << 1) ^ static_cast<uint64_t>(value >> 63);
}
inline int64_t UnZigZag(uint64_t value) {
  return static_cast<int64_t>((value >> 1) ^ (~(value & 1) + 1));
}

}  // namespace sluice::gateway
