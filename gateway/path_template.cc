#include "gateway/path_template.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

#include "gateway/percent.h"
#include "server/base/status.h"

namespace sluice::gateway {
namespace {

bool IsIdentStart(char c) { return absl::ascii_isalpha(static_cast<unsigned char>(c)) || c == '_'; }
bool IsIdent(char c) { return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '_'; }

// What a literal may hold besides escapes: RFC 3986 pchar and everything beyond ASCII, but no colon
// where a verb could begin.
bool IsLiteral(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte >= 0x80 || absl::ascii_isalnum(byte) ||
         absl::string_view("-._~!$&'()+,;=@").find(c) != absl::string_view::npos;
}

class Parser {
 public:
  explicit Parser(absl::string_view text) : text_(text) {}

  absl::StatusOr<PathTemplate> Parse() {
    if (!Take('/')) return Fail("it must begin with '/'");
    if (!AtEnd()) {
      RETURN_IF_ERROR(ParseSegments(/*in_variable=*/false));
      RETURN_IF_ERROR(ParseVerb());
    }
    if (!AtEnd()) return Fail("unexpected character");
    RETURN_IF_ERROR(CheckRest());
    return std::move(result_);
  }

 private:
  bool AtEnd() const { return at_ == text_.size(); }
  char Peek() const { return AtEnd() ? '\0' : text_[at_]; }
  bool Take(char c) {
    if (AtEnd() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  absl::Status Fail(absl::string_view what) const {
    return absl::InvalidArgumentError(
        absl::StrCat("path template \"", text_, "\": ", what, " at offset ", at_));
  }

  absl::Status ParseSegments(bool in_variable) {
    do {
      RETURN_IF_ERROR(ParseSegment(in_variable));
    } while (Take('/'));
    return absl::OkStatus();
  }

  absl::Status ParseSegment(bool in_variable) {
    if (Peek() == '{') {
      return in_variable ? Fail("a variable within a variable") : ParseVariable();
    }
    PathSegment segment;
    if (Take('*')) {
      segment.kind = Take('*') ? PathSegment::Kind::kRest : PathSegment::Kind::kOne;
    } else {
      RETURN_IF_ERROR(ParseLiteral(/*in_verb=*/false, in_variable, &segment.literal));
    }
    result_.segments.push_back(std::move(segment));
    return absl::OkStatus();
  }

  // A colon begins the verb when it is the template's last, or follows a variable or a wildcard;
  // any other is a part of the literal.
  bool ColonIsLiteral(bool in_verb, bool in_variable) const {
    if (in_verb) return true;
    return !in_variable && text_.find(':', at_ + 1) != absl::string_view::npos &&
           text_.find_first_of("/{}*", at_) == absl::string_view::npos;
  }

  absl::Status ParseLiteral(bool in_verb, bool in_variable, std::string* literal) {
    const size_t begin = at_;
    while (!AtEnd()) {
      const char c = Peek();
      const bool colon = c == ':' && at_ > begin && ColonIsLiteral(in_verb, in_variable);
      if (!IsLiteral(c) && c != '%' && !colon) break;
      ++at_;
    }
    if (at_ == begin) return Fail(in_verb ? "an empty verb" : "an empty or malformed segment");
    if (!NormalizeLiteral(text_.substr(begin, at_ - begin), literal)) {
      return Fail("a malformed percent-escape");
    }
    return absl::OkStatus();
  }

  absl::Status ParseVariable() {
    Take('{');
    PathVariable variable;
    do {
      const size_t begin = at_;
      if (!IsIdentStart(Peek())) return Fail("a malformed field name");
      while (IsIdent(Peek())) ++at_;
      absl::StrAppend(&variable.field_path, variable.field_path.empty() ? "" : ".",
                      text_.substr(begin, at_ - begin));
    } while (Take('.'));
    variable.begin = result_.segments.size();
    if (Take('=')) {
      RETURN_IF_ERROR(ParseSegments(/*in_variable=*/true));
    } else {
      result_.segments.push_back({PathSegment::Kind::kOne, ""});
    }
    if (!Take('}')) return Fail("an unclosed variable");
    variable.end = result_.segments.size();
    variable.single = variable.end == variable.begin + 1 &&
                      result_.segments.back().kind != PathSegment::Kind::kRest;
    for (const PathVariable& other : result_.variables) {
      if (other.field_path == variable.field_path) return Fail("the same variable twice");
    }
    result_.variables.push_back(std::move(variable));
    return absl::OkStatus();
  }

  absl::Status ParseVerb() {
    if (!Take(':')) return absl::OkStatus();
    return ParseLiteral(/*in_verb=*/true, /*in_variable=*/false, &result_.verb);
  }

  absl::Status CheckRest() const {
    bool rest = false;
    for (const PathSegment& segment : result_.segments) {
      if (rest && segment.kind != PathSegment::Kind::kLiteral) {
        return Fail("only literals may follow '**'");
      }
      rest = rest || segment.kind == PathSegment::Kind::kRest;
    }
    return absl::OkStatus();
  }

  const absl::string_view text_;
  size_t at_ = 0;
  PathTemplate result_;
};

}  // namespace

absl::StatusOr<PathTemplate> ParsePathTemplate(absl::string_view text) {
  return Parser(text).Parse();
}

}  // namespace sluice::gateway
