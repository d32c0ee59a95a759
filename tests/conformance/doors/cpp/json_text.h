// JSON of requests, answers and errors on the lines of the C++ door. Pure functions.
#pragma once

#include <google/protobuf/message.h>

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace sluice::conformance {

// One call as a line names it: `method` is `Service/Method` of the package sluice.v1, `request` its
// message as JSON text.
struct Call {
  std::string address;
  std::string token;
  std::string method;
  std::string request;
};

// The messages of the answer as JSON texts joined by commas.
using Answer = absl::StatusOr<std::string>;

absl::Status ParseJson(const std::string& text, google::protobuf::Message* out);
std::string ToJson(const google::protobuf::Message& message);

// {"code","reason","metadata","fields","message"}.
std::string ErrorJson(const absl::Status& status);

}  // namespace sluice::conformance
