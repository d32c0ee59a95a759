// The JSON forms of scalars, appended to a buffer. Pure; the forms are protojson's, with the
// shortest digits for floating-point numbers.
#pragma once

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"

namespace sluice::gateway {

// `"text"` with what JSON wants escaped. False when the text is no UTF-8; `*out` then holds a part.
bool AppendJsonString(absl::string_view text, std::string* out);

void AppendInteger(int64_t value, std::string* out);
void AppendUnsigned(uint64_t value, std::string* out);
// 64-bit integers are strings in protojson.
void AppendQuotedInteger(int64_t value, std::string* out);
void AppendQuotedUnsigned(uint64_t value, std::string* out);

// As JavaScript writes numbers: an exponent below 1e-6 and from 1e21 on. `"NaN"`, `"Infinity"` and
// `"-Infinity"` are strings.
void AppendDouble(double value, std::string* out);
void AppendFloat(float value, std::string* out);

// The standard alphabet with padding, in quotes.
void AppendBase64(absl::string_view bytes, std::string* out);

}  // namespace sluice::gateway
