// For tests: changes of tables that are waited for.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/synchronization/notification.h"
#include "server/base/error.h"
#include "server/engine/table_change.h"
#include "server/engine/test_served.h"

namespace sluice::engine {

template <typename Submit, typename Spec>
absl::StatusOr<TableOutcome> ChangeNow(Submit submit, const std::shared_ptr<Database>& database,
                                       Spec spec, const Interrupt& interrupt = Interrupt()) {
  absl::StatusOr<TableOutcome> outcome = absl::UnknownError("not answered");
  absl::Notification done;
  spec.respond = [](const TableOutcome&) { return std::string("kept"); };
  const absl::Status queued = submit(database, std::move(spec), interrupt, [&](auto answer) {
    outcome = std::move(answer);
    done.Notify();
  });
  if (!queued.ok()) return queued;
  done.WaitForNotification();
  return outcome;
}

inline absl::StatusOr<TableOutcome> CreateNow(const ServedDatabase& database,
                                              TableDefinition table) {
  return ChangeNow(SubmitCreateTable, database.served, CreateTableSpec{.table = std::move(table)});
}

inline absl::StatusOr<TableOutcome> AlterNow(const ServedDatabase& database, std::string table,
                                             std::vector<TableChange> changes) {
  return ChangeNow(SubmitAlterTable, database.served,
                   AlterTableSpec{.table = std::move(table), .changes = std::move(changes)});
}

inline absl::StatusOr<TableOutcome> DropNow(const ServedDatabase& database, std::string table,
                                            bool cascade = false) {
  return ChangeNow(SubmitDropTable, database.served,
                   DropTableSpec{.table = std::move(table), .cascade = cascade});
}

// "BAD_REQUEST columns[0].name": what it is refused with, or "done".
inline std::string Refusal(const absl::StatusOr<TableOutcome>& outcome) {
  if (outcome.ok()) return "done";
  std::string text = ReasonOf(outcome.status());
  VisitFields(outcome.status(), [&](absl::string_view field, absl::string_view) {
    absl::StrAppend(&text, " ", field);
  });
  return text.empty() ? outcome.status().ToString() : text;
}

}  // namespace sluice::engine
