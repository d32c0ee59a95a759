// Writes of rows: mutations of several tables with preconditions, as one member of the writer's
// groups.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "server/base/deadline.h"
#include "server/engine/database.h"
#include "server/engine/kept_write.h"
#include "server/engine/mutation.h"
#include "server/engine/precondition.h"

namespace sluice::engine {

struct WriteOutcome {
  // Whether all preconditions held, and so which branch was run.
  bool succeeded = true;
  // One for each mutation of that branch.
  std::vector<MutationOutcome> results;
  // Empty for a write that was only validated.
  std::string commit_token;
  // When this is what an earlier request was answered: what its `respond` gave.
  std::optional<std::string> replayed_response;
};

// A request in the engine's words. Views into the request, which must live until the write is done.
struct WriteSpec {
  std::vector<Precondition> preconditions;
  std::vector<Mutation> success;
  // Run when a precondition does not hold; without any, the write then fails (ABORTED, CONFLICT).
  std::vector<Mutation> failure;
  MutationOptions options;
  KeptWriteOptions kept;
  // What the receipt keeps of the outcome, which has no commit token yet. On the writer's thread.
  std::function<std::string(const WriteOutcome&)> respond;
};

// Queues the write. `done` is called exactly once, on the writer's thread, after the commit or with
// the error; when this returns an error, it is not called. The views and sinks of `spec` and the
// flag of `interrupt` must live until then.
//
// Errors are ApplyMutation's, with the metadata `mutation` when there are several, and ABORTED
// (CONFLICT) with the metadata `precondition`.
using WriteDone = std::function<void(absl::StatusOr<WriteOutcome>)>;
absl::Status SubmitWrite(const std::shared_ptr<Database>& database, WriteSpec spec,
                         const Interrupt& interrupt, WriteDone done);

}  // namespace sluice::engine
