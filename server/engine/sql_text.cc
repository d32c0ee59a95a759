#include "server/engine/sql_text.h"

#include <cmath>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "server/base/error.h"
#include "server/sqlite/quote.h"

namespace sluice::engine {
namespace {

bool IsWordByte(char c) {
  return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '$' ||
         static_cast<unsigned char>(c) >= 0x80;
}

// The length of what stands in quotes at the start of `sql`; npos when it does not end.
size_t QuotedLength(absl::string_view sql, size_t open) {
  const char close = sql[open] == '[' ? ']' : sql[open];
  for (size_t i = open + 1; i < sql.size(); ++i) {
    if (sql[i] != close) continue;
    const bool doubled = close != ']' && i + 1 < sql.size() && sql[i + 1] == close;
    if (!doubled) return i + 1;
    ++i;
  }
  return absl::string_view::npos;
}

// The length of the comment at the start of `sql`, 0 when there is none, npos when it does not end.
size_t CommentLength(absl::string_view sql) {
  if (absl::StartsWith(sql, "--")) {
    const size_t end = sql.find('\n');
    return end == absl::string_view::npos ? sql.size() : end + 1;
  }
  if (!absl::StartsWith(sql, "/*")) return 0;
  const size_t end = sql.find("*/", 2);
  return end == absl::string_view::npos ? end : end + 2;
}

SqlToken NextToken(absl::string_view sql) {
  using Kind = SqlToken::Kind;
  const char c = sql[0];
  const bool blob = (c == 'x' || c == 'X') && sql.size() > 1 && sql[1] == '\'';
  if (blob || c == '\'' || c == '"' || c == '`' || c == '[') {
    const size_t length = QuotedLength(sql, blob ? 1 : 0);
    if (length == absl::string_view::npos) return {Kind::kUnended, sql};
    return {blob || c == '\'' ? Kind::kLiteral : Kind::kQuotedName, sql.substr(0, length)};
  }
  if (!IsWordByte(c)) return {Kind::kSymbol, sql.substr(0, 1)};
  size_t length = 1;
  while (length < sql.size() && IsWordByte(sql[length])) ++length;
  return {Kind::kWord, sql.substr(0, length)};
}

}  // namespace

bool SqlToken::is_word(absl::string_view word) const {
  return kind == Kind::kWord && absl::EqualsIgnoreCase(text, word);
}

std::string SqlToken::name() const {
  if (kind != Kind::kQuotedName && kind != Kind::kLiteral) return std::string(text);
  const absl::string_view inside = text.substr(1, text.size() - 2);
  if (text[0] == '[') return std::string(inside);
  const std::string quote(1, text[0]);
  return absl::StrReplaceAll(inside, {{quote + quote, quote}});
}

std::vector<SqlToken> Tokenize(absl::string_view sql, bool* comments) {
  std::vector<SqlToken> tokens;
  if (comments != nullptr) *comments = false;
  while (true) {
    sql = absl::StripLeadingAsciiWhitespace(sql);
    if (sql.empty()) return tokens;
    const size_t comment = CommentLength(sql);
    if (comment > 0 && comments != nullptr) *comments = true;
    if (comment == absl::string_view::npos) {
      tokens.push_back({SqlToken::Kind::kUnended, sql});
      return tokens;
    }
    if (comment == 0) tokens.push_back(NextToken(sql));
    sql.remove_prefix(comment > 0 ? comment : tokens.back().text.size());
  }
}

absl::Status CheckExpression(absl::string_view sql, absl::string_view field) {
  if (sql.find('\0') != absl::string_view::npos) return BadField(field, "holds NUL");
  bool comments = false;
  const std::vector<SqlToken> tokens = Tokenize(sql, &comments);
  if (tokens.empty()) return BadField(field, "is empty");
  if (comments) return BadField(field, "holds a comment");
  int depth = 0;
  for (const SqlToken& token : tokens) {
    depth += token.is_symbol('(') ? 1 : token.is_symbol(')') ? -1 : 0;
    if (token.kind == SqlToken::Kind::kUnended || token.is_symbol(';') || depth < 0) {
      return BadField(field, "is not one expression");
    }
  }
  return depth == 0 ? absl::OkStatus() : BadField(field, "is not one expression");
}

absl::StatusOr<std::string> LiteralSql(const sqlite::ValueView& value, absl::string_view field) {
  switch (value.type) {
    case sqlite::StorageClass::kInteger:
      return absl::StrCat(value.integer);
    case sqlite::StorageClass::kReal:
      if (std::isinf(value.real)) return std::string(value.real > 0 ? "9e999" : "-9e999");
      return absl::StrFormat("%#.17g", value.real);
    case sqlite::StorageClass::kText:
      if (value.bytes.find('\0') != absl::string_view::npos) {
        return BadField(field, "is a text that holds NUL");
      }
      return absl::StrCat("'", absl::StrReplaceAll(value.bytes, {{"'", "''"}}), "'");
    case sqlite::StorageClass::kBlob:
      return absl::StrCat("x'", absl::BytesToHexString(value.bytes), "'");
    case sqlite::StorageClass::kNull:
      return std::string("NULL");
  }
  return std::string("NULL");
}

std::string QuotedNames(const std::vector<std::string>& names) {
  return absl::StrJoin(names, ", ", [](std::string* out, const std::string& name) {
    absl::StrAppend(out, sqlite::QuoteIdentifier(name));
  });
}

}  // namespace sluice::engine
