#include "server/wire/order_by.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "server/base/error.h"
#include "server/base/limits.h"
#include "server/base/status.h"
#include "server/wire/filter_lexer.h"

namespace sluice::wire {
namespace {

using engine::OrderTerm;
using Kind = FilterToken::Kind;

constexpr char kField[] = "order_by";

bool IsWord(const FilterToken& token, absl::string_view word) {
  return token.is(Kind::kText) && absl::EqualsIgnoreCase(token.source, word);
}

absl::Status Limit(absl::string_view what, size_t limit) {
  return WithMetadata(WithField(Error(absl::StatusCode::kResourceExhausted, reason::kLimit,
                                      absl::StrCat("order_by: ", what)),
                                kField, what),
                      "limit", absl::StrCat(limit));
}

// One column with what follows it; `at` moves behind.
absl::StatusOr<OrderTerm> ParseTerm(const std::vector<FilterToken>& tokens, size_t* at) {
  const FilterToken& name = tokens[*at];
  if (!name.is(Kind::kText) && !name.is(Kind::kString)) {
    return BadFieldAt(kField, name.offset, "a column's name is missing");
  }
  OrderTerm term;
  term.column = name.text;
  term.offset = name.offset;
  ++*at;
  if (IsWord(tokens[*at], "asc") || IsWord(tokens[*at], "desc")) {
    term.descending = IsWord(tokens[*at], "desc");
    ++*at;
  }
  if (!IsWord(tokens[*at], "nulls")) return term;
  const FilterToken& where = tokens[*at + 1];
  if (!IsWord(where, "first") && !IsWord(where, "last")) {
    return BadFieldAt(kField, where.offset, "nulls come first or last");
  }
  term.nulls_first = IsWord(where, "first");
  *at += 2;
  return term;
}

}  // namespace

absl::StatusOr<std::vector<OrderTerm>> ParseOrderBy(absl::string_view text) {
  if (text.size() > limits::kFilterBytesMax) {
    return Limit("is too long", limits::kFilterBytesMax);
  }
  ASSIGN_OR_RETURN(const std::vector<FilterToken> tokens, LexFilter(text, kField));
  std::vector<OrderTerm> terms;
  size_t at = 0;
  while (true) {
    if (terms.size() == limits::kOrderTermsMax) {
      return Limit("has too many columns", limits::kOrderTermsMax);
    }
    ASSIGN_OR_RETURN(OrderTerm term, ParseTerm(tokens, &at));
    terms.push_back(std::move(term));
    if (tokens[at].is(Kind::kEnd)) return terms;
    if (!tokens[at].is(Kind::kComma)) {
      return BadFieldAt(kField, tokens[at].offset,
                        "a column may be followed by asc or desc, nulls first or nulls last, and a "
                        "comma; other names stand in quotes");
    }
    ++at;
  }
}

}  // namespace sluice::wire
