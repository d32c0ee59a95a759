#include "server/sqlite/bounded_functions.h"

#include <sqlite3.h>

#include <algorithm>
#include <cstring>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/string_view.h"

namespace sluice::sqlite {
namespace {

bool Continues(char byte) { return (static_cast<unsigned char>(byte) & 0xc0) == 0x80; }

bool IsNull(sqlite3_value* value) { return sqlite3_value_type(value) == SQLITE_NULL; }

// Null data for NULL and when memory ran out.
absl::string_view Text(sqlite3_value* value) {
  const auto* text = reinterpret_cast<const char*>(sqlite3_value_text(value));
  if (text == nullptr) return {};
  return {text, static_cast<size_t>(sqlite3_value_bytes(value))};
}

absl::string_view Blob(sqlite3_value* value) {
  const auto* blob = static_cast<const char*>(sqlite3_value_blob(value));
  return {blob != nullptr ? blob : "", static_cast<size_t>(sqlite3_value_bytes(value))};
}

// memmem takes linear time, which string_view::find does not.
size_t Find(absl::string_view text, absl::string_view pattern, size_t from) {
  if (from > text.size()) return absl::string_view::npos;
  const void* const found =
      memmem(text.data() + from, text.size() - from, pattern.data(), pattern.size());
  return found == nullptr ? absl::string_view::npos
                          : static_cast<size_t>(static_cast<const char*>(found) - text.data());
}

// --- instr ---

void Instr(sqlite3_context* context, int, sqlite3_value** arguments) {
  if (IsNull(arguments[0]) || IsNull(arguments[1])) return;
  const bool bytes = sqlite3_value_type(arguments[0]) == SQLITE_BLOB &&
                     sqlite3_value_type(arguments[1]) == SQLITE_BLOB;
  const absl::string_view text = bytes ? Blob(arguments[0]) : Text(arguments[0]);
  const absl::string_view pattern = bytes ? Blob(arguments[1]) : Text(arguments[1]);
  if (text.data() == nullptr || pattern.data() == nullptr) {
    return sqlite3_result_error_nomem(context);
  }
  if (pattern.empty()) return sqlite3_result_int(context, 1);
  size_t at = absl::string_view::npos;
  if (bytes || !Continues(pattern[0])) {
    at = Find(text, pattern, 0);
  } else if (text.substr(0, pattern.size()) == pattern) {
    // What begins inside of a character is found nowhere but at the beginning.
    at = 0;
  }
  if (at == absl::string_view::npos) return sqlite3_result_int(context, 0);
  int64_t characters = 1;
  for (size_t i = 1; i <= at; ++i) characters += bytes || !Continues(text[i]) ? 1 : 0;
  sqlite3_result_int64(context, characters);
}

// --- replace ---

void Replace(sqlite3_context* context, int, sqlite3_value** arguments) {
  const absl::string_view text = Text(arguments[0]);
  const absl::string_view pattern = Text(arguments[1]);
  if (text.data() == nullptr || pattern.data() == nullptr) return;
  // As SQLite has it: a pattern that begins with NUL is an empty one.
  if (pattern.empty() || pattern[0] == '\0') {
    return sqlite3_result_text64(context, text.data(), text.size(), SQLITE_TRANSIENT, SQLITE_UTF8);
  }
  const absl::string_view with = Text(arguments[2]);
  if (with.data() == nullptr) return;
  size_t matches = 0;
  for (size_t at = Find(text, pattern, 0); at != absl::string_view::npos;
       at = Find(text, pattern, at + pattern.size())) {
    ++matches;
  }
  const size_t size = text.size() - matches * pattern.size() + matches * with.size();
  const int limit = sqlite3_limit(sqlite3_context_db_handle(context), SQLITE_LIMIT_LENGTH, -1);
  if (size > static_cast<size_t>(limit)) return sqlite3_result_error_toobig(context);
  auto* const result = static_cast<char*>(sqlite3_malloc64(size + 1));
  if (result == nullptr) return sqlite3_result_error_nomem(context);
  char* out = result;
  const auto append = [&out](absl::string_view part) {
    out = std::copy(part.begin(), part.end(), out);
  };
  size_t from = 0;
  for (size_t at = Find(text, pattern, 0); at != absl::string_view::npos;
       at = Find(text, pattern, from)) {
    append(text.substr(from, at - from));
    append(with);
    from = at + pattern.size();
  }
  append(text.substr(from));
  sqlite3_result_text64(context, result, size, sqlite3_free, SQLITE_UTF8);
}

// --- trim ---

using Characters = absl::flat_hash_set<absl::string_view>;

size_t FirstLength(absl::string_view text) {
  size_t length = 1;
  if (static_cast<unsigned char>(text[0]) < 0xc0) return length;
  while (length < text.size() && Continues(text[length])) ++length;
  return length;
}

size_t LastLength(absl::string_view text) {
  size_t length = 1;
  while (length < text.size() && Continues(text[text.size() - length])) ++length;
  return length;
}

enum class Side { kLeft = 1, kRight = 2, kBoth = 3 };

template <Side kSide>
void Trim(sqlite3_context* context, int, sqlite3_value** arguments) {
  absl::string_view text = Text(arguments[0]);
  absl::string_view set = Text(arguments[1]);
  if (text.data() == nullptr || set.data() == nullptr) return;
  // As SQLite has it: the set ends at a NUL.
  set = set.substr(0, set.find('\0'));
  Characters characters;
  while (!set.empty()) {
    const size_t length = FirstLength(set);
    characters.insert(set.substr(0, length));
    set.remove_prefix(length);
  }
  while (kSide != Side::kRight && !text.empty() &&
         characters.contains(text.substr(0, FirstLength(text)))) {
    text.remove_prefix(FirstLength(text));
  }
  while (kSide != Side::kLeft && !text.empty() &&
         characters.contains(text.substr(text.size() - LastLength(text)))) {
    text.remove_suffix(LastLength(text));
  }
  sqlite3_result_text64(context, text.data(), text.size(), SQLITE_TRANSIENT, SQLITE_UTF8);
}

}  // namespace

bool BoundFunctions(sqlite3* db) {
  struct Function {
    const char* name;
    int arguments;
    void (*call)(sqlite3_context*, int, sqlite3_value**);
  };
  static constexpr Function kFunctions[] = {{"instr", 2, Instr},
                                            {"replace", 3, Replace},
                                            {"trim", 2, Trim<Side::kBoth>},
                                            {"ltrim", 2, Trim<Side::kLeft>},
                                            {"rtrim", 2, Trim<Side::kRight>}};
  constexpr int kFlags = SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS;
  return std::all_of(std::begin(kFunctions), std::end(kFunctions), [db](const Function& function) {
    return sqlite3_create_function_v2(db, function.name, function.arguments, kFlags, nullptr,
                                      function.call, nullptr, nullptr, nullptr) == SQLITE_OK;
  });
}

}  // namespace sluice::sqlite
