// Routes from descriptors: every `google.api.http` binding of the chosen services, checked, with
// all names resolved. Methods without a binding get `POST /pkg.Service/Method` with the whole
// message as body. Methods that stream requests have no route.
#pragma once

#include <string>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/status/statusor.h"
#include "google/protobuf/descriptor.h"

#include "gateway/field_table.h"
#include "gateway/route_table.h"

namespace sluice::gateway {

// From a message to one of the fields in it: singular messages all but the last.
using FieldPath = std::vector<const FieldEntry*>;

struct Route {
  enum class Body { kNone, kWhole, kField };

  const google::protobuf::MethodDescriptor* method = nullptr;
  // `/pkg.Service/Method`.
  std::string rpc;
  const MessageTable* input = nullptr;
  const MessageTable* output = nullptr;
  Body body = Body::kNone;
  // For kField.
  const FieldEntry* body_field = nullptr;
  // What of the response is answered; null for all of it.
  const FieldEntry* response_field = nullptr;
  // For each variable of the path, in its order.
  std::vector<FieldPath> variables;
  // Fields that body and path give, as dotted proto names: not taken from the query.
  absl::flat_hash_set<std::string> bound;
  bool streams = false;
  // The body, or the answer, is a google.api.HttpBody: bytes as they are.
  bool raw_request = false;
  bool raw_response = false;
};

struct ServiceRoutes {
  std::vector<Route> routes;
  RouteTable table;
};

// INVALID_ARGUMENT, naming file and method, for a binding that cannot be served; NOT_FOUND for a
// service that the pool does not have. The pool and the tables outlive the result.
absl::StatusOr<ServiceRoutes> BuildRoutes(const google::protobuf::DescriptorPool& pool,
                                          const std::vector<std::string>& services,
                                          FieldTables* tables);

// Resolves `a.b.c` by the names that JSON takes. Empty when there is no such field or when
// something before the last is no singular message.
FieldPath ResolveFieldPath(const MessageTable& table, absl::string_view dotted);

// Whether one text can stand for the field's value: scalars, enums and the well-known types with
// a text or JSON form.
bool HasTextForm(const FieldEntry& field);

}  // namespace sluice::gateway
