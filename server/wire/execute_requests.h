// From requests with SQL that writes to the engine's words, and from what became of them to
// answers. See requests.h for what holds of all parsers.
#pragma once

#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "server/engine/execute.h"
#include "server/engine/stored_query.h"
#include "server/wire/buffer.h"
#include "server/wire/message_encoder.h"
#include "sluice/v1/execute.pb.h"
#include "sluice/v1/query.pb.h"

namespace sluice::wire {

// A request on its way, and what its statements have returned so far. Neither moved nor copied once
// `spec` has been handed over.
struct ParsedExecute {
  // How the answer is laid out.
  enum class Answer { kExecute, kBatch, kStoredQuery };
  Answer answer = Answer::kExecute;
  engine::ExecuteSpec spec;
  // What a stored query's statement points to besides the request.
  std::unique_ptr<engine::StoredParameters> source;
  // One for each statement.
  std::vector<std::unique_ptr<MessageEncoder>> sinks;
};

// Each is all of a request but its `database`.
absl::StatusOr<ParsedExecute> ParseExecute(const v1::ExecuteRequest& request);
absl::StatusOr<ParsedExecute> ParseExecute(const v1::BatchExecuteRequest& request);
// A stored query that writes; `stored` must live as long as the work.
absl::StatusOr<ParsedExecute> ParseExecute(const v1::RunQueryRequest& request,
                                           const engine::StoredQuery& stored,
                                           engine::CallFacts facts);

// The answer without its commit token, as a receipt keeps it.
Buffer MakeAnswer(const ParsedExecute& execute, const engine::ExecuteOutcome& outcome);
// The whole answer, from a receipt where there was one.
Buffer MakeWholeAnswer(const ParsedExecute& execute, const engine::ExecuteOutcome& outcome);

}  // namespace sluice::wire
