// Looks at eight bytes of a text at a time.
#pragma once

#include <cstdint>
#include <cstring>

#include "absl/strings/string_view.h"

namespace sluice::wire {

// Eight bytes in one word.
class ByteWord {
 public:
  static constexpr size_t kBytes = 8;
  explicit ByteWord(const char* bytes) { std::memcpy(&word_, bytes, kBytes); }
  // Of fewer bytes, at least one, the first of which stands in for those that are not there.
  explicit ByteWord(absl::string_view few) : word_(kOnes * static_cast<unsigned char>(few[0])) {
    for (size_t i = 1; i < few.size(); ++i) {
      word_ = word_ << 8 | static_cast<unsigned char>(few[i]);
    }
  }

  bool AnyNotAscii() const { return (word_ & kHighBits) != 0; }
  // Whether some byte is this one.
  bool Any(char byte) const {
    const uint64_t differing = word_ ^ (kOnes * static_cast<unsigned char>(byte));
    return ((differing - kOnes) & ~differing & kHighBits) != 0;
  }
  // Whether some byte is below `limit`, which is at most 128.
  bool AnyBelow(uint8_t limit) const { return ((word_ - kOnes * limit) & ~word_ & kHighBits) != 0; }

 private:
  static constexpr uint64_t kOnes = 0x0101010101010101u;
  static constexpr uint64_t kHighBits = kOnes << 7;
  uint64_t word_;
};

// Whether `holds(ByteWord)` is so for some bytes of `text`, which are looked at one word after the
// other and the last ones twice. `holds` is the same as of each of the word's bytes alone.
template <typename Holds>
bool AnyHolds(absl::string_view text, Holds holds) {
  constexpr size_t kWord = ByteWord::kBytes;
  const char* const data = text.data();
  const size_t size = text.size();
  if (size < kWord) return size > 0 && holds(ByteWord(text));
  for (size_t at = 0; at + kWord < size; at += kWord) {
    if (holds(ByteWord(data + at))) return true;
  }
  return holds(ByteWord(data + size - kWord));
}

// The first place of `text` from `from` on for which `is_special(char)` holds, or its size.
// `may_hold(ByteWord)` is false only for words in which it holds for none.
template <typename MayHold, typename IsSpecial>
size_t FindSpecial(absl::string_view text, size_t from, MayHold may_hold, IsSpecial is_special) {
  size_t at = from;
  while (at + ByteWord::kBytes <= text.size() && !may_hold(ByteWord(text.data() + at))) {
    at += ByteWord::kBytes;
  }
  while (at < text.size() && !is_special(text[at])) ++at;
  return at;
}

}  // namespace sluice::wire
