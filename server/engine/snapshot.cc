#include "server/engine/snapshot.h"

#include <algorithm>

#include "server/base/status.h"
#include "server/engine/commit_sequence.h"

namespace sluice::engine {
absl::StatusOr<std::unique_ptr<Snapshot>> Snapshot::Open(std::shared_ptr<Database> database,
                                                         const Interrupt& interrupt) {
  ASSIGN_OR_RETURN(sqlite::ReadLease lease, database->Acquire(interrupt));
  ASSIGN_OR_RETURN(sqlite::PageReader reader,
                   sqlite::PageReader::Open(std::move(lease), interrupt));
  auto snapshot = std::unique_ptr<Snapshot>(new Snapshot(std::move(database), std::move(reader)));
  ASSIGN_OR_RETURN(snapshot->commit_token_, ReadCommitToken(snapshot->reader_.connection()));
  return snapshot;
}

std::unique_ptr<DownloadPlaces::Ticket> DownloadPlaces::Enqueue(std::function<void()> on_ready) {
  auto ticket = std::make_unique<Ticket>(this, std::move(on_ready));
  MutexLock lock(&mutex_);
  if (free_ > 0) {
    --free_;
    ticket->ready_.store(true, std::memory_order_release);
  } else {
    waiting_.push_back(ticket.get());
  }
  return ticket;
}

void DownloadPlaces::Leave(Ticket* ticket) {
  std::function<void()> on_ready;
  {
    MutexLock lock(&mutex_);
    if (!ticket->ready()) {
      waiting_.erase(std::find(waiting_.begin(), waiting_.end(), ticket));
      return;
    }
    if (waiting_.empty()) {
      ++free_;
      return;
    }
    Ticket* const next = waiting_.front();
    waiting_.pop_front();
    next->ready_.store(true, std::memory_order_release);
    on_ready = next->on_ready_;
  }
  // Outside of the lock: it may end up destroying the ticket.
  on_ready();
}

}  // namespace sluice::engine
