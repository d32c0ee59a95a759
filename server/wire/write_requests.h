// From requests that write rows to the engine's words, and from what became of them to answers.
// See requests.h for what holds of all parsers.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "google/protobuf/message.h"
#include "server/engine/write.h"
#include "server/wire/buffer.h"
#include "server/wire/values.h"
#include "server/wire/write_result.h"
#include "sluice/v1/write.pb.h"

namespace sluice::wire {

// A write on its way: what was asked, what it points to besides the request, and what it has
// returned so far. Neither moved nor copied once `spec` has been handed over.
struct ParsedWrite {
  // How the answer is laid out.
  enum class Answer { kRows, kRow, kNothing, kCommit };
  Answer answer = Answer::kRows;
  engine::WriteSpec spec;
  std::unique_ptr<NaturalValues> values = std::make_unique<NaturalValues>();
  // The sinks of the mutations of each branch.
  std::vector<std::unique_ptr<WriteResult>> success;
  std::vector<std::unique_ptr<WriteResult>> failure;
  // What the caller must be allowed to do.
  bool reads = false;
  bool inserts = false;
  bool updates = false;
  bool deletes = false;
};

// INVALID_ARGUMENT for a value that is none.
absl::StatusOr<engine::Durability> ParseDurability(v1::Durability durability);

// Each is all of a request but its `database`.
absl::StatusOr<ParsedWrite> ParseWrite(const v1::InsertRowsRequest& request);
absl::StatusOr<ParsedWrite> ParseWrite(const v1::UpsertRowsRequest& request);
absl::StatusOr<ParsedWrite> ParseWrite(const v1::UpdateRowsRequest& request);
absl::StatusOr<ParsedWrite> ParseWrite(const v1::DeleteRowsRequest& request);
absl::StatusOr<ParsedWrite> ParseWrite(const v1::UpdateRowRequest& request);
absl::StatusOr<ParsedWrite> ParseWrite(const v1::DeleteRowRequest& request);
absl::StatusOr<ParsedWrite> ParseWrite(const v1::CommitRequest& request);

// What a write with a request id is known by; nothing without an id.
absl::StatusOr<std::optional<engine::ReceiptKey>> ParseReceiptKey(
    const google::protobuf::Message& request, const std::string& request_id,
    const std::string& caller);

// The answer without its commit token, as a receipt keeps it.
Buffer MakeAnswer(const ParsedWrite& write, const engine::WriteOutcome& outcome);
// The whole answer, from a receipt where there was one.
Buffer MakeWholeAnswer(const ParsedWrite& write, const engine::WriteOutcome& outcome);

}  // namespace sluice::wire
