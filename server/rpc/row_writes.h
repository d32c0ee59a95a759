// The writes of RowService: what their handlers have in common is all of it.
#pragma once

#include <memory>
#include <utility>

#include "server/base/status.h"
#include "server/engine/registry.h"
#include "server/rpc/call.h"
#include "server/rpc/services.h"
#include "server/wire/write_requests.h"

namespace sluice::rpc {

// Queues the write, whose answer comes when it is on disk. PERMISSION_DENIED for a write that does
// more than its method asks leave for.
absl::Status SubmitWrite(UnaryCall& call, std::shared_ptr<wire::ParsedWrite> write,
                         const std::shared_ptr<engine::Database>& database);

template <typename Request>
absl::Status WriteRows(const ServiceContext& context, UnaryCall& call, const Request& request) {
  auto write = std::make_shared<wire::ParsedWrite>();
  ASSIGN_OR_RETURN(*write, wire::ParseWrite(request));
  write->spec.options.etag_secret = context.etag_secret;
  ASSIGN_OR_RETURN(write->spec.kept.receipt,
                   wire::ParseReceiptKey(request, request.request_id(), call.principal().name));
  write->spec.kept.caller = call.caller();
  ASSIGN_OR_RETURN(const auto database, context.registry->Find(request.database()));
  return SubmitWrite(call, std::move(write), database);
}

}  // namespace sluice::rpc
