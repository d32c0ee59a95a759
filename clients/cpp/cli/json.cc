#include "clients/cpp/cli/json.h"

#include <algorithm>
#include <optional>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "clients/cpp/utf8.h"

namespace sluice::cli {
namespace {

// Natural JSON needs three levels; the rest is room for a better message than this one.
constexpr int kDepthMax = 32;

void AppendUtf8(uint32_t point, std::string* out) {
  const auto tail = [out, point](int shift) {
    out->push_back(static_cast<char>(0x80 | ((point >> shift) & 0x3F)));
  };
  if (point < 0x80) {
    out->push_back(static_cast<char>(point));
  } else if (point < 0x800) {
    out->push_back(static_cast<char>(0xC0 | (point >> 6)));
    tail(0);
  } else if (point < 0x10000) {
    out->push_back(static_cast<char>(0xE0 | (point >> 12)));
    tail(6);
    tail(0);
  } else {
    out->push_back(static_cast<char>(0xF0 | (point >> 18)));
    tail(12);
    tail(6);
    tail(0);
  }
}

class Reader {
 public:
  explicit Reader(absl::string_view text) : text_(text) {}

  absl::StatusOr<Json> Document() {
    if (!client::IsValidUtf8(text_)) return absl::InvalidArgumentError("JSON must be UTF-8");
    Json json;
    if (!Any(&json, 0) || !AtEnd()) {
      return absl::InvalidArgumentError(
          absl::StrCat("malformed JSON at byte ", at_, fault_.empty() ? "" : ": ", fault_));
    }
    return json;
  }

 private:
  bool Fail(absl::string_view fault) {
    if (fault_.empty()) fault_ = std::string(fault);
    return false;
  }

  char Peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }

  void SkipSpace() {
    while (at_ < text_.size() &&
           std::string_view(" \t\r\n").find(text_[at_]) != std::string::npos) {
      ++at_;
    }
  }

  bool AtEnd() {
    SkipSpace();
    return at_ == text_.size() || Fail("something follows the value");
  }

  bool Take(char c) {
    SkipSpace();
    if (at_ == text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }

  bool Word(absl::string_view word) {
    if (text_.substr(at_, word.size()) != word) return Fail("a value should stand here");
    at_ += word.size();
    return true;
  }

  bool Any(Json* out, int depth) {
    if (depth > kDepthMax) return Fail("too deeply nested");
    SkipSpace();
    switch (Peek()) {
      case '{':
        return Members(out, depth);
      case '[':
        return Items(out, depth);
      case '"':
        out->kind = Json::Kind::kString;
        return String(&out->text);
      case 't':
      case 'f':
        out->kind = Json::Kind::kBool;
        out->boolean = Peek() == 't';
        return Word(out->boolean ? "true" : "false");
      case 'n':
        return Word("null");
      default:
        return Number(out);
    }
  }

  bool Members(Json* out, int depth) {
    out->kind = Json::Kind::kObject;
    Take('{');
    if (Take('}')) return true;
    do {
      SkipSpace();
      std::string name;
      if (Peek() != '"') return Fail("a name in quotes should stand here");
      if (!String(&name)) return false;
      if (!Take(':')) return Fail("a ':' should stand here");
      for (const auto& member : out->members) {
        if (member.name == name) return Fail(absl::StrCat("the name ", name, " stands twice"));
      }
      out->members.push_back({.name = std::move(name), .value = Json()});
      if (!Any(&out->members.back().value, depth + 1)) return false;
    } while (Take(','));
    return Take('}') || Fail("a ',' or '}' should stand here");
  }

  bool Items(Json* out, int depth) {
    out->kind = Json::Kind::kArray;
    Take('[');
    if (Take(']')) return true;
    do {
      out->items.emplace_back();
      if (!Any(&out->items.back(), depth + 1)) return false;
    } while (Take(','));
    return Take(']') || Fail("a ',' or ']' should stand here");
  }

  bool Digits() {
    const size_t begin = at_;
    while (absl::ascii_isdigit(static_cast<unsigned char>(Peek()))) ++at_;
    return at_ > begin || Fail("a digit should stand here");
  }

  bool Number(Json* out) {
    out->kind = Json::Kind::kNumber;
    const size_t begin = at_;
    if (Peek() == '-') ++at_;
    if (!absl::ascii_isdigit(static_cast<unsigned char>(Peek()))) {
      return Fail("a value should stand here");
    }
    if (Peek() == '0') {
      ++at_;
    } else {
      Digits();
    }
    if (Peek() == '.') {
      ++at_;
      if (!Digits()) return false;
    }
    if (Peek() == 'e' || Peek() == 'E') {
      ++at_;
      if (Peek() == '+' || Peek() == '-') ++at_;
      if (!Digits()) return false;
    }
    out->text = std::string(text_.substr(begin, at_ - begin));
    return true;
  }

  bool String(std::string* out) {
    ++at_;
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (static_cast<unsigned char>(c) < 0x20) return Fail("a control character in a text");
      ++at_;
      if (c == '"') return true;
      if (c != '\\') {
        out->push_back(c);
      } else if (!Escape(out)) {
        return false;
      }
    }
    return Fail("a text without its end");
  }

  bool Escape(std::string* out) {
    constexpr absl::string_view kNames = "\"\\/bfnrt";
    constexpr absl::string_view kMeanings = "\"\\/\b\f\n\r\t";
    const char name = Peek();
    ++at_;
    if (name == 'u') return UnicodeEscape(out);
    const size_t which = name == '\0' ? absl::string_view::npos : kNames.find(name);
    if (which == absl::string_view::npos) return Fail("an unknown escape");
    out->push_back(kMeanings[which]);
    return true;
  }

  std::optional<uint32_t> FourHex() {
    uint32_t value = 0;
    for (int i = 0; i < 4; ++i, ++at_) {
      const char c = absl::ascii_tolower(static_cast<unsigned char>(Peek()));
      if (!absl::ascii_isxdigit(static_cast<unsigned char>(c))) return std::nullopt;
      value = value * 16 + static_cast<uint32_t>(c <= '9' ? c - '0' : c - 'a' + 10);
    }
    return value;
  }

  bool UnicodeEscape(std::string* out) {
    auto point = FourHex();
    if (!point.has_value()) return Fail("four hex digits should stand here");
    if (*point >= 0xD800 && *point <= 0xDBFF && text_.substr(at_, 2) == "\\u") {
      at_ += 2;
      const auto low = FourHex();
      if (!low.has_value() || *low < 0xDC00 || *low > 0xDFFF) return Fail("half a character");
      point = 0x10000 + ((*point - 0xD800) << 10) + (*low - 0xDC00);
    }
    if (*point >= 0xD800 && *point <= 0xDFFF) return Fail("half a character");
    AppendUtf8(*point, out);
    return true;
  }

  const absl::string_view text_;
  size_t at_ = 0;
  std::string fault_;
};

}  // namespace

absl::StatusOr<Json> ParseJson(absl::string_view text) { return Reader(text).Document(); }

}  // namespace sluice::cli
