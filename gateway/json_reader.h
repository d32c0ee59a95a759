// RFC 8259 JSON, token by token and strict: no comments, no single quotes, no trailing commas, no
// lone surrogates, UTF-8 only. What a token means is up to the caller.
//
// Not thread-safe. Does not own the text.
#pragma once

#include <cstddef>
#include <string>

#include "absl/strings/string_view.h"

namespace sluice::gateway {

class JsonReader {
 public:
  enum class Kind { kNull, kTrue, kFalse, kNumber, kString, kObject, kArray, kOther };

  explicit JsonReader(absl::string_view text) : text_(text) {}

  // What the next value is by its first character; nothing is taken.
  Kind Peek();
  // Each takes one token and what white space is before it; false after Fail.
  bool ReadNull() { return ReadWord("null"); }
  bool ReadTrue() { return ReadWord("true"); }
  bool ReadFalse() { return ReadWord("false"); }
  bool ReadNumber(absl::string_view* text);
  bool ReadString(std::string* text);
  bool Expect(char punctuation);
  // Takes `punctuation` if it is next.
  bool TryTake(char punctuation);
  // Takes a whole value; objects and arrays up to `depth` levels.
  bool SkipValue(int depth);
  // Only white space is left.
  bool ReadEnd();

  // Keeps the first failure and where it was; returns false.
  bool Fail(absl::string_view what);
  const std::string& error() const { return error_; }
  size_t offset() const { return at_; }
  absl::string_view text() const { return text_; }

 private:
  void SkipSpace();
  bool ReadWord(absl::string_view word);
  bool ReadEscape(std::string* text);
  bool ReadHex4(uint32_t* value);
  bool SkipObject(int depth);
  bool SkipArray(int depth);

  absl::string_view text_;
  size_t at_ = 0;
  std::string error_;
};

}  // namespace sluice::gateway
