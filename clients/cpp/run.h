// One call with one answer, and what every call checks.
#pragma once

#include <initializer_list>
#include <memory>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "clients/cpp/core.h"
#include "clients/cpp/rpc_status.h"
#include "clients/cpp/utf8.h"

namespace sluice::client {

template <typename Stub, typename Request, typename Response>
using Method = grpc::Status (Stub::*)(grpc::ClientContext*, const Request&, Response*);

template <typename Stub, typename Request, typename Response>
absl::StatusOr<Response> RunWithin(absl::Duration deadline, Core* core,
                                   const std::unique_ptr<Stub>& stub,
                                   Method<Stub, Request, Response> method, const Request& request) {
  Call call(core, deadline);
  Response response;
  auto status = FromGrpc((stub.get()->*method)(&call.context, request, &response));
  if (!status.ok()) return status;
  return response;
}

template <typename Stub, typename Request, typename Response>
absl::StatusOr<Response> Run(Core* core, const std::unique_ptr<Stub>& stub,
                             Method<Stub, Request, Response> method, const Request& request) {
  return RunWithin(core->options.deadline, core, stub, method, request);
}

// protobuf would only log, and send what the server cannot read.
inline absl::Status CheckUtf8(std::initializer_list<absl::string_view> texts) {
  for (const absl::string_view text : texts) {
    if (!IsValidUtf8(text)) {
      return absl::InvalidArgumentError("names and SQL must be UTF-8");
    }
  }
  return absl::OkStatus();
}

}  // namespace sluice::client
