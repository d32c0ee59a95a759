#include "server/rpc/executes.h"

#include <algorithm>
#include <string>
#include <utility>

#include "server/rpc/queue_tasks.h"

namespace sluice::rpc {

absl::Status SubmitExecute(UnaryCall& call, std::shared_ptr<wire::ParsedExecute> execute,
                           const std::shared_ptr<engine::Database>& database) {
  for (engine::ExecuteSpec::One& one : execute->spec.statements) {
    one.query.known_caller = !call.principal().anonymous;
  }
  execute->spec.respond = [raw = execute.get()](const engine::ExecuteOutcome& outcome) {
    return std::string(wire::MakeAnswer(*raw, outcome).view());
  };
  engine::ExecuteSpec spec = std::move(execute->spec);
  return engine::SubmitExecute(
      database, std::move(spec), call.interrupt(),
      [&call, execute = std::move(execute)](absl::StatusOr<engine::ExecuteOutcome> outcome) {
        call.environment().answers->Post([&call, execute, outcome = std::move(outcome)] {
          if (!outcome.ok()) return call.Finish(outcome.status(), wire::Buffer());
          call.Finish(absl::OkStatus(), wire::MakeWholeAnswer(*execute, *outcome));
        });
      });
}

absl::Status ExecuteStored(UnaryCall& call, const v1::RunQueryRequest& request,
                           const engine::StoredQuery& query,
                           const std::shared_ptr<engine::Database>& database,
                           engine::CallFacts facts, const engine::Ceilings& ceilings) {
  RETURN_IF_ERROR(auth::CheckPermission(call.principal(), auth::Permission::kStoredQueryWrite,
                                        "query.stored.write"));
  auto execute = std::make_shared<wire::ParsedExecute>();
  ASSIGN_OR_RETURN(*execute, wire::ParseExecute(request, query, std::move(facts)));
  engine::ExecuteSpec::One& statement = execute->spec.statements[0];
  statement.rows_max = std::min(statement.rows_max, ceilings.rows);
  statement.query.time_max = ceilings.statement_time;
  ASSIGN_OR_RETURN(execute->spec.options.receipt,
                   wire::ParseReceiptKey(request, request.request_id(), call.principal().name));
  execute->spec.options.caller = call.caller();
  return SubmitExecute(call, std::move(execute), database);
}

}  // namespace sluice::rpc
