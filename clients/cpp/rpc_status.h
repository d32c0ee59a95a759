// From gRPC's errors to absl::Status, once for the whole library. Details of google.rpc become
// payloads under their type URL, which is what DetailsOf reads. Pure functions, safe from any
// thread.
#pragma once

#include <grpcpp/support/status.h>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace sluice::client {

absl::Status FromGrpc(const grpc::Status& status);

// An error that this library found itself, with one of the reasons of sluice::client_reason.
absl::Status ClientError(absl::StatusCode code, absl::string_view reason,
                         absl::string_view message);

}  // namespace sluice::client
