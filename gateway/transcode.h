// HTTP to protobuf and back for one route, without a socket or a call. Pure but for the field
// tables.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

#include "gateway/json_to_wire.h"
#include "gateway/query_params.h"
#include "gateway/service_routes.h"

namespace sluice::gateway {

struct TranscodeOptions {
  JsonParseOptions json;
  QueryOptions query;
};

// What of an HTTP request becomes the message.
struct RequestParts {
  // Of the path's variables, decoded.
  std::vector<std::string> values;
  absl::string_view query;
  absl::string_view content_type;
  absl::string_view body;
};

// The request's wire bytes: body, then query, then path, so that the path wins. INVALID_ARGUMENT
// says what is wrong.
absl::StatusOr<std::string> RequestToWire(FieldTables* tables, const Route& route,
                                          const RequestParts& parts,
                                          const TranscodeOptions& options);

// Whether a body of that type is read: JSON under its usual names, no name, and the form type that
// `curl -d` sends along with any text.
bool TakesContentType(const Route& route, absl::string_view content_type);

// Appends the answer's JSON: the message, or the field of it that the route answers.
absl::Status ResponseToJson(FieldTables* tables, const Route& route, absl::string_view wire,
                            std::string* out);

// A google.api.HttpBody's parts, as views into `wire`. False when malformed.
struct RawBody {
  absl::string_view content_type;
  absl::string_view bytes;
};
bool ParseHttpBody(absl::string_view wire, RawBody* body);

}  // namespace sluice::gateway
