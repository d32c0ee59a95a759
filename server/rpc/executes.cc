#include "server/rpc/executes.h"

#include <string>

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

}  // namespace sluice::rpc
