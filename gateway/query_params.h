// A URL's query string to the wire bytes of a request, as grpc-gateway reads it: dotted paths,
// repeated fields by repeating the key, maps as `m[key]=value`. Pure.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

#include "gateway/field_table.h"
#include "gateway/json_to_wire.h"
#include "gateway/service_routes.h"

namespace sluice::gateway {

struct QueryOptions {
  // Refuses parameters that no field has, instead of ignoring them; but not `_` and `utm_…`, which
  // browsers and links add.
  bool strict = false;
  // As in JsonParseOptions, where a parameter is JSON.
  JsonParseOptions json;
};

// Appends the fields. INVALID_ARGUMENT names the parameter that is wrong. Fields that the route's
// body or path gives are ignored.
absl::Status QueryToWire(FieldTables* tables, const Route& route, absl::string_view query,
                         const QueryOptions& options, std::string* out);

}  // namespace sluice::gateway
