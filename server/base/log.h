// The log: one line an event on standard error, `time level message key=value …`, values quoted
// where they need it. Thread-safe; a line is written with one call. Secrets, SQL text and
// parameters never go in.
#pragma once

#include <initializer_list>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace sluice {

enum class LogLevel { kDebug, kInfo, kWarning, kError };

struct LogField {
  LogField(absl::string_view key_in, const absl::AlphaNum& value_in)
      : key(key_in), value(value_in.Piece()) {}
  absl::string_view key;
  std::string value;
};

// Lines below `level` are dropped. Info at first.
void SetLogLevel(LogLevel level);
// Debug, info, warning or error; false for another word.
bool ParseLogLevel(absl::string_view text, LogLevel* level);

void Log(LogLevel level, absl::string_view message, std::initializer_list<LogField> fields = {});

// The line as Log writes it, without its time. For tests.
std::string FormatLogLine(LogLevel level, absl::string_view message,
                          std::initializer_list<LogField> fields);

}  // namespace sluice
