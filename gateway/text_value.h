// One text as the value of a field, as paths and query strings give it.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

#include "gateway/field_table.h"
#include "gateway/json_to_wire.h"
#include "gateway/service_routes.h"

namespace sluice::gateway {

// Appends the field, tag and all; for a repeated field one element. INVALID_ARGUMENT when the text
// is no value of its type.
absl::Status AppendTextField(FieldTables* tables, const FieldEntry& field, absl::string_view text,
                             const JsonParseOptions& json, std::string* out);

// The same for the key of a map.
bool AppendTextMapKey(const FieldEntry& key, absl::string_view text, std::string* out);

// Appends `field`, the wire bytes of a path's last field, inside the messages before it. What is
// appended later wins, and merges with what the messages hold already.
void AppendNested(const FieldPath& path, std::string field, std::string* out);

}  // namespace sluice::gateway
