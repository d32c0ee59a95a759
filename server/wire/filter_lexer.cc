#include "server/wire/filter_lexer.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "server/base/error.h"
#include "server/base/status.h"

namespace sluice::wire {
namespace {

using Kind = FilterToken::Kind;

// What a bare word may hold.
bool IsTextCharacter(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte >= 0x80 || absl::ascii_isalnum(byte) || c == '_' || c == '-' || c == '+' ||
         c == '*' || c == '/';
}

class Lexer {
 public:
  Lexer(absl::string_view source, absl::string_view field) : source_(source), field_(field) {}

  absl::StatusOr<std::vector<FilterToken>> Run() {
    while (true) {
      while (at_ < source_.size() && absl::ascii_isspace(Byte())) ++at_;
      if (at_ == source_.size()) break;
      RETURN_IF_ERROR(Next());
    }
    RETURN_IF_ERROR(Push(Kind::kEnd, 0));
    return std::move(tokens_);
  }

 private:
  unsigned char Byte() const { return static_cast<unsigned char>(source_[at_]); }
  char After() const { return at_ + 1 < source_.size() ? source_[at_ + 1] : '\0'; }

  absl::Status Next() {
    switch (source_[at_]) {
      case '.':
        return Push(Kind::kDot, 1);
      case ',':
        return Push(Kind::kComma, 1);
      case '(':
        return Push(Kind::kOpen, 1);
      case ')':
        return Push(Kind::kClose, 1);
      case '=':
      case ':':
        return Push(Kind::kComparator, 1);
      case '<':
      case '>':
        return Push(Kind::kComparator, After() == '=' ? 2 : 1);
      case '!':
        if (After() == '=') return Push(Kind::kComparator, 2);
        return BadFieldAt(field_, at_, "! stands only in !=");
      case '"':
      case '\'':
        return String();
      default:
        break;
    }
    size_t size = 0;
    while (at_ + size < source_.size() && IsTextCharacter(source_[at_ + size])) ++size;
    if (size == 0) return BadFieldAt(field_, at_, "this character must stand in quotes");
    return Push(Kind::kText, size);
  }

  absl::Status Push(Kind kind, size_t size) {
    const absl::string_view source = source_.substr(at_, size);
    tokens_.push_back({.kind = kind, .source = source, .text = std::string(source), .offset = at_});
    at_ += size;
    return absl::OkStatus();
  }

  absl::Status String() {
    const char quote = source_[at_];
    std::string text;
    size_t i = at_ + 1;
    for (; i < source_.size() && source_[i] != quote; ++i) {
      if (source_[i] != '\\') {
        text += source_[i];
        continue;
      }
      ++i;
      const char escaped = i < source_.size() ? source_[i] : '\0';
      switch (escaped) {
        case 'n':
          text += '\n';
          break;
        case 'r':
          text += '\r';
          break;
        case 't':
          text += '\t';
          break;
        case '\\':
        case '"':
        case '\'':
          text += escaped;
          break;
        default:
          return BadFieldAt(field_, i - 1, "a backslash stands before \\, a quote, n, r or t");
      }
    }
    if (i >= source_.size()) return BadFieldAt(field_, at_, "the string has no end");
    RETURN_IF_ERROR(Push(Kind::kString, i + 1 - at_));
    tokens_.back().text = std::move(text);
    return absl::OkStatus();
  }

  const absl::string_view source_;
  const absl::string_view field_;
  size_t at_ = 0;
  std::vector<FilterToken> tokens_;
};

}  // namespace

absl::StatusOr<std::vector<FilterToken>> LexFilter(absl::string_view source,
                                                   absl::string_view field) {
  return Lexer(source, field).Run();
}

}  // namespace sluice::wire
