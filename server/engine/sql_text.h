// SQL as text: its tokens, and values as literals. For definitions, whose parts cannot be bound.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "server/sqlite/value.h"

namespace sluice::engine {

// A view into the text.
struct SqlToken {
  enum class Kind {
    // A keyword, a bare name or a number.
    kWord,
    // A name in "…", `…` or […].
    kQuotedName,
    // A text '…' or a blob x'…'.
    kLiteral,
    // One character.
    kSymbol,
    // A quote or a comment without its end.
    kUnended,
  };
  Kind kind = Kind::kSymbol;
  absl::string_view text;

  // Whether it is this bare word, in any case.
  bool is_word(absl::string_view word) const;
  bool is_symbol(char symbol) const { return kind == Kind::kSymbol && text[0] == symbol; }
  // What it names, without quotes.
  std::string name() const;
};

// Without spaces and comments; `comments`, when not null, says whether there were any.
std::vector<SqlToken> Tokenize(absl::string_view sql, bool* comments = nullptr);

// INVALID_ARGUMENT (BAD_REQUEST) for a text that, put in parentheses, could be more or less than
// one expression: unbalanced, unended, with a semicolon or a comment, or empty.
absl::Status CheckExpression(absl::string_view sql, absl::string_view field);

// The value as a literal. INVALID_ARGUMENT for a text that none can hold.
absl::StatusOr<std::string> LiteralSql(const sqlite::ValueView& value, absl::string_view field);

// Names quoted, with commas between.
std::string QuotedNames(const std::vector<std::string>& names);

}  // namespace sluice::engine
