#include "server/wire/utf8.h"

#include "server/wire/byte_scan.h"

namespace sluice::wire {
namespace {

// How many bytes at the beginning are surely ASCII: all of them, or whole words of them.
size_t AsciiPrefix(absl::string_view bytes) {
  const auto not_ascii = [](ByteWord word) { return word.AnyNotAscii(); };
  size_t at = 0;
  for (; at + ByteWord::kBytes <= bytes.size(); at += ByteWord::kBytes) {
    if (not_ascii(ByteWord(bytes.data() + at))) return at;
  }
  return AnyHolds(bytes.substr(at), not_ascii) ? at : bytes.size();
}

// Bytes of the well-formed character that `bytes` begins with; 0 when there is none.
size_t CharacterBytes(absl::string_view bytes) {
  const auto at = [&](size_t i) {
    return i < bytes.size() ? static_cast<unsigned char>(bytes[i]) : 0u;
  };
  const auto continues = [&](size_t i) { return (at(i) & 0xC0) == 0x80; };
  const unsigned first = at(0);
  if (first < 0x80) return 1;
  if (first >= 0xC2 && first <= 0xDF) return continues(1) ? 2 : 0;
  if (first >= 0xE0 && first <= 0xEF) {
    if (!continues(1) || !continues(2)) return 0;
    if (first == 0xE0 && at(1) < 0xA0) return 0;
    if (first == 0xED && at(1) > 0x9F) return 0;
    return 3;
  }
  if (first >= 0xF0 && first <= 0xF4) {
    if (!continues(1) || !continues(2) || !continues(3)) return 0;
    if (first == 0xF0 && at(1) < 0x90) return 0;
    if (first == 0xF4 && at(1) > 0x8F) return 0;
    return 4;
  }
  return 0;
}

}  // namespace

bool IsValidUtf8(absl::string_view bytes) {
  while (true) {
    // Most texts are nothing but ASCII.
    const size_t plain = AsciiPrefix(bytes);
    if (plain == bytes.size()) return true;
    bytes.remove_prefix(plain);
    const size_t count = CharacterBytes(bytes);
    if (count == 0) return false;
    bytes.remove_prefix(count);
  }
}

std::string ReplaceInvalidUtf8(absl::string_view bytes) {
  std::string text;
  while (!bytes.empty()) {
    const size_t count = CharacterBytes(bytes);
    if (count == 0) {
      text += "\xEF\xBF\xBD";
      bytes.remove_prefix(1);
    } else {
      text.append(bytes.data(), count);
      bytes.remove_prefix(count);
    }
  }
  return text;
}

}  // namespace sluice::wire
