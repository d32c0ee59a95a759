// google.protobuf.Timestamp, Duration and FieldMask from the texts that stand for them in JSON and
// in URLs. Pure.
#pragma once

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"

namespace sluice::gateway {

// 0001-01-01T00:00:00Z and 9999-12-31T23:59:59Z.
inline constexpr int64_t kTimestampSecondsMin = -62'135'596'800;
inline constexpr int64_t kTimestampSecondsMax = 253'402'300'799;
inline constexpr int64_t kDurationSecondsMax = 315'576'000'000;
inline constexpr int32_t kNanosMax = 999'999'999;

// Each appends the message's wire bytes; false when the text is malformed or out of range.

// RFC 3339, with `Z` or an offset and at most nine digits of a second.
bool AppendTimestampText(absl::string_view text, std::string* out);
// Seconds with at most nine digits behind the point and an `s`: `-1.5s`.
bool AppendDurationText(absl::string_view text, std::string* out);
// Paths in lowerCamelCase joined by commas; "" is the empty mask.
bool AppendFieldMaskText(absl::string_view text, std::string* out);

}  // namespace sluice::gateway
