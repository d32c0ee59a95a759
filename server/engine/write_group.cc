#include "server/engine/write_group.h"

#include <algorithm>

#include "absl/time/clock.h"
#include "prometheus/histogram.h"
#include "server/base/error.h"
#include "server/base/limits.h"
#include "server/base/log.h"
#include "server/base/status.h"
#include "server/engine/commit_sequence.h"

namespace sluice::engine {
namespace {

// How often a group is tried again without the member that broke it.
constexpr int kReplaysMax = 2;

// Nobody's deadline may stop the statements that end a member or a transaction.
constexpr char kRollback[] = "ROLLBACK";

}  // namespace

bool WriteGroup::Run(std::vector<PendingWrite>& writes) {
  Attempted waiting;
  for (PendingWrite& write : writes) waiting.push_back(&write);
  Attempted alone;
  int losses = 0;
  while (!waiting.empty()) {
    const bool singly = losses >= kReplaysMax || waiting.size() == 1;
    const bool apart = waiting.size() == 1 && waiting.front()->member->without_foreign_keys();
    const Outcome outcome = apart ? AttemptWithoutForeignKeys(waiting.front())
                                  : Attempt(singly ? Attempted{waiting.front()} : waiting);
    if (outcome == Outcome::kUnknown) return false;
    if (outcome == Outcome::kDecided) {
      waiting.erase(waiting.begin(), waiting.begin() + static_cast<ptrdiff_t>(taken_));
      continue;
    }
    if (outcome == Outcome::kRefused) {
      losses = kReplaysMax;
      continue;
    }
    ++losses;
    waiting.erase(std::find(waiting.begin(), waiting.end(), offender_));
    // Whoever was stopped by its own deadline has its answer, and so has who was alone; for
    // another, a full disk may have room.
    if (singly || !offender_->member->interrupt().Check().ok()) {
      Answer(*offender_, "");
    } else {
      alone.push_back(offender_);
    }
  }
  for (PendingWrite* write : alone) {
    const Outcome outcome =
        write->member->without_foreign_keys() ? AttemptWithoutForeignKeys(write) : Attempt({write});
    if (outcome == Outcome::kUnknown) return false;
    if (outcome == Outcome::kLost) Answer(*write, "");
  }
  return true;
}

void WriteGroup::Answer(PendingWrite& write, const std::string& commit_token) {
  write.member->Done(write.status, commit_token);
  write.member.reset();
}

void WriteGroup::FailAll(const Attempted& writes, const absl::Status& status) {
  for (PendingWrite* write : writes) {
    write->status = status;
    Answer(*write, "");
  }
}

WriteGroup::Outcome WriteGroup::AttemptWithoutForeignKeys(PendingWrite* write) {
  // SQLite takes this setting between transactions only.
  Outcome outcome = Outcome::kUnknown;
  if (const absl::Status off = connection_.set_foreign_keys(false); off.ok()) {
    outcome = Attempt({write});
  } else {
    FailAll({write}, off);
  }
  if (connection_.set_foreign_keys(true).ok()) return outcome;
  Log(LogLevel::kError, "foreign keys could not be put on again; opening the database anew");
  if (write->member != nullptr) Answer(*write, "");
  return Outcome::kUnknown;
}

WriteGroup::Outcome WriteGroup::Attempt(const Attempted& writes) {
  if (const absl::Status begun = connection_.Execute("BEGIN IMMEDIATE"); !begun.ok()) {
    taken_ = writes.size();
    FailAll(writes, begun);
    return Outcome::kDecided;
  }
  connection_.set_schema_uncommitted(false);
  Attempted applied;
  if (ApplyAll(writes, &applied) == Outcome::kLost) return Outcome::kLost;
  Outcome outcome = Outcome::kDecided;
  if (applied.empty()) {
    connection_.Execute(kRollback).IgnoreError();
  } else {
    outcome = Commit(applied);
    if (outcome == Outcome::kRefused) return outcome;
  }
  // Those that failed are answered with the rest: before COMMIT nothing is decided.
  for (size_t i = 0; i < taken_; ++i) {
    if (writes[i]->member != nullptr) Answer(*writes[i], "");
  }
  return outcome;
}

WriteGroup::Outcome WriteGroup::ApplyAll(const Attempted& writes, Attempted* applied) {
  const Deadline end = Deadline::After(limits::kGroupTimeMax);
  taken_ = 0;
  for (PendingWrite* write : writes) {
    write->status = ApplyInSavepoint(*write);
    ++taken_;
    if (connection_.autocommit()) {
      offender_ = write;
      if (write->status.ok()) {
        write->status = Error(absl::StatusCode::kInternal, reason::kInternal,
                              "the write ended its transaction");
      }
      return Outcome::kLost;
    }
    if (write->status.ok()) applied->push_back(write);
    if (end.expired()) break;
  }
  return Outcome::kDecided;
}

absl::Status WriteGroup::ApplyInSavepoint(PendingWrite& write) {
  // A write whose caller is gone before it begins never runs.
  RETURN_IF_ERROR(write.member->interrupt().Check());
  // Fails for what was written before it, which is then in the transaction still.
  if (const absl::Status begun = connection_.Execute("SAVEPOINT member"); !begun.ok()) {
    connection_.Execute(kRollback).IgnoreError();
    return begun;
  }
  connection_.set_last_insert_rowid(0);
  connection_.guard().Arm(
      {.interrupt = write.member->interrupt().Within(Deadline::After(write.member->time_max()))});
  connection_.set_commit_forbidden(true);
  absl::Status status = write.member->Apply(connection_);
  connection_.set_commit_forbidden(false);
  connection_.guard().Disarm();
  if (connection_.autocommit()) return status;
  if (status.ok() && connection_.has_deferred_foreign_key_violations()) {
    status = Error(absl::StatusCode::kFailedPrecondition, reason::kForeignKey,
                   "FOREIGN KEY constraint failed");
  }
  absl::Status ended;
  if (!status.ok()) ended = connection_.Execute("ROLLBACK TO member");
  if (ended.ok()) ended = connection_.Execute("RELEASE member");
  // Either the member's changes cannot be told from the others', or this is another transaction
  // than the one that the group began: nothing of it may be kept.
  if (!ended.ok()) connection_.Execute(kRollback).IgnoreError();
  return status.ok() ? ended : status;
}

WriteGroup::Outcome WriteGroup::Commit(const Attempted& applied) {
  const absl::Time begun = absl::Now();
  const absl::StatusOr<std::string> token = AdvanceCommitSequence(connection_);
  absl::Status status = token.status();
  if (status.ok()) status = connection_.Execute("COMMIT");
  if (commit_seconds_ != nullptr) {
    commit_seconds_->Observe(absl::ToDoubleSeconds(absl::Now() - begun));
  }
  if (status.ok()) {
    for (PendingWrite* write : applied) Answer(*write, *token);
    return Outcome::kDecided;
  }
  const bool at_commit = token.ok();
  if (!connection_.autocommit()) connection_.Execute(kRollback).IgnoreError();
  // A full disk is found before the commit record is written; any other failure of the disk may
  // come after it.
  if (at_commit && status.code() == absl::StatusCode::kInternal) {
    Log(LogLevel::kError, "COMMIT failed with an I/O error", {{"error", status.message()}});
    FailAll(applied, Error(absl::StatusCode::kUnknown, reason::kCommitOutcomeUnknown,
                           "the disk failed at COMMIT; the write may or may not have been kept"));
    return Outcome::kUnknown;
  }
  if (applied.size() > 1) return Outcome::kRefused;
  FailAll(applied, status);
  return Outcome::kDecided;
}

}  // namespace sluice::engine
