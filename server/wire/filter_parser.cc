#include "server/wire/filter_parser.h"

#include <algorithm>
#include <charconv>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "server/base/error.h"
#include "server/base/limits.h"
#include "server/base/status.h"
#include "server/wire/filter_lexer.h"

namespace sluice::wire {
namespace {

using engine::Filter;
using Kind = FilterToken::Kind;
using sqlite::Value;
using sqlite::ValueView;

constexpr char kFunctions[] =
    "contains, startsWith, endsWith, like, glob, in, isNull, isBlank, arrayContains, date, through";

absl::Status Wrong(size_t offset, absl::string_view what) {
  return BadFieldAt("filter", offset, what);
}

absl::Status TooLarge(absl::string_view what, int64_t limit) {
  const std::string message = absl::StrCat(what, " (at most ", limit, ")");
  return WithMetadata(WithField(Error(absl::StatusCode::kResourceExhausted, reason::kLimit,
                                      absl::StrCat("filter: ", message)),
                                "filter", message),
                      "limit", absl::StrCat(limit));
}

// A function that is a condition by itself.
struct Predicate {
  absl::string_view name;
  Filter::Kind kind;
  // Of what follows the column.
  int arguments;
  // Whether they are texts, in which numbers are read as they are written.
  bool texts;
};
constexpr int kAnyNumber = -1;
constexpr Predicate kPredicates[] = {
    {"contains", Filter::Kind::kContains, 1, true},
    {"startsWith", Filter::Kind::kStartsWith, 1, true},
    {"endsWith", Filter::Kind::kEndsWith, 1, true},
    {"like", Filter::Kind::kLike, 1, true},
    {"glob", Filter::Kind::kGlob, 1, true},
    {"in", Filter::Kind::kIn, kAnyNumber, false},
    {"isNull", Filter::Kind::kIsNull, 0, false},
    {"isBlank", Filter::Kind::kIsBlank, 0, false},
    {"arrayContains", Filter::Kind::kArrayContains, 1, false},
};

Filter::Comparison ComparisonOf(absl::string_view sign) {
  if (sign == "=") return Filter::Comparison::kEqual;
  if (sign == "!=") return Filter::Comparison::kNotEqual;
  if (sign == "<") return Filter::Comparison::kLess;
  if (sign == "<=") return Filter::Comparison::kLessOrEqual;
  return sign == ">" ? Filter::Comparison::kGreater : Filter::Comparison::kGreaterOrEqual;
}

// `-?[0-9]+`
bool ReadsLikeInteger(absl::string_view text) {
  absl::ConsumePrefix(&text, "-");
  return !text.empty() && text.find_first_not_of("0123456789") == absl::string_view::npos;
}

// Numbers, `true`, `false` and `null`; every other bare word is a text.
absl::StatusOr<Value> BareValue(absl::string_view text, size_t offset) {
  if (text == "null") return Value();
  if (text == "true" || text == "false") return Value(ValueView::Integer(text == "true" ? 1 : 0));
  if (ReadsLikeInteger(text)) {
    int64_t integer = 0;
    if (!absl::SimpleAtoi(text, &integer)) {
      return Wrong(offset, "the integer does not fit 64 bits; with an exponent it is a real");
    }
    return Value(ValueView::Integer(integer));
  }
  double real = 0;
  const bool digit =
      absl::ascii_isdigit(static_cast<unsigned char>(text.back())) || text.back() == '.';
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), real);
  if (digit && end == text.data() + text.size()) {
    if (error != std::errc()) return Wrong(offset, "the number is out of range");
    return Value(ValueView::Real(real));
  }
  return Value(ValueView::Text(text));
}

// Recursive descent over AIP-160's grammar, in which OR binds closer than AND.
class Parser {
 public:
  Parser(absl::string_view source, std::vector<FilterToken> tokens)
      : source_(source), tokens_(std::move(tokens)) {}

  absl::StatusOr<Filter> Parse() {
    if (here().is(Kind::kEnd)) return Wrong(0, "holds no condition");
    ASSIGN_OR_RETURN(Filter filter, Expression());
    if (!here().is(Kind::kEnd)) return Unexpected();
    return filter;
  }

 private:
  const FilterToken& here() const { return tokens_[at_]; }
  const FilterToken& next() const { return tokens_[std::min(at_ + 1, tokens_.size() - 1)]; }
  // Without space between this token and the next.
  bool touches_next() const { return here().end() == next().offset; }
  FilterToken Take() { return tokens_[at_ + 1 < tokens_.size() ? at_++ : at_]; }

  absl::Status Unexpected() const {
    if (here().is(Kind::kEnd)) return Wrong(here().offset, "the filter ends too early");
    return Wrong(here().offset, absl::StrCat(here().source, " has no place here"));
  }

  // sequence {AND sequence}, where a sequence is factors side by side, which all must hold too.
  absl::StatusOr<Filter> Expression() {
    if (++depth_ > limits::kFilterDepthMax) {
      return TooLarge("too many levels of parentheses", limits::kFilterDepthMax);
    }
    Filter all{.kind = Filter::Kind::kAnd, .offset = here().offset};
    while (true) {
      ASSIGN_OR_RETURN(Filter factor, Factor());
      all.parts.push_back(std::move(factor));
      if (here().is_word("AND")) {
        Take();
      } else if (here().is(Kind::kEnd) || here().is(Kind::kClose) || here().is(Kind::kComma)) {
        break;
      }
    }
    --depth_;
    return Unwrapped(std::move(all));
  }

  // term {OR term}
  absl::StatusOr<Filter> Factor() {
    Filter any{.kind = Filter::Kind::kOr, .offset = here().offset};
    while (true) {
      ASSIGN_OR_RETURN(Filter term, Term());
      any.parts.push_back(std::move(term));
      if (!here().is_word("OR")) break;
      Take();
    }
    return Unwrapped(std::move(any));
  }

  static Filter Unwrapped(Filter filter) {
    if (filter.parts.size() != 1) return filter;
    Filter only = std::move(filter.parts[0]);
    return only;
  }

  // [NOT | -] simple
  absl::StatusOr<Filter> Term() {
    const size_t offset = here().offset;
    bool negated = false;
    if (here().is_word("NOT")) {
      Take();
      negated = true;
    } else if (here().is(Kind::kText) && here().source[0] == '-') {
      negated = true;
      FilterToken& token = tokens_[at_];
      if (token.source.size() == 1) {
        if (!touches_next()) return Unexpected();
        Take();
      } else {
        token.source.remove_prefix(1);
        token.text.erase(0, 1);
        ++token.offset;
      }
    }
    ASSIGN_OR_RETURN(Filter simple, Simple());
    if (!negated) return simple;
    Filter inverse{.kind = Filter::Kind::kNot, .offset = offset};
    inverse.parts.push_back(std::move(simple));
    return inverse;
  }

  // restriction | ( expression )
  absl::StatusOr<Filter> Simple() {
    if (here().is(Kind::kOpen)) return Composite();
    if (++terms_ > limits::kFilterTermsMax) {
      return TooLarge("too many conditions and values", limits::kFilterTermsMax);
    }
    if (!here().is(Kind::kText) && !here().is(Kind::kString)) return Unexpected();
    if (here().is_word("AND") || here().is_word("OR") || here().is_word("NOT")) return Unexpected();
    if (IsCall()) return Call();
    Filter node{.kind = Filter::Kind::kCompare, .offset = here().offset};
    RETURN_IF_ERROR(Column(&node));
    return Restriction(std::move(node));
  }

  bool IsCall() const { return here().is(Kind::kText) && next().is(Kind::kOpen) && touches_next(); }

  absl::StatusOr<Filter> Composite() {
    Take();
    ASSIGN_OR_RETURN(Filter inner, Expression());
    RETURN_IF_ERROR(Expect(Kind::kClose, "a ) is missing"));
    return inner;
  }

  absl::Status Expect(Kind kind, absl::string_view what) {
    if (!here().is(kind)) return Wrong(here().offset, what);
    Take();
    return absl::OkStatus();
  }

  // A column's name, or date(name).
  absl::Status Operand(Filter* node) {
    if (!IsCall()) return Column(node);
    if (here().source != "date")
      return Wrong(here().offset, "only date() stands in a column's place");
    Take();
    Take();
    node->date = true;
    RETURN_IF_ERROR(Column(node));
    return Expect(Kind::kClose, "date() takes one column");
  }

  absl::Status Column(Filter* node) {
    if (!here().is(Kind::kText) && !here().is(Kind::kString)) {
      return Wrong(here().offset, "a column's name is missing");
    }
    node->offset = here().offset;
    node->column = Take().text;
    if (here().is(Kind::kDot)) {
      return Wrong(here().offset, "columns have no fields; a name with a dot stands in quotes");
    }
    return absl::OkStatus();
  }

  // What follows the subject: a comparator and a value.
  absl::StatusOr<Filter> Restriction(Filter node) {
    if (!here().is(Kind::kComparator)) {
      return Wrong(node.offset,
                   "a word alone is no condition: compare a column with a value, or use "
                   "`search` for words");
    }
    const FilterToken comparator = Take();
    if (here().is(Kind::kComparator)) return Unexpected();
    const size_t offset = here().offset;
    if (comparator.source == ":") return Has(std::move(node));
    node.comparison = ComparisonOf(comparator.source);
    ASSIGN_OR_RETURN(Value value, Argument());
    const bool equality = node.comparison == Filter::Comparison::kEqual ||
                          node.comparison == Filter::Comparison::kNotEqual;
    if (value.view().is_null() && !equality) return Wrong(offset, "null has no order");
    node.values.push_back(std::move(value));
    return node;
  }

  absl::StatusOr<Filter> Has(Filter node) {
    const size_t begin = here().offset;
    if (here().is_word("*")) {
      Take();
      Filter present{.kind = Filter::Kind::kNot, .offset = node.offset};
      node.kind = Filter::Kind::kIsNull;
      present.parts.push_back(std::move(node));
      return present;
    }
    node.kind = Filter::Kind::kHas;
    const bool string = here().is(Kind::kString);
    ASSIGN_OR_RETURN(Value value, Argument());
    if (value.view().is_null()) return Wrong(begin, "use isNull() to look for null");
    std::string text(string ? value.view().bytes : SourceFrom(begin));
    RETURN_IF_ERROR(CheckPattern(text, begin));
    node.values.push_back(std::move(value));
    node.values.emplace_back(ValueView::Text(text));
    return node;
  }

  absl::string_view SourceFrom(size_t begin) const {
    return source_.substr(begin, tokens_[at_ - 1].end() - begin);
  }

  // One value: a string, base64("…"), or bare words and dots without space between them.
  absl::StatusOr<Value> Argument() {
    if (++terms_ > limits::kFilterTermsMax) {
      return TooLarge("too many conditions and values", limits::kFilterTermsMax);
    }
    if (here().is(Kind::kString)) return Value(ValueView::Text(Take().text));
    if (IsCall()) return Base64();
    if (!here().is(Kind::kText) && !here().is(Kind::kDot)) {
      return Wrong(here().offset, "a value is missing");
    }
    const size_t begin = here().offset;
    while (touches_next() && (next().is(Kind::kText) || next().is(Kind::kDot))) Take();
    Take();
    return BareValue(SourceFrom(begin), begin);
  }

  absl::StatusOr<Value> Base64() {
    if (here().source != "base64") {
      return Wrong(here().offset, "only base64(\"…\") stands in a value's place; quote a text");
    }
    Take();
    Take();
    const size_t offset = here().offset;
    std::string bytes;
    if (!here().is(Kind::kString) || !absl::Base64Unescape(Take().text, &bytes)) {
      return Wrong(offset, "base64() takes bytes in base64, in quotes");
    }
    RETURN_IF_ERROR(Expect(Kind::kClose, "base64() takes one string"));
    return Value(ValueView::Blob(bytes));
  }

  absl::StatusOr<Filter> Call() {
    const FilterToken name = here();
    if (name.source == "date") {
      Filter node{.kind = Filter::Kind::kCompare};
      RETURN_IF_ERROR(Operand(&node));
      return Restriction(std::move(node));
    }
    if (name.source == "through") return Through();
    for (const Predicate& predicate : kPredicates) {
      if (predicate.name == name.source) return Call(predicate);
    }
    return Wrong(name.offset, absl::StrCat("there is no function called ", name.source,
                                           "; there are ", kFunctions));
  }

  absl::StatusOr<Filter> Call(const Predicate& predicate) {
    Take();
    Take();
    Filter node{.kind = predicate.kind};
    RETURN_IF_ERROR(Operand(&node));
    const size_t offset = node.offset;
    while (here().is(Kind::kComma)) {
      Take();
      const size_t begin = here().offset;
      const bool bare = here().is(Kind::kText);
      ASSIGN_OR_RETURN(Value value, Argument());
      if (predicate.texts) {
        if (bare && !IsBlob(value)) value = Value(ValueView::Text(SourceFrom(begin)));
        if (IsBlob(value)) return Wrong(begin, absl::StrCat(predicate.name, "() takes a text"));
        RETURN_IF_ERROR(CheckPattern(value.view().bytes, begin));
      }
      node.values.push_back(std::move(value));
    }
    const auto count = static_cast<int>(node.values.size());
    if (predicate.arguments == kAnyNumber ? count == 0 : count != predicate.arguments) {
      return Wrong(offset, absl::StrCat(predicate.name, "() takes a column and ",
                                        predicate.arguments == kAnyNumber ? "values"
                                        : predicate.arguments == 0        ? "nothing else"
                                                                          : "one value"));
    }
    RETURN_IF_ERROR(Expect(Kind::kClose, "a ) is missing"));
    if (here().is(Kind::kComparator)) {
      return Wrong(here().offset, absl::StrCat(predicate.name, "() is a condition by itself"));
    }
    return node;
  }

  static bool IsBlob(const Value& value) {
    return value.view().type == sqlite::StorageClass::kBlob;
  }

  // What LIKE and GLOB look for. They read a text up to its first NUL.
  static absl::Status CheckPattern(absl::string_view text, size_t offset) {
    if (text.find('\0') != absl::string_view::npos) return Wrong(offset, "holds a NUL character");
    if (text.size() <= limits::kFilterPatternBytesMax) return absl::OkStatus();
    return WithMetadata(TooLarge("the text to look for has too many bytes",
                                 static_cast<int64_t>(limits::kFilterPatternBytesMax)),
                        "offset", absl::StrCat(offset));
  }

  // through(table, (condition)), through(table.column, (condition))
  absl::StatusOr<Filter> Through() {
    Take();
    Take();
    Filter node{.kind = Filter::Kind::kThrough, .offset = here().offset};
    if (!here().is(Kind::kText) && !here().is(Kind::kString)) {
      return Wrong(here().offset, "through() takes a table and a condition in parentheses");
    }
    node.table = Take().text;
    if (here().is(Kind::kDot)) {
      Take();
      if (!here().is(Kind::kText) && !here().is(Kind::kString)) {
        return Wrong(here().offset, "a column's name is missing");
      }
      node.column = Take().text;
    }
    RETURN_IF_ERROR(Expect(Kind::kComma, "through() takes a table and a condition in parentheses"));
    if (!here().is(Kind::kOpen)) {
      return Wrong(here().offset, "through() takes a condition in parentheses");
    }
    ASSIGN_OR_RETURN(Filter condition, Composite());
    node.parts.push_back(std::move(condition));
    RETURN_IF_ERROR(Expect(Kind::kClose, "a ) is missing"));
    return node;
  }

  const absl::string_view source_;
  std::vector<FilterToken> tokens_;
  size_t at_ = 0;
  int depth_ = 0;
  int terms_ = 0;
};

}  // namespace

absl::StatusOr<engine::Filter> ParseFilter(absl::string_view text) {
  if (text.size() > limits::kFilterBytesMax) {
    return TooLarge("too many bytes", static_cast<int64_t>(limits::kFilterBytesMax));
  }
  ASSIGN_OR_RETURN(std::vector<FilterToken> tokens, LexFilter(text, "filter"));
  return Parser(text, std::move(tokens)).Parse();
}

}  // namespace sluice::wire
