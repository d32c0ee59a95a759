// Percent-encoding of URLs. Pure functions.
#pragma once

#include <string>

#include "absl/strings/string_view.h"

namespace sluice::gateway {

// What a decoding leaves as it is.
enum class Keep {
  kNothing,
  kSlashes,  // `%2F` stays, so that a value of several segments keeps their borders.
};

// Appends the decoded text. False for a malformed escape; `*out` is then unspecified.
bool PercentDecode(absl::string_view text, Keep keep, std::string* out);
// The same for one part of a query string, where `+` is a space.
bool QueryDecode(absl::string_view text, std::string* out);

// One spelling for all equal path literals: unreserved characters plain, everything else that is
// escaped with upper-case digits. False for a malformed escape.
bool NormalizeLiteral(absl::string_view text, std::string* out);

}  // namespace sluice::gateway
