// JSON as text.
#pragma once

#include "absl/strings/string_view.h"
#include "server/sqlite/value.h"
#include "server/wire/buffer.h"

namespace sluice::wire {

// A JSON string with its quotes. Ill-formed UTF-8 becomes U+FFFD.
void PutJsonString(Buffer& out, absl::string_view text);

// A value in natural JSON: numbers as numbers (a REAL always with a fraction or an exponent),
// integers beyond ±(2^53−1) as strings when asked, infinities as the strings "Infinity" and
// "-Infinity", a blob as
// {"$base64":true,"encoded":"…"} and a text that is not UTF-8 as {"$raw_text":"…"} in base64.
void PutNaturalJson(Buffer& out, const sqlite::ValueView& value, bool int64_as_string);

// The shortest decimal that reads back as the same double, with a fraction or an exponent. Not for
// NaN.
void PutReal(Buffer& out, double real);

}  // namespace sluice::wire
