#include "server/engine/writer.h"

#include <pthread.h>

#include <algorithm>
#include <utility>

#include "prometheus/gauge.h"
#include "prometheus/histogram.h"
#include "server/base/error.h"
#include "server/base/limits.h"
#include "server/base/log.h"
#include "server/base/status.h"

namespace sluice::engine {
namespace {

absl::Status Overloaded() {
  return WithRetryAfter(Error(absl::StatusCode::kUnavailable, reason::kOverloaded,
                              "too many writes wait for this database"),
                        absl::Milliseconds(200));
}

absl::Status Closing() {
  return WithRetryAfter(Error(absl::StatusCode::kUnavailable, reason::kNotServed,
                              "the database is being closed or replaced"),
                        absl::Seconds(1));
}

}  // namespace

Writer::Writer(const sqlite::OpenOptions& options, const DatabaseMetrics& metrics)
    : options_(options), metrics_(metrics) {}

absl::StatusOr<std::unique_ptr<Writer>> Writer::Start(const sqlite::OpenOptions& options,
                                                      const DatabaseMetrics& metrics,
                                                      LogBounds bounds) {
  auto writer = std::unique_ptr<Writer>(new Writer(options, metrics));
  ASSIGN_OR_RETURN(writer->connection_, sqlite::Connection::Open(options));
  ASSIGN_OR_RETURN(writer->checkpointer_, Checkpointer::Start(options, std::move(bounds), metrics));
  writer->thread_ = std::thread([raw = writer.get()] { raw->Run(); });
  return writer;
}

absl::Status Writer::Submit(std::unique_ptr<WriteMember> member) {
  const size_t bytes = member->bytes();
  MutexLock lock(&mutex_);
  if (stopping_) return Closing();
  const uint64_t caller = member->caller();
  if (queue_.size() >= limits::kWriteQueueMax ||
      (queue_bytes_ > 0 && queue_bytes_ + bytes > limits::kWriteQueueBytesMax) ||
      (caller != 0 && IsBeyondShare(caller, bytes))) {
    return Overloaded();
  }
  queue_.Push({.member = std::move(member), .status = {}});
  queue_bytes_ += bytes;
  metrics_.writer_queue_length->Set(static_cast<double>(queue_.size()));
  if (queue_.size() == 1) arrived_.Signal();
  return absl::OkStatus();
}

bool Writer::IsBeyondShare(uint64_t caller, size_t bytes) const {
  const size_t waiting = queue_.bytes_of(caller);
  return queue_.size_of(caller) >= limits::kWriteQueuePerCallerMax ||
         (waiting > 0 && waiting + bytes > limits::kWriteQueueBytesPerCallerMax);
}

void Writer::TurnAway() {
  MutexLock lock(&mutex_);
  refusing_ = true;
  stopping_ = true;
  arrived_.Signal();
}

void Writer::Stop(bool keep_log) {
  if (keep_log) TurnAway();
  {
    MutexLock lock(&mutex_);
    stopping_ = true;
    arrived_.Signal();
  }
  if (thread_.joinable()) thread_.join();
  if (checkpointer_ != nullptr) checkpointer_->Stop(keep_log);
  if (connection_ != nullptr && keep_log) connection_->KeepLogOnClose();
  connection_.reset();
  checkpointer_.reset();
}

void Writer::Refuse() {
  TurnAway();
  Stop();
}

bool Writer::refusing() {
  MutexLock lock(&mutex_);
  return refusing_;
}

void Writer::Run() {
  pthread_setname_np(pthread_self(), "sluice-writer");
  while (true) {
    std::vector<PendingWrite> group = TakeGroup();
    if (group.empty()) return;
    if (refusing()) {
      for (PendingWrite& write : group) write.member->Done(Closing(), "");
    } else {
      RunGroup(std::move(group));
    }
  }
}

std::vector<PendingWrite> Writer::TakeGroup() {
  std::vector<PendingWrite> group;
  MutexLock lock(&mutex_);
  while (queue_.empty() && !stopping_) arrived_.Wait(&mutex_);
  size_t bytes = 0;
  while (!queue_.empty() && group.size() < limits::kGroupMembersMax) {
    const size_t next = queue_.front().bytes();
    const bool alone = queue_.front().alone();
    if (!group.empty() && (alone || bytes + next > limits::kGroupBytesMax)) break;
    bytes += next;
    group.push_back(queue_.Pop());
    if (alone) break;
  }
  queue_bytes_ -= bytes;
  metrics_.writer_queue_length->Set(static_cast<double>(queue_.size()));
  return group;
}

void Writer::RunGroup(std::vector<PendingWrite> group) {
  metrics_.writer_group_size->Observe(static_cast<double>(group.size()));
  while (!group.empty()) {
    if (const absl::Status opened = Reopen(); !opened.ok()) {
      for (PendingWrite& write : group) write.member->Done(opened, "");
      return;
    }
    if (!WriteGroup(*connection_, metrics_.writer_commit_seconds).Run(group)) connection_.reset();
    group.erase(std::remove_if(group.begin(), group.end(),
                               [](const PendingWrite& write) { return write.member == nullptr; }),
                group.end());
  }
  checkpointer_->Notify();
}

absl::Status Writer::Reopen() {
  if (connection_ != nullptr) return absl::OkStatus();
  ASSIGN_OR_RETURN(connection_, sqlite::Connection::Open(options_));
  return absl::OkStatus();
}

}  // namespace sluice::engine
