// Rows that are loaded in parts, each of which is one write that also keeps how far the load has
// come: so a load that breaks is resumed, and no row is added twice.
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

namespace sluice::engine {

// Where a load stands. All counts are of the whole load.
struct LoadProgress {
  // Rows that have been taken: those that were written or left out.
  int64_t rows = 0;
  int64_t inserted = 0;
  int64_t updated = 0;
  int64_t ignored = 0;
  int64_t failed = 0;
  bool done = false;

  // For the receipt.
  std::string Encode() const;
  static std::optional<LoadProgress> Decode(absl::string_view text);
};

// Gives rows one after another. One thread at a time.
class RowFeed {
 public:
  virtual ~RowFeed() = default;
  // Back to before the first row.
  virtual absl::Status Rewind() = 0;
  // The next row's values; false after the last. They are valid until the next call.
  virtual absl::StatusOr<bool> Next(std::vector<sqlite::ValueView>* values) = 0;
  // What it holds in memory.
  virtual size_t bytes() const = 0;
};

// Views into the caller's request; they live as long as this.
struct LoadSpec {
  // A kInsert of one column set, without rows, that returns nothing.
  Mutation mutation;
  bool continue_on_error = false;
  // All rows are one part.
  bool atomic = false;
  // `receipt` is the load's id, `bytes` is not used.
  KeptWriteOptions kept;
};

// Some rows of a load.
struct LoadPart {
  // What it must find the load at.
  LoadProgress before = {};
  std::unique_ptr<RowFeed> rows = nullptr;
  // There are no rows after it.
  bool last = false;
  // At most so many failures are told; all are counted.
  size_t failures_max = 0;
};

struct LoadOutcome {
  LoadProgress progress;
  // Their `row` is the place in the load.
  std::vector<RowFailure> failures;
  // Empty when nothing was kept.
  std::string commit_token;
};

// Where the load with this id stands; at its beginning when there is none. FAILED_PRECONDITION
// (REQUEST_ID_REUSED).
absl::StatusOr<LoadProgress> FindLoad(Database& database, const LoadSpec& spec,
                                      const Interrupt& interrupt);

// Queues the part. `done` is called exactly once, on the writer's thread, after the commit or with
// the error; when this returns an error, it is not called. The flag of `interrupt` must live until
// then. Errors are ApplyMutation's, whose `row` is the place in the load, and ABORTED (CONFLICT)
// when the load is not where the part wants it.
using LoadDone = std::function<void(absl::StatusOr<LoadOutcome>)>;
absl::Status SubmitLoadPart(const std::shared_ptr<Database>& database,
                            std::shared_ptr<const LoadSpec> spec, LoadPart part,
                            const Interrupt& interrupt, LoadDone done);

}  // namespace sluice::engine
