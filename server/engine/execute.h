// SQL of callers that writes. Such a member shares its transaction with no other.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "server/base/deadline.h"
#include "server/engine/kept_write.h"
#include "server/engine/query.h"
#include "server/engine/row_sink.h"

namespace sluice::engine {

struct StatementOutcome {
  // Rows that the statement itself inserted, updated or deleted.
  int64_t affected_count = 0;
  int64_t last_insert_rowid = 0;
  // It gave more rows than the sink was to take.
  bool truncated = false;
};

struct ExecuteOutcome {
  // One for each statement.
  std::vector<StatementOutcome> results;
  std::string commit_token;
  std::optional<std::string> replayed_response;
};

// Views into the request, which must live until the write is done.
struct ExecuteSpec {
  struct One {
    QuerySpec query;
    int64_t rows_max = 0;
    // Takes the columns and at most rows_max rows, and none once the sinks of all statements hold
    // kPageBytesMax.
    RowSink* sink = nullptr;
  };
  std::vector<One> statements;
  KeptWriteOptions options;
  // What the receipt keeps of the outcome, which has no commit token yet. On the writer's thread.
  std::function<std::string(const ExecuteOutcome&)> respond;
};

// Queues the statements as one write; see SubmitWrite. Errors carry the metadata `statement` when
// there are several: INVALID_ARGUMENT (SQL_ERROR, BAD_REQUEST) and what breaks a constraint.
using ExecuteDone = std::function<void(absl::StatusOr<ExecuteOutcome>)>;
absl::Status SubmitExecute(const std::shared_ptr<Database>& database, ExecuteSpec spec,
                           const Interrupt& interrupt, ExecuteDone done);

}  // namespace sluice::engine
