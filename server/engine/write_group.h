// Group commit: many callers' writes, one transaction, one fsync.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "server/base/deadline.h"
#include "server/base/limits.h"
#include "server/sqlite/connection.h"

namespace prometheus {
class Histogram;
}

namespace sluice::engine {

// One caller's write. Used by one thread at a time.
class WriteMember {
 public:
  virtual ~WriteMember() = default;
  // Does the write on the writer's thread, inside an open transaction and a savepoint of its own.
  // May be called again after the transaction was lost: it must begin from nothing each time. Must
  // not begin or end transactions.
  virtual absl::Status Apply(sqlite::Connection& connection) = 0;
  // What it holds in memory, for the queue's ceiling.
  virtual size_t bytes() const = 0;
  virtual const Interrupt& interrupt() const = 0;
  // Whether it must share its transaction with no other: SQL of callers, changes of definitions.
  virtual bool alone() const { return false; }
  // Whether foreign keys are to be off around its transaction, for one that is alone: a table that
  // is written anew is dropped meanwhile, and the rows that refer to it must stay.
  virtual bool without_foreign_keys() const { return false; }
  // How long it may take once it has begun.
  virtual absl::Duration time_max() const { return limits::kMemberTimeMax; }
  // Whose write it is: callers take turns in the queue. 0 is the server itself.
  virtual uint64_t caller() const { return 0; }
  // Called exactly once, on the writer's thread: with OK after the commit is on disk, with the
  // error when nothing of it was kept, or with UNKNOWN (COMMIT_OUTCOME_UNKNOWN).
  virtual void Done(const absl::Status& status, const std::string& commit_token) = 0;
};

struct PendingWrite {
  // Null once it has been answered.
  std::unique_ptr<WriteMember> member;
  // Of the attempt under way.
  absl::Status status;
};

// Runs writes as one transaction; as several when one of them breaks it or they take longer than
// kGroupTimeMax. One bad member never fails or un-does another:
//
// * A member that fails is rolled back to its savepoint.
// * SQLite ends the whole transaction, savepoints included, when a statement is interrupted, when
// the disk is full and
//   for ON CONFLICT ROLLBACK and RAISE(ROLLBACK). Then the others run again in a new transaction
//   and the offender alone; after the second such loss everyone runs alone.
// * RELEASE lets deferred foreign-key violations through to COMMIT, where they would fail everyone:
// a member that leaves
//   one is rolled back.
// * COMMIT can fail for one member's sake: a full-text index writes only then what it has gathered,
// and may be damaged. Nothing was kept, and everyone runs alone.
// * last_insert_rowid is reset for each member.
class WriteGroup {
 public:
  // `commit_seconds` may be null.
  WriteGroup(sqlite::Connection& connection, prometheus::Histogram* commit_seconds)
      : connection_(connection), commit_seconds_(commit_seconds) {}

  // Answers every write, each as soon as its transaction is decided. False when a COMMIT failed
  // with an I/O error or foreign keys could not be put on again: the connection must be opened
  // anew, and the writes that still have a member have not run.
  [[nodiscard]] bool Run(std::vector<PendingWrite>& writes);

 private:
  enum class Outcome {
    // The first `taken_` writes have been answered.
    kDecided,
    // The transaction is gone and with it what had been applied; `offender_` is who did it.
    kLost,
    // COMMIT failed for what one of several had done, and nobody knows whose it was.
    kRefused,
    // COMMIT failed with an I/O error, or the connection is no longer as it should be; those that
    // it
    // held have been answered.
    kUnknown,
  };
  using Attempted = std::vector<PendingWrite*>;
  Outcome Attempt(const Attempted& writes);
  // The same for one that asks for foreign keys to be off.
  Outcome AttemptWithoutForeignKeys(PendingWrite* write);
  // Applies writes until the transaction is lost or its time is over; counts them in `taken_`.
  Outcome ApplyAll(const Attempted& writes, Attempted* applied);
  absl::Status ApplyInSavepoint(PendingWrite& write);
  Outcome Commit(const Attempted& applied);
  static void Answer(PendingWrite& write, const std::string& commit_token);
  static void FailAll(const Attempted& writes, const absl::Status& status);

  sqlite::Connection& connection_;
  prometheus::Histogram* const commit_seconds_;
  PendingWrite* offender_ = nullptr;
  size_t taken_ = 0;
};

}  // namespace sluice::engine
