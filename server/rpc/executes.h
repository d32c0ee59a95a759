// The writes of QueryService.
#pragma once

#include <memory>
#include <utility>

#include "server/base/status.h"
#include "server/rpc/call.h"
#include "server/rpc/services.h"
#include "server/wire/execute_requests.h"
#include "server/wire/write_requests.h"

namespace sluice::rpc {

// Queues the statements, whose answer comes when they are on disk.
absl::Status SubmitExecute(UnaryCall& call, std::shared_ptr<wire::ParsedExecute> execute,
                           const std::shared_ptr<engine::Database>& database);

// A stored query that writes, which must live as long as the work. PERMISSION_DENIED for callers
// who may only read.
absl::Status ExecuteStored(UnaryCall& call, const v1::RunQueryRequest& request,
                           const engine::StoredQuery& query,
                           const std::shared_ptr<engine::Database>& database,
                           engine::CallFacts facts, const engine::Ceilings& ceilings);

template <typename Request>
absl::Status Execute(const ServiceContext& context, UnaryCall& call, const Request& request) {
  auto execute = std::make_shared<wire::ParsedExecute>();
  ASSIGN_OR_RETURN(*execute, wire::ParseExecute(request));
  ASSIGN_OR_RETURN(execute->spec.options.receipt,
                   wire::ParseReceiptKey(request, request.request_id(), call.principal().name));
  execute->spec.options.caller = call.caller();
  ASSIGN_OR_RETURN(const auto database, context.registry->Find(request.database()));
  return SubmitExecute(call, std::move(execute), database);
}

}  // namespace sluice::rpc
