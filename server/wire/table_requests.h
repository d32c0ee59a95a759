// From requests that change tables to the engine's words, and from what became of them to answers.
// See requests.h for what holds of all parsers.
#pragma once

#include <memory>
#include <variant>

#include "absl/status/statusor.h"
#include "server/engine/table_change.h"
#include "server/wire/buffer.h"
#include "server/wire/write_requests.h"
#include "sluice/v1/table.pb.h"

namespace sluice::wire {

// A request on its way.
template <typename Spec>
struct ParsedTableChange {
  Spec spec;
  // Of a table that is made with rows: the rows, and what they point to.
  std::unique_ptr<v1::InsertRowsRequest> rows;
  ParsedWrite write;
  // What the caller must be allowed to do besides changing tables.
  bool inserts = false;
  bool deletes = false;
};

// Each is all of a request but its `database`.
absl::StatusOr<ParsedTableChange<engine::CreateTableSpec>> ParseTableChange(
    const v1::CreateTableRequest& request);
absl::StatusOr<ParsedTableChange<engine::AlterTableSpec>> ParseTableChange(
    const v1::AlterTableRequest& request);
absl::StatusOr<ParsedTableChange<engine::DropTableSpec>> ParseTableChange(
    const v1::DropTableRequest& request);

// The answer without its commit token, as a receipt keeps it.
template <typename Spec>
Buffer MakeAnswer(const engine::TableOutcome& outcome);
// The whole answer, from a receipt where there was one.
template <typename Spec>
Buffer MakeWholeAnswer(const engine::TableOutcome& outcome) {
  return FinishAnswer(outcome.replayed_response.has_value() ? Buffer() : MakeAnswer<Spec>(outcome),
                      outcome.replayed_response, outcome.commit_token);
}

}  // namespace sluice::wire
