// Changes to the rows of one table, in the engine's words.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "server/engine/browse.h"
#include "server/engine/database.h"
#include "server/engine/filter.h"
#include "server/engine/row_sink.h"

namespace sluice::engine {

// Takes what a mutation returns: one entry for each row of the request, in its order.
class WriteSink : public RowSink {
 public:
  // The entry of a row that was not written; `keyed` says whether rows of the table have keys.
  virtual absl::Status OnNoRow(bool keyed) = 0;
  // Takes the last entry back: its row failed after all.
  virtual void ForgetLast() = 0;
  virtual size_t entries() const = 0;
};

// What becomes of a new row that clashes with one that is there.
struct ConflictPolicy {
  enum class Action { kAbort, kIgnore, kReplace, kUpdate };
  Action action = Action::kAbort;
  // The columns of the constraint that is meant; empty for any (kIgnore) or the primary key
  // (kUpdate).
  std::vector<absl::string_view> target = {};
  // For kUpdate; empty for all that the row gives.
  std::vector<absl::string_view> update_columns = {};
};

// Which rows to change when they are not named one by one.
struct MatchingRows {
  // Without one, all rows of the table.
  std::optional<Filter> filter = std::nullopt;
  // When there are more, nothing is changed.
  int64_t rows_max = 0;
};

// Views into the request, which must live until the write is done.
struct Mutation {
  enum class Kind { kInsert, kUpdate, kDelete };
  enum class Return { kNone, kKeys, kRows };
  struct Row {
    // Index into column_sets.
    size_t columns = 0;
    std::vector<sqlite::ValueView> values = {};
    // Whose row it is, for kUpdate and kDelete. Without one, the primary key's columns among
    // `values` say it.
    std::optional<RowKey> key = std::nullopt;
    // When not empty, what the row must still have.
    absl::string_view etag = {};
  };
  Kind kind = Kind::kInsert;
  absl::string_view table;
  // Lists of columns that rows give, each list once.
  std::vector<std::vector<absl::string_view>> column_sets = {};
  std::vector<Row> rows = {};
  // For kUpdate and kDelete, in the place of rows that name themselves: kUpdate has one row,
  // without a key, whose values all of them take, and kDelete has none.
  std::optional<MatchingRows> matching = std::nullopt;
  Return returned = Return::kKeys;
  // For kInsert.
  ConflictPolicy conflict = {};
  // For kInsert: rows must give all of the conflict's target, and no NULL there.
  bool whole_target = false;
  // For kInsert: columns that a row does not give are NULL, not their default.
  bool missing_is_null = false;
  // For kUpdate and kDelete: a row that is not there is left out.
  bool allow_missing = false;
  // Rows that are returned carry their etag, for kUpdate.
  bool with_etag = false;
  WriteSink* sink = nullptr;
};

struct RowFailure {
  // Index into Mutation::rows.
  size_t row = 0;
  absl::Status status;
};

struct MutationOutcome {
  int64_t inserted_count = 0;
  int64_t updated_count = 0;
  int64_t deleted_count = 0;
  // Left out by the conflict policy, by a trigger, or because it was not there.
  int64_t ignored_count = 0;
  // Rows that failed and were left out, in order.
  std::vector<RowFailure> failures;
};

struct MutationOptions {
  absl::string_view etag_secret = {};
  bool continue_on_error = false;
};

// RESOURCE_EXHAUSTED (LIMIT) when that is more than a write returns.
absl::Status CheckAnswerBytes(size_t bytes);

// Applies the mutation inside the open transaction and fills `outcome`; the sink takes what
// `mutation.returned` asks for: rows with keys, or rows of no values with keys. Errors carry the
// metadata `row`. INVALID_ARGUMENT for an unknown column, FAILED_PRECONDITION (READ_ONLY) for a
// generated column and a view that cannot be written, NOT_FOUND (NO_SUCH_ROW), ABORTED (CONFLICT),
// RESOURCE_EXHAUSTED (LIMIT) for more matching rows than rows_max and for more than kRowBytesMax
// that the sink would hold.
absl::Status ApplyMutation(Database& database, sqlite::Connection& connection,
                           const Mutation& mutation, const MutationOptions& options,
                           MutationOutcome* outcome);

}  // namespace sluice::engine
