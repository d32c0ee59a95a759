#include "gateway/json_reader.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

#include "gateway/scalar_wire.h"
#include "gateway/utf8.h"

namespace sluice::gateway {

void JsonReader::SkipSpace() {
  while (at_ < text_.size() &&
         (text_[at_] == ' ' || text_[at_] == '\n' || text_[at_] == '\r' || text_[at_] == '\t')) {
    ++at_;
  }
}

bool JsonReader::Fail(absl::string_view what) {
  if (error_.empty()) error_ = absl::StrCat(what, " at byte ", at_);
  return false;
}

JsonReader::Kind JsonReader::Peek() {
  SkipSpace();
  if (at_ == text_.size()) return Kind::kOther;
  switch (text_[at_]) {
    case 'n':
      return Kind::kNull;
    case 't':
      return Kind::kTrue;
    case 'f':
      return Kind::kFalse;
    case '"':
      return Kind::kString;
    case '{':
      return Kind::kObject;
    case '[':
      return Kind::kArray;
    default: {
      const char c = text_[at_];
      return c == '-' || (c >= '0' && c <= '9') ? Kind::kNumber : Kind::kOther;
    }
  }
}

bool JsonReader::ReadWord(absl::string_view word) {
  SkipSpace();
  if (!absl::StartsWith(text_.substr(at_), word)) return Fail("malformed JSON");
  at_ += word.size();
  return true;
}

bool JsonReader::ReadNumber(absl::string_view* text) {
  SkipSpace();
  const size_t end = std::min(text_.find_first_not_of("+-.0123456789eE", at_), text_.size());
  *text = text_.substr(at_, end - at_);
  if (!IsJsonNumber(*text)) return Fail("malformed number");
  at_ = end;
  return true;
}

bool JsonReader::ReadHex4(uint32_t* value) {
  if (text_.size() - at_ < 4) return Fail("malformed escape");
  *value = 0;
  for (int i = 0; i < 4; ++i) {
    const char c = text_[at_++];
    uint32_t digit = 0;
    if (c >= '0' && c <= '9') {
      digit = static_cast<uint32_t>(c - '0');
    } else if (c >= 'a' && c <= 'f') {
      digit = static_cast<uint32_t>(c - 'a' + 10);
    } else if (c >= 'A' && c <= 'F') {
      digit = static_cast<uint32_t>(c - 'A' + 10);
    } else {
      return Fail("malformed escape");
    }
    *value = *value * 16 + digit;
  }
  return true;
}

bool JsonReader::ReadEscape(std::string* text) {
  if (at_ == text_.size()) return Fail("unterminated string");
  const char c = text_[at_++];
  switch (c) {
    case '"':
    case '\\':
    case '/':
      text->push_back(c);
      return true;
    case 'b':
      text->push_back('\b');
      return true;
    case 'f':
      text->push_back('\f');
      return true;
    case 'n':
      text->push_back('\n');
      return true;
    case 'r':
      text->push_back('\r');
      return true;
    case 't':
      text->push_back('\t');
      return true;
    case 'u':
      break;
    default:
      return Fail("malformed escape");
  }
  uint32_t unit = 0;
  if (!ReadHex4(&unit)) return false;
  if (unit >= 0xdc00 && unit <= 0xdfff) return Fail("lone surrogate");
  if (unit >= 0xd800 && unit <= 0xdbff) {
    uint32_t low = 0;
    if (!absl::StartsWith(text_.substr(at_), "\\u")) return Fail("lone surrogate");
    at_ += 2;
    if (!ReadHex4(&low)) return false;
    if (low < 0xdc00 || low > 0xdfff) return Fail("lone surrogate");
    unit = 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
  }
  AppendUtf8(unit, text);
  return true;
}

bool JsonReader::ReadString(std::string* text) {
  text->clear();
  if (!Expect('"')) return false;
  size_t run = at_;
  while (at_ < text_.size()) {
    const char c = text_[at_];
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x80) {
      const size_t length = Utf8SequenceLength(text_.data() + at_, text_.data() + text_.size());
      if (length == 0) return Fail("text that is not UTF-8");
      at_ += length;
      continue;
    }
    if (byte < 0x20) return Fail("control character in a string");
    if (c != '"' && c != '\\') {
      ++at_;
      continue;
    }
    text->append(text_.data() + run, at_ - run);
    ++at_;
    if (c == '"') return true;
    if (!ReadEscape(text)) return false;
    run = at_;
  }
  return Fail("unterminated string");
}

bool JsonReader::Expect(char punctuation) {
  if (TryTake(punctuation)) return true;
  if (at_ == text_.size()) return Fail("unexpected end");
  return Fail(absl::StrCat("expected '", absl::string_view(&punctuation, 1), "'"));
}

bool JsonReader::TryTake(char punctuation) {
  SkipSpace();
  if (at_ == text_.size() || text_[at_] != punctuation) return false;
  ++at_;
  return true;
}

bool JsonReader::SkipObject(int depth) {
  if (!Expect('{')) return false;
  if (TryTake('}')) return true;
  std::string key;
  do {
    if (!ReadString(&key) || !Expect(':') || !SkipValue(depth - 1)) return false;
  } while (TryTake(','));
  return Expect('}');
}

bool JsonReader::SkipArray(int depth) {
  if (!Expect('[')) return false;
  if (TryTake(']')) return true;
  do {
    if (!SkipValue(depth - 1)) return false;
  } while (TryTake(','));
  return Expect(']');
}

bool JsonReader::SkipValue(int depth) {
  absl::string_view number;
  std::string text;
  switch (Peek()) {
    case Kind::kNull:
      return ReadNull();
    case Kind::kTrue:
      return ReadTrue();
    case Kind::kFalse:
      return ReadFalse();
    case Kind::kNumber:
      return ReadNumber(&number);
    case Kind::kString:
      return ReadString(&text);
    case Kind::kObject:
      return depth > 0 ? SkipObject(depth) : Fail("nested too deeply");
    case Kind::kArray:
      return depth > 0 ? SkipArray(depth) : Fail("nested too deeply");
    case Kind::kOther:
      break;
  }
  return Fail("malformed JSON");
}

bool JsonReader::ReadEnd() {
  SkipSpace();
  return at_ == text_.size() || Fail("unexpected text after the JSON value");
}

}  // namespace sluice::gateway
