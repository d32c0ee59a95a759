#include "server/sqlite/error.h"

#include <sqlite3.h>

#include <algorithm>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "server/base/error.h"
#include "server/base/limits.h"

namespace sluice::sqlite {
namespace {

using absl::StatusCode;

std::string After(absl::string_view words, absl::string_view message) {
  const size_t found = message.find(words);
  return found == absl::string_view::npos ? "" : std::string(message.substr(found + words.size()));
}

// "UNIQUE constraint failed: t.a, t.b" -> "t.a, t.b"
std::string AfterColon(absl::string_view message) { return After(": ", message); }

// Cut before the character that would not fit.
absl::string_view Shortened(absl::string_view text, size_t bytes_max) {
  if (text.size() <= bytes_max) return text;
  size_t end = bytes_max;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;
  return text.substr(0, end);
}

bool IsOneOf(absl::string_view word, absl::Span<const absl::string_view> words) {
  return std::any_of(words.begin(), words.end(),
                     [&](absl::string_view each) { return absl::EqualsIgnoreCase(each, word); });
}

// Operators that are words. An expression of more than one word has one.
bool IsOperator(absl::string_view word) {
  static constexpr absl::string_view kOperators[] = {
      "and",  "or",      "not",    "is",      "in",      "like",   "glob", "match", "regexp",
      "null", "between", "isnull", "notnull", "collate", "exists", "case", "cast"};
  return IsOneOf(word, kOperators);
}

bool IsInWord(char c) {
  return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '$' ||
         static_cast<unsigned char>(c) >= 0x80;
}

// SQLite names a CHECK that has no name by its expression, which is not for callers.
bool IsConstraintName(absl::string_view text) {
  if (!std::all_of(text.begin(), text.end(), [](char c) { return c == ' ' || IsInWord(c); })) {
    return false;
  }
  const std::vector<absl::string_view> words = absl::StrSplit(text, ' ', absl::SkipEmpty());
  return std::none_of(words.begin(), words.end(), IsOperator);
}

// What stands in quotes, or else one character, is taken from the front.
void SkipOne(absl::string_view* sql) {
  const char first = sql->front();
  const char close = first == '['                                    ? ']'
                     : first == '\'' || first == '"' || first == '`' ? first
                                                                     : '\0';
  const size_t end = close == '\0' ? 0 : sql->find(close, 1);
  sql->remove_prefix(end == absl::string_view::npos ? sql->size() : end + 1);
}

// "length(name) < 9 AND kind IN ('a', 'b')" -> "name, kind": the bare names of an expression, which
// are columns of the row.
std::string ColumnsIn(absl::string_view sql) {
  static constexpr absl::string_view kOthers[] = {"when", "then", "else",  "end", "escape",
                                                  "from", "true", "false", "as",  "distinct"};
  std::vector<absl::string_view> columns;
  absl::string_view before;
  while (!sql.empty()) {
    if (!IsInWord(sql.front())) {
      SkipOne(&sql);
      continue;
    }
    const absl::string_view word = sql.substr(
        0, static_cast<size_t>(std::find_if_not(sql.begin(), sql.end(), IsInWord) - sql.begin()));
    sql.remove_prefix(word.size());
    const absl::string_view rest = absl::StripLeadingAsciiWhitespace(sql);
    const bool called = absl::StartsWith(rest, "(");
    const bool prefix = absl::StartsWith(sql, "'") || absl::StartsWith(rest, ".");
    const bool type =
        absl::EqualsIgnoreCase(before, "as") || absl::EqualsIgnoreCase(before, "collate");
    before = word;
    if (called || prefix || type || absl::ascii_isdigit(static_cast<unsigned char>(word[0])) ||
        IsOperator(word) || IsOneOf(word, kOthers) || IsOneOf(word, columns)) {
      continue;
    }
    columns.push_back(word);
  }
  return absl::StrJoin(columns, ", ");
}

absl::Status CheckFailed(absl::string_view message) {
  const std::string constraint = AfterColon(message);
  if (IsConstraintName(constraint)) {
    return WithMetadata(Error(StatusCode::kFailedPrecondition, reason::kCheck, message),
                        "constraint", constraint);
  }
  absl::Status status =
      Error(StatusCode::kFailedPrecondition, reason::kCheck, "CHECK constraint failed");
  const std::string columns = ColumnsIn(constraint);
  return columns.empty() ? status : WithMetadata(std::move(status), "columns", columns);
}

absl::Status ConstraintError(int code, absl::string_view message) {
  switch (code) {
    case SQLITE_CONSTRAINT_UNIQUE:
    case SQLITE_CONSTRAINT_PRIMARYKEY:
    case SQLITE_CONSTRAINT_ROWID:
      return WithMetadata(Error(StatusCode::kAlreadyExists, reason::kUnique, message), "columns",
                          AfterColon(message));
    case SQLITE_CONSTRAINT_NOTNULL:
      return WithMetadata(Error(StatusCode::kFailedPrecondition, reason::kNotNull, message),
                          "columns", AfterColon(message));
    case SQLITE_CONSTRAINT_CHECK:
      return CheckFailed(message);
    case SQLITE_CONSTRAINT_FOREIGNKEY:
      return Error(StatusCode::kFailedPrecondition, reason::kForeignKey, message);
    case SQLITE_CONSTRAINT_TRIGGER:
      return Error(StatusCode::kFailedPrecondition, reason::kTrigger, message);
    case SQLITE_CONSTRAINT_DATATYPE:
      // "cannot store TEXT value in INTEGER column t.a"
      return WithMetadata(Error(StatusCode::kFailedPrecondition, reason::kDatatype, message),
                          "columns", After(" column ", message));
    case SQLITE_CONSTRAINT_COMMITHOOK:
      return Error(StatusCode::kInternal, reason::kInternal, "the write ended its transaction");
    default:
      return Error(StatusCode::kFailedPrecondition, reason::kCheck, message);
  }
}

absl::Status StatementError(sqlite3* db, absl::string_view message) {
  absl::Status status = Error(StatusCode::kInvalidArgument, reason::kSqlError, message);
  const int offset = sqlite3_error_offset(db);
  return offset < 0 ? status : WithMetadata(std::move(status), "offset", absl::StrCat(offset));
}

}  // namespace

absl::Status ErrorFrom(sqlite3* db, int code) {
  if (code == SQLITE_OK || code == SQLITE_ROW || code == SQLITE_DONE) return absl::OkStatus();
  const int extended = db != nullptr && (code & 0xff) == (sqlite3_extended_errcode(db) & 0xff)
                           ? sqlite3_extended_errcode(db)
                           : code;
  const char* text = db != nullptr ? sqlite3_errmsg(db) : nullptr;
  const absl::string_view message =
      Shortened(text != nullptr ? text : sqlite3_errstr(code), limits::kErrorMessageBytesMax);
  switch (extended & 0xff) {
    case SQLITE_CONSTRAINT:
      return ConstraintError(extended, message);
    case SQLITE_MISMATCH:
      return Error(StatusCode::kFailedPrecondition, reason::kDatatype, message);
    case SQLITE_READONLY:
      return Error(StatusCode::kFailedPrecondition, reason::kReadOnly, "the database is read-only");
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_PROTOCOL:
    case SQLITE_SCHEMA:
      return WithRetryAfter(Error(StatusCode::kUnavailable, reason::kOverloaded,
                                  "the database is locked by another process"),
                            absl::Milliseconds(500));
    case SQLITE_NOMEM:
      // At prepare this is also what a statement beyond SQLITE_LIMIT_VDBE_OP gives.
      return Error(StatusCode::kResourceExhausted, reason::kLimit,
                   "the statement needs more than the server allows");
    case SQLITE_TOOBIG:
      return Error(StatusCode::kResourceExhausted, reason::kLimit,
                   "a value, a row or the statement is larger than the server allows here");
    case SQLITE_FULL:
      return Error(StatusCode::kResourceExhausted, reason::kDiskFull, "the server's disk is full");
    case SQLITE_CORRUPT:
      return Error(StatusCode::kDataLoss, reason::kCorrupt, "the database file is damaged");
    case SQLITE_NOTADB:
      return Error(StatusCode::kDataLoss, reason::kCorrupt, "the file is not a SQLite database");
    case SQLITE_CANTOPEN:
      return Error(StatusCode::kUnavailable, reason::kNotServed,
                   "the database file cannot be opened");
    case SQLITE_INTERRUPT:
      return Error(StatusCode::kCancelled, reason::kCancelled, "the statement was interrupted");
    case SQLITE_RANGE:
      return Error(StatusCode::kInvalidArgument, reason::kBadRequest,
                   "a parameter's position is out of range");
    case SQLITE_ERROR:
    case SQLITE_AUTH:
      return StatementError(db, message);
    default:
      return WithMetadata(Error(StatusCode::kInternal, reason::kInternal, "SQLite failed"),
                          "sqlite_code", absl::StrCat(extended));
  }
}

bool IsCorruption(const absl::Status& status) { return ReasonOf(status) == reason::kCorrupt; }

}  // namespace sluice::sqlite
