// What is known of a method before any call: its names, its policy and its metrics.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "server/auth/grants.h"
#include "server/base/metrics.h"

namespace sluice::rpc {

struct Method {
  // "sluice.v1.RowService", "GetRow"
  std::string service;
  std::string name;
  // Methods of ours only; health and reflection are for everyone.
  bool is_public = false;
  auth::Permission permission{};
  std::string permission_name;
  Metrics::Method metrics;
};

// Reads the method's options from its descriptor; `type` is what metrics call it: `unary`,
// `server_stream`, `bidi_stream`. Every RPC of ours must name a permission and an idempotency; one
// that does not ends the process, since it must not be served. Services of others are public.
Method DescribeMethod(absl::string_view service, absl::string_view name, absl::string_view type,
                      Metrics* metrics);

}  // namespace sluice::rpc
