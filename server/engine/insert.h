// Adding rows.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "server/base/deadline.h"
#include "server/engine/database.h"
#include "server/engine/row_sink.h"

namespace sluice::engine {

// A request in the engine's words. Views into the request, which must live until the write is done.
struct InsertSpec {
  enum class Return { kNone, kKeys, kRows };
  struct Row {
    // Index into column_sets.
    size_t columns = 0;
    std::vector<sqlite::ValueView> values;
  };
  absl::string_view table;
  // Lists of columns that rows give, each list once.
  std::vector<std::vector<absl::string_view>> column_sets;
  std::vector<Row> rows;
  Return returned = Return::kKeys;
  // Bytes that the request holds in memory.
  size_t bytes = 0;
};

struct InsertOutcome {
  int64_t inserted_count = 0;
  std::string commit_token;
};

// Queues the rows as one write of the database. `sink` takes what `spec.returned` asks for: rows
// with keys, or rows of no values with keys. `done` is called exactly once, on the writer's thread,
// after the commit or with the error; when this returns an error, it is not called. `spec`'s views,
// `sink` and the flag of `interrupt` must live until then.
//
// Errors carry the metadata `row`, the index of the row they come from. INVALID_ARGUMENT for an
// unknown column, FAILED_PRECONDITION (READ_ONLY) for a generated column and a view that cannot be
// written.
using InsertDone = std::function<void(absl::StatusOr<InsertOutcome>)>;
absl::Status SubmitInsert(std::shared_ptr<Database> database, InsertSpec spec,
                          const Interrupt& interrupt, RowSink* sink, InsertDone done);

}  // namespace sluice::engine
