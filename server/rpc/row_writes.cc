#include "server/rpc/row_writes.h"

#include <string>

#include "server/rpc/queue_tasks.h"

namespace sluice::rpc {
namespace {

absl::Status CheckPermissions(const auth::Principal& principal, const wire::ParsedWrite& write) {
  using auth::Permission;
  if (write.reads) {
    RETURN_IF_ERROR(auth::CheckPermission(principal, Permission::kRowRead, "row.read"));
  }
  if (write.inserts) {
    RETURN_IF_ERROR(auth::CheckPermission(principal, Permission::kRowInsert, "row.insert"));
  }
  if (write.updates) {
    RETURN_IF_ERROR(auth::CheckPermission(principal, Permission::kRowUpdate, "row.update"));
  }
  if (write.deletes) {
    RETURN_IF_ERROR(auth::CheckPermission(principal, Permission::kRowDelete, "row.delete"));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status SubmitWrite(UnaryCall& call, std::shared_ptr<wire::ParsedWrite> write,
                         const std::shared_ptr<engine::Database>& database) {
  RETURN_IF_ERROR(CheckPermissions(call.principal(), *write));
  write->spec.respond = [raw = write.get()](const engine::WriteOutcome& outcome) {
    return std::string(wire::MakeAnswer(*raw, outcome).view());
  };
  engine::WriteSpec spec = std::move(write->spec);
  return engine::SubmitWrite(
      database, std::move(spec), call.interrupt(),
      [&call, write = std::move(write)](absl::StatusOr<engine::WriteOutcome> outcome) {
        call.environment().answers->Post([&call, write, outcome = std::move(outcome)] {
          if (!outcome.ok()) return call.Finish(outcome.status(), wire::Buffer());
          call.Finish(absl::OkStatus(), wire::MakeWholeAnswer(*write, *outcome));
        });
      });
}

}  // namespace sluice::rpc
