#include "gateway/utf8.h"

namespace sluice::gateway {

bool IsUtf8(absl::string_view text) {
  const char* at = text.data();
  const char* const end = at + text.size();
  while (at < end) {
    if (static_cast<unsigned char>(*at) < 0x80) {
      ++at;
      continue;
    }
    const size_t length = Utf8SequenceLength(at, end);
    if (length == 0) return false;
    at += length;
  }
  return true;
}

std::string ReplaceInvalidUtf8(absl::string_view text) {
  std::string valid;
  const char* at = text.data();
  const char* const end = at + text.size();
  while (at < end) {
    const bool ascii = static_cast<unsigned char>(*at) < 0x80;
    const size_t length = ascii ? 1 : Utf8SequenceLength(at, end);
    if (length == 0) {
      AppendUtf8(0xfffd, &valid);
      ++at;
    } else {
      valid.append(at, length);
      at += length;
    }
  }
  return valid;
}

void AppendUtf8(uint32_t code_point, std::string* out) {
  const auto byte = [out](uint32_t value) { out->push_back(static_cast<char>(value)); };
  if (code_point < 0x80) {
    byte(code_point);
  } else if (code_point < 0x800) {
    byte(0xc0 | (code_point >> 6));
    byte(0x80 | (code_point & 0x3f));
  } else if (code_point < 0x10000) {
    byte(0xe0 | (code_point >> 12));
    byte(0x80 | ((code_point >> 6) & 0x3f));
    byte(0x80 | (code_point & 0x3f));
  } else {
    byte(0xf0 | (code_point >> 18));
    byte(0x80 | ((code_point >> 12) & 0x3f));
    byte(0x80 | ((code_point >> 6) & 0x3f));
    byte(0x80 | (code_point & 0x3f));
  }
}

}  // namespace sluice::gateway
