// A call's error as an HTTP answer: the status code by grpc-gateway's table, the body as
// google.rpc.Status in JSON with its details. Pure but for the field tables.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "grpcpp/support/status.h"

#include "gateway/field_table.h"

namespace sluice::gateway {

int HttpStatusOf(grpc::StatusCode code);

// An error that was found here, before any call: its reason and fields as details (see
// server/base/error.h). One without a reason is INTERNAL.
grpc::Status ToGrpcStatus(const absl::Status& status);

// `{"code":5,"message":"…","details":[…]}`; `details` is always there.
std::string StatusJson(FieldTables* tables, const grpc::Status& status);

// What google.rpc.RetryInfo among the details asks to wait, in whole seconds, rounded up.
std::optional<int64_t> RetryAfterSeconds(const grpc::Status& status);

}  // namespace sluice::gateway
