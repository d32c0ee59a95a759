// What reads of every service share.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "server/base/status.h"
#include "server/engine/cross_read.h"
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

// Databases that a statement reads beside `own`, each as it is found.
inline absl::StatusOr<engine::OtherDatabases> FindOthers(const ServiceContext& context,
                                                         absl::string_view own,
                                                         const std::vector<std::string>& names) {
  RETURN_IF_ERROR(wire::CheckDatabases(own, names));
  engine::OtherDatabases others;
  for (const std::string& name : names) {
    ASSIGN_OR_RETURN(others.emplace_back(), context.registry->Find(name));
  }
  return others;
}

// The same for those that a request names.
template <typename Request>
absl::StatusOr<engine::OtherDatabases> FindOthers(const ServiceContext& context,
                                                  const Request& request) {
  return FindOthers(context, request.database(),
                    {request.databases().begin(), request.databases().end()});
}

}  // namespace sluice::rpc
