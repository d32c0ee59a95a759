// What the changes of tables have in common as members of the writer. Of this room's own.
#pragma once

#include <utility>

#include "server/base/error.h"
#include "server/base/limits.h"
#include "server/base/status.h"
#include "server/engine/table_change.h"

namespace sluice::engine {

class TableMember : public KeptWrite {
 public:
  TableMember(Database* database, KeptWriteOptions options, TableRespond respond,
              const Interrupt& interrupt, TableDone done)
      : KeptWrite(database, std::move(options), interrupt),
        respond_(std::move(respond)),
        done_(std::move(done)) {}

  bool alone() const override { return true; }
  absl::Duration time_max() const override { return limits::kTableChangeTimeMax; }

 protected:
  // Does the change, and says what it came to.
  virtual absl::StatusOr<TableOutcome> Change(sqlite::Connection& connection) = 0;

  absl::Status Run(sqlite::Connection& connection) final {
    // What is read of the schema from here on may be rolled back.
    connection.set_schema_uncommitted(true);
    ASSIGN_OR_RETURN(outcome_, Change(connection));
    size_t bytes = outcome_.sql.size();
    for (const std::string& statement : outcome_.statements) bytes += statement.size();
    if (bytes <= limits::kWriteAnswerBytesMax) return absl::OkStatus();
    return Error(absl::StatusCode::kResourceExhausted, reason::kLimit,
                 "the statements of the change are too large to be told; make fewer at once");
  }
  std::string Respond() final { return respond_(outcome_); }
  void Answer(absl::StatusOr<KeptAnswer> answer) final {
    if (!answer.ok()) return done_(answer.status());
    outcome_.commit_token = std::move(answer->commit_token);
    outcome_.replayed_response = std::move(answer->replayed_response);
    done_(std::move(outcome_));
  }

 private:
  const TableRespond respond_;
  const TableDone done_;
  // Of the latest Run.
  TableOutcome outcome_;
};

}  // namespace sluice::engine
