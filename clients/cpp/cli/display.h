// Texts for a terminal: nothing of what a database holds may move the cursor, and columns line up
// whatever the script. Pure functions, safe from any thread.
#pragma once

#include <cstddef>
#include <string>

#include "absl/strings/string_view.h"
#include "clients/cpp/value.h"

namespace sluice::cli {

// Control characters, line breaks and what turns the direction of writing are escaped (`\n`, `\t`,
// `\u{202E}`), bytes that are not UTF-8 too (`\xFF`).
std::string EscapeForTerminal(absl::string_view text);

// Whether a terminal would do something with a character: control characters, and what turns the
// direction of writing.
bool MovesTerminal(char32_t c);

// Cells that an escaped text takes.
size_t DisplayWidth(absl::string_view text);

// `text` cut to `width` cells, its last one `…` when something is left out.
std::string CutToWidth(absl::string_view text, size_t width);

// A value in one line: NULL, numbers as in JSON, texts escaped, the first bytes of blobs.
std::string DisplayValue(const Value& value);

// The terminal's width in cells, or 0 when the standard output is none.
size_t TerminalWidth();

}  // namespace sluice::cli
