// The changes of tables of CatalogService: what their handlers have in common is all of it.
#pragma once

#include <memory>
#include <utility>

#include "server/base/status.h"
#include "server/engine/registry.h"
#include "server/rpc/call.h"
#include "server/rpc/queue_tasks.h"
#include "server/rpc/services.h"
#include "server/wire/table_requests.h"

namespace sluice::rpc {

inline absl::Status Submit(const std::shared_ptr<engine::Database>& database,
                           engine::CreateTableSpec spec, const Interrupt& interrupt,
                           engine::TableDone done) {
  return engine::SubmitCreateTable(database, std::move(spec), interrupt, std::move(done));
}
inline absl::Status Submit(const std::shared_ptr<engine::Database>& database,
                           engine::AlterTableSpec spec, const Interrupt& interrupt,
                           engine::TableDone done) {
  return engine::SubmitAlterTable(database, std::move(spec), interrupt, std::move(done));
}
inline absl::Status Submit(const std::shared_ptr<engine::Database>& database,
                           engine::DropTableSpec spec, const Interrupt& interrupt,
                           engine::TableDone done) {
  return engine::SubmitDropTable(database, std::move(spec), interrupt, std::move(done));
}

// PERMISSION_DENIED for a change that does more than its method asks leave for.
template <typename Change>
absl::Status CheckPermissions(const auth::Principal& principal, const Change& change) {
  using auth::Permission;
  if (change.inserts) {
    RETURN_IF_ERROR(auth::CheckPermission(principal, Permission::kRowInsert, "row.insert"));
  }
  if (!change.deletes) return absl::OkStatus();
  return auth::CheckPermission(principal, Permission::kRowDelete, "row.delete");
}

// Queues the change, whose answer comes when it is on disk.
template <typename Spec>
absl::Status SubmitChange(UnaryCall& call, std::shared_ptr<wire::ParsedTableChange<Spec>> change,
                          const std::shared_ptr<engine::Database>& database) {
  change->spec.respond = [](const engine::TableOutcome& outcome) {
    return std::string(wire::MakeAnswer<Spec>(outcome).view());
  };
  Spec spec = std::move(change->spec);
  // `change` keeps what the spec points to.
  return Submit(database, std::move(spec), call.interrupt(),
                [&call, change = std::move(change)](absl::StatusOr<engine::TableOutcome> outcome) {
                  call.environment().answers->Post([&call, change, outcome = std::move(outcome)] {
                    if (!outcome.ok()) return call.Finish(outcome.status(), wire::Buffer());
                    call.Finish(absl::OkStatus(), wire::MakeWholeAnswer<Spec>(*outcome));
                  });
                });
}

template <typename Spec, typename Request>
absl::Status ChangeTable(const ServiceContext& context, UnaryCall& call, const Request& request) {
  auto change = std::make_shared<wire::ParsedTableChange<Spec>>();
  ASSIGN_OR_RETURN(*change, wire::ParseTableChange(request));
  RETURN_IF_ERROR(CheckPermissions(call.principal(), *change));
  ASSIGN_OR_RETURN(change->spec.options.receipt,
                   wire::ParseReceiptKey(request, request.request_id(), call.principal().name));
  change->spec.options.caller = call.caller();
  ASSIGN_OR_RETURN(const auto database, context.registry->Find(request.database()));
  return SubmitChange<Spec>(call, std::move(change), database);
}

}  // namespace sluice::rpc
