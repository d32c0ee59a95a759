// What reads of every service share.
#pragma once

#include <memory>

#include "absl/status/statusor.h"
#include "server/base/status.h"
#include "server/engine/registry.h"
#include "server/rpc/call.h"
#include "server/rpc/services.h"
#include "server/wire/requests.h"

namespace sluice::rpc {

// The database of the request, once it holds the commit that the request asks for. May wait: not on
// the queue's thread.
template <typename Request>
absl::StatusOr<std::shared_ptr<engine::Database>> FindForRead(const ServiceContext& context,
                                                              const Call& call,
                                                              const Request& request) {
  ASSIGN_OR_RETURN(auto database, context.registry->Find(request.database()));
  if (request.min_commit_token().empty()) return database;
  ASSIGN_OR_RETURN(const auto token, wire::ParseMinCommitToken(request.min_commit_token()));
  RETURN_IF_ERROR(context.commit_waits->Await(*database, token, call.interrupt()));
  return database;
}

}  // namespace sluice::rpc
