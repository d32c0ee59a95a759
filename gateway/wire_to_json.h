// Protobuf wire bytes to protojson in one pass, without message objects: names in lowerCamelCase,
// fields in the order of their declaration, unset ones as EmitUnpopulated has them, 64-bit
// integers as strings, maps sorted by key. Messages whose fields come out of order or repeat, which
// no serializer writes, take a slower way to the same answer.
//
// Pure but for the tables that it adds for the types inside google.protobuf.Any.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

#include "gateway/field_table.h"

namespace sluice::gateway {

// Appends the message's JSON to `*out`. INTERNAL for malformed bytes, text that is no UTF-8, a
// value that JSON cannot say, and nesting beyond 100; `*out` then holds a part. What a
// google.protobuf.Any holds of a type that nobody knows becomes `"value"` in base64.
absl::Status WireToJson(FieldTables* tables, const MessageTable& table, absl::string_view wire,
                        std::string* out);

// The same for one field of the message alone, as `response_body` asks.
absl::Status WireFieldToJson(FieldTables* tables, const MessageTable& table,
                             const FieldEntry& field, absl::string_view wire, std::string* out);

}  // namespace sluice::gateway
