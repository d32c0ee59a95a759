// HTTP headers to gRPC metadata and back, by grpc-gateway's rules, with ours for what must not
// cross: what asserts an identity from outside, and what would frame the answer. Pure.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

#include "gateway/http.h"

namespace sluice::gateway {

// Keys in lower case. Values of keys that end in `-bin` are bytes.
using Metadata = std::vector<std::pair<std::string, std::string>>;

// * `Authorization` as itself;
// * the permanent HTTP request headers, and Range and If-Range, as `grpcgateway-<name>`;
// * `Grpc-Metadata-<key>` as `<key>`, except what gRPC or the gateway itself sets and `x-sluice-*`;
// * `traceparent`, `tracestate`, `baggage` as themselves;
// * `x-request-id`, `x-forwarded-for` (the caller's address at its end) and `x-forwarded-host`.
// INVALID_ARGUMENT for a `-Bin` header that is no base64.
absl::StatusOr<Metadata> MetadataFromRequest(const http::RequestHead& head,
                                             absl::string_view request_id);

// `<n><H|M|S|m|u|n>`.
absl::StatusOr<absl::Duration> ParseGrpcTimeout(absl::string_view text);

// `x-http-<name>` becomes the header `<name>` for the few names that a service may set (the body's
// length among them), everything else `Grpc-Metadata-<Key>`.
void AddMetadata(absl::string_view key, absl::string_view value, http::ResponseHead* head);

// The caller's X-Request-Id if it is a sensible one, else a new one.
std::string RequestIdFor(const http::RequestHead& head);

}  // namespace sluice::gateway
