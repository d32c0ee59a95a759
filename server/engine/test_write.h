// For tests: writes that are waited for.
#pragma once

#include <memory>
#include <utility>

#include "absl/synchronization/notification.h"
#include "server/engine/test_served.h"
#include "server/engine/write.h"

namespace sluice::engine {

inline absl::StatusOr<WriteOutcome> WriteNow(const std::shared_ptr<Database>& database,
                                             WriteSpec spec,
                                             const Interrupt& interrupt = Interrupt()) {
  absl::StatusOr<WriteOutcome> outcome = absl::UnknownError("not answered");
  absl::Notification done;
  const absl::Status queued = SubmitWrite(database, std::move(spec), interrupt, [&](auto answer) {
    outcome = std::move(answer);
    done.Notify();
  });
  if (!queued.ok()) return queued;
  done.WaitForNotification();
  return outcome;
}

// One mutation, whose outcome it gives.
inline absl::StatusOr<MutationOutcome> WriteNow(const std::shared_ptr<Database>& database,
                                                Mutation mutation,
                                                const Interrupt& interrupt = Interrupt()) {
  WriteSpec spec;
  spec.success.push_back(std::move(mutation));
  ASSIGN_OR_RETURN(WriteOutcome outcome, WriteNow(database, std::move(spec), interrupt));
  return std::move(outcome.results[0]);
}

// Adds one row with one value, and nothing is told of it.
inline absl::Status InsertNow(const std::shared_ptr<Database>& database, absl::string_view table,
                              absl::string_view column, int64_t value) {
  CollectingSink sink;
  Mutation mutation{.table = table, .returned = Mutation::Return::kNone, .sink = &sink};
  mutation.column_sets = {{column}};
  mutation.rows.push_back({.values = {sqlite::ValueView::Integer(value)}});
  return WriteNow(database, std::move(mutation)).status();
}

}  // namespace sluice::engine
