// Scalar values from text to the wire, shared by the JSON reader and by URLs. Pure.
#pragma once

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "google/protobuf/descriptor.h"

#include "gateway/field_table.h"
#include "gateway/wire.h"

namespace sluice::gateway {

// How one value of the type stands on the wire. Groups have none: kEndGroup.
WireType WireTypeOf(google::protobuf::FieldDescriptor::Type type);

// Whether the text is a number as JSON spells them.
bool IsJsonNumber(absl::string_view text);

// Appends a number of the type, without its tag. False when `text` is no JSON number, has a
// fraction that an integer type cannot hold, or is out of range. `1.0` and `1e3` are integers.
bool AppendNumberText(google::protobuf::FieldDescriptor::Type type, absl::string_view text,
                      std::string* out);
// The same for `NaN`, `Infinity`, `-Infinity`, for floating-point types.
bool AppendSpecialNumber(google::protobuf::FieldDescriptor::Type type, absl::string_view text,
                         std::string* out);
// An enum value by its name.
bool AppendEnumName(const EnumTable& enumeration, absl::string_view name, std::string* out);

// Appends what base64 stands for: standard or URL-safe alphabet, padded or not.
bool AppendBase64Decoded(absl::string_view text, std::string* out);

}  // namespace sluice::gateway
