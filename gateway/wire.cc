#include "gateway/wire.h"

#include <bit>

namespace sluice::gateway {

static_assert(std::endian::native == std::endian::little,
              "fixed-width fields are copied as they are");

bool WireReader::ReadLongVarint(uint64_t* value) {
  uint64_t result = 0;
  for (int shift = 0; shift < 70 && at_ != end_; shift += 7) {
    const auto byte = static_cast<unsigned char>(*at_++);
    if (shift < 64) result |= static_cast<uint64_t>(byte & 0x7f) << shift;
    if (byte < 0x80) {
      *value = result;
      return true;
    }
  }
  return false;
}

bool WireReader::SkipNested(uint32_t number, WireType type, int depth) {
  uint64_t varint = 0;
  uint32_t fixed32 = 0;
  absl::string_view bytes;
  switch (type) {
    case WireType::kVarint:
      return ReadVarint(&varint);
    case WireType::kFixed64:
      return ReadFixed64(&varint);
    case WireType::kFixed32:
      return ReadFixed32(&fixed32);
    case WireType::kBytes:
      return ReadBytes(&bytes);
    case WireType::kEndGroup:
      return false;
    case WireType::kStartGroup:
      break;
  }
  if (depth == 0) return false;
  while (true) {
    uint32_t inner = 0;
    WireType inner_type = WireType::kVarint;
    if (!ReadTag(&inner, &inner_type)) return false;
    if (inner_type == WireType::kEndGroup) return inner == number;
    if (!SkipNested(inner, inner_type, depth - 1)) return false;
  }
}

void AppendVarint(uint64_t value, std::string* out) {
  while (value >= 0x80) {
    out->push_back(static_cast<char>(value | 0x80));
    value >>= 7;
  }
  out->push_back(static_cast<char>(value));
}

void AppendTag(uint32_t number, WireType type, std::string* out) {
  AppendVarint((static_cast<uint64_t>(number) << 3) | static_cast<uint64_t>(type), out);
}

void AppendFixed32(uint32_t value, std::string* out) {
  char bytes[sizeof(value)];
  std::memcpy(bytes, &value, sizeof(value));
  out->append(bytes, sizeof(bytes));
}

void AppendFixed64(uint64_t value, std::string* out) {
  char bytes[sizeof(value)];
  std::memcpy(bytes, &value, sizeof(value));
  out->append(bytes, sizeof(bytes));
}

void AppendBytesField(uint32_t number, absl::string_view bytes, std::string* out) {
  AppendTag(number, WireType::kBytes, out);
  AppendVarint(bytes.size(), out);
  out->append(bytes.data(), bytes.size());
}

size_t BeginLength(std::string* out) {
  out->push_back('\0');
  return out->size();
}

void EndLength(size_t begin, std::string* out) {
  const size_t size = out->size() - begin;
  // Most values are short: then the length has its one byte already.
  if (size < 0x80) {
    (*out)[begin - 1] = static_cast<char>(size);
    return;
  }
  std::string length;
  AppendVarint(size, &length);
  (*out)[begin - 1] = length[0];
  out->insert(begin, length, 1, std::string::npos);
}

}  // namespace sluice::gateway
