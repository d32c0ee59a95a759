#include "gateway/well_known_text.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_split.h"
#include "absl/time/civil_time.h"

#include "gateway/wire.h"

namespace sluice::gateway {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// Takes exactly `digits` digits off the front.
bool TakeDigits(absl::string_view* text, size_t digits, int64_t* value) {
  if (text->size() < digits) return false;
  *value = 0;
  for (size_t i = 0; i < digits; ++i) {
    if (!IsDigit((*text)[i])) return false;
    *value = *value * 10 + ((*text)[i] - '0');
  }
  text->remove_prefix(digits);
  return true;
}

bool TakeChar(absl::string_view* text, char c) {
  if (text->empty() || text->front() != c) return false;
  text->remove_prefix(1);
  return true;
}

// `.5` or nothing, as nanoseconds.
bool TakeFraction(absl::string_view* text, int64_t* nanos) {
  *nanos = 0;
  if (!TakeChar(text, '.')) return true;
  size_t digits = 0;
  while (digits < text->size() && IsDigit((*text)[digits])) ++digits;
  if (digits == 0 || digits > 9 || !TakeDigits(text, digits, nanos)) return false;
  for (; digits < 9; ++digits) *nanos *= 10;
  return true;
}

bool TakeOffset(absl::string_view* text, int64_t* seconds) {
  *seconds = 0;
  if (TakeChar(text, 'Z')) return true;
  const bool west = TakeChar(text, '-');
  if (!west && !TakeChar(text, '+')) return false;
  int64_t hours = 0;
  int64_t minutes = 0;
  if (!TakeDigits(text, 2, &hours) || !TakeChar(text, ':') || !TakeDigits(text, 2, &minutes) ||
      hours > 23 || minutes > 59) {
    return false;
  }
  *seconds = (hours * 60 + minutes) * (west ? -60 : 60);
  return true;
}

void AppendSecondsAndNanos(int64_t seconds, int64_t nanos, std::string* out) {
  if (seconds != 0) {
    AppendTag(1, WireType::kVarint, out);
    AppendVarint(static_cast<uint64_t>(seconds), out);
  }
  if (nanos != 0) {
    AppendTag(2, WireType::kVarint, out);
    AppendVarint(static_cast<uint64_t>(nanos), out);
  }
}

}  // namespace

bool AppendTimestampText(absl::string_view text, std::string* out) {
  int64_t year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0, nanos = 0, offset = 0;
  const bool parsed =
      TakeDigits(&text, 4, &year) && TakeChar(&text, '-') && TakeDigits(&text, 2, &month) &&
      TakeChar(&text, '-') && TakeDigits(&text, 2, &day) && TakeChar(&text, 'T') &&
      TakeDigits(&text, 2, &hour) && TakeChar(&text, ':') && TakeDigits(&text, 2, &minute) &&
      TakeChar(&text, ':') && TakeDigits(&text, 2, &second) && TakeFraction(&text, &nanos) &&
      TakeOffset(&text, &offset) && text.empty();
  if (!parsed) return false;
  const absl::CivilSecond civil(year, static_cast<int>(month), static_cast<int>(day),
                                static_cast<int>(hour), static_cast<int>(minute),
                                static_cast<int>(second));
  // CivilSecond carries over what is out of range: then it is not what was written.
  if (civil.month() != month || civil.day() != day || civil.hour() != hour ||
      civil.minute() != minute || civil.second() != second) {
    return false;
  }
  const int64_t seconds = civil - absl::CivilSecond(1970, 1, 1) - offset;
  if (seconds < kTimestampSecondsMin || seconds > kTimestampSecondsMax) return false;
  AppendSecondsAndNanos(seconds, nanos, out);
  return true;
}

bool AppendDurationText(absl::string_view text, std::string* out) {
  const bool negative = TakeChar(&text, '-');
  size_t digits = 0;
  while (digits < text.size() && IsDigit(text[digits])) ++digits;
  int64_t seconds = 0;
  int64_t nanos = 0;
  if (digits == 0 || digits > 12 || !TakeDigits(&text, digits, &seconds) ||
      !TakeFraction(&text, &nanos) || text != "s" || seconds > kDurationSecondsMax) {
    return false;
  }
  AppendSecondsAndNanos(negative ? -seconds : seconds, negative ? -nanos : nanos, out);
  return true;
}

bool AppendFieldMaskText(absl::string_view text, std::string* out) {
  if (text.empty()) return true;
  for (const absl::string_view path : absl::StrSplit(text, ',')) {
    std::string snake;
    for (const char c : path) {
      const auto byte = static_cast<unsigned char>(c);
      if (c == '_' || !(absl::ascii_isalnum(byte) || c == '.')) return false;
      if (absl::ascii_isupper(byte)) snake.push_back('_');
      snake.push_back(static_cast<char>(absl::ascii_tolower(byte)));
    }
    if (snake.empty()) return false;
    AppendBytesField(1, snake, out);
  }
  return true;
}

}  // namespace sluice::gateway
