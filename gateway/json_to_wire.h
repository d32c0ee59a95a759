// Protojson to protobuf wire bytes in one pass, strictly: a name twice, an unknown enum name, a
// number out of range, two members of one oneof and everything lenient parsers forgive are errors.
// Field names are taken in lowerCamelCase, as `json_name` says and as in the proto file.
//
// Pure but for the tables that it adds for the types inside google.protobuf.Any.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

#include "gateway/field_table.h"

namespace sluice::gateway {

struct JsonParseOptions {
  // Fields that the message does not have are skipped instead of refused.
  bool ignore_unknown_fields = false;
  // A number in a google.protobuf.Value that says more than its double becomes a tagged form:
  // `{"$real":1.0}` where it is spelled as a fraction but is a whole number, and
  // `{"$integer":"9007199254740993"}` beyond ±(2^53−1). Only for values, and those in their
  // outermost list or object: deeper ones are tagged forms already.
  bool exact_numbers = false;
};

// Appends the message's wire bytes. INVALID_ARGUMENT, with the path of the field that is wrong;
// `*out` then holds a part. At most 100 levels deep.
absl::Status JsonToWire(FieldTables* tables, const MessageTable& table, absl::string_view json,
                        const JsonParseOptions& options, std::string* out);

// The same where the JSON is the value of one field, as with `body: "field"`.
absl::Status JsonFieldToWire(FieldTables* tables, const FieldEntry& field, absl::string_view json,
                             const JsonParseOptions& options, std::string* out);

}  // namespace sluice::gateway
