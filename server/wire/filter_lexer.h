// The words of filters and orders.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace sluice::wire {

struct FilterToken {
  enum class Kind {
    // Bare characters: a name, a number, a keyword, `*`. Never holds a dot.
    kText,
    // What stood between quotes, unescaped.
    kString,
    kDot,
    kComma,
    kOpen,
    kClose,
    // `=` `!=` `<` `<=` `>` `>=` `:`
    kComparator,
    kEnd,
  };
  Kind kind = Kind::kEnd;
  // As it stands in the source.
  absl::string_view source;
  // For kString what it says; else the same as `source`.
  std::string text;
  size_t offset = 0;

  size_t end() const { return offset + source.size(); }
  bool is(Kind wanted) const { return kind == wanted; }
  // A bare word, such as AND.
  bool is_word(absl::string_view word) const { return kind == Kind::kText && source == word; }
};

// The last one is kEnd. The tokens hold views of `source`. INVALID_ARGUMENT (BAD_REQUEST, `field`,
// with `offset`) for characters that have no place outside quotes, a string without an end, and a
// bad escape.
absl::StatusOr<std::vector<FilterToken>> LexFilter(absl::string_view source,
                                                   absl::string_view field);

}  // namespace sluice::wire
