// The only conversion from our errors to gRPC's.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "grpcpp/support/status.h"

namespace sluice::rpc {

// Code, message and a google.rpc.Status with ErrorInfo, BadRequest and RetryInfo as far as `status`
// carries them. An error without a reason is a fault of ours: callers get INTERNAL without the
// message, which goes to the log.
grpc::Status ToGrpcStatus(const absl::Status& status);

}  // namespace sluice::rpc
