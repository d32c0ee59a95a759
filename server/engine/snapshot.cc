#include "server/engine/snapshot.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "server/base/status.h"
#include "server/engine/commit_sequence.h"
#include "server/engine/digest.h"

namespace sluice::engine {
namespace {
constexpr size_t kHeaderBytes = 100;
}  // namespace

absl::StatusOr<std::unique_ptr<Snapshot>> Snapshot::Open(std::shared_ptr<Database> database,
                                                         const Interrupt& interrupt) {
  ASSIGN_OR_RETURN(sqlite::ReadLease lease, database->Acquire(interrupt));
  ASSIGN_OR_RETURN(sqlite::PageReader reader,
                   sqlite::PageReader::Open(std::move(lease), interrupt));
  auto snapshot = std::unique_ptr<Snapshot>(new Snapshot(std::move(database), std::move(reader)));
  ASSIGN_OR_RETURN(snapshot->commit_token_, ReadCommitToken(snapshot->reader_.connection()));
  RETURN_IF_ERROR(snapshot->Identify());
  return snapshot;
}

absl::Status Snapshot::Identify() {
  // Every commit changes the state of the log or, without a log, the change counter in the header.
  // The file's own time and size tell apart what was written before this server had it open.
  ASSIGN_OR_RETURN(const FileState file, database_->hold().Look());
  std::string first(static_cast<size_t>(page_size_bytes()), '\0');
  if (page_count() > 0) {
    RETURN_IF_ERROR(reader_.connection().ReadPages(1, 1, page_size_bytes(), first.data()));
  }
  state_id_ = ShortDigest(
      absl::StrCat(reader_.connection().LogState(), first.substr(0, kHeaderBytes), "/", file.device,
                   "/", file.inode, "/", file.size_bytes, "/", absl::ToUnixNanos(file.modified)));
  return absl::OkStatus();
}

std::unique_ptr<DownloadPlaces::Ticket> DownloadPlaces::Enqueue(std::function<void()> on_change) {
  auto ticket = std::make_unique<Ticket>(this, std::move(on_change));
  MutexLock lock(&mutex_);
  if (free_ > 0) {
    --free_;
  } else {
    waiting_.push_back(ticket.get());
    ticket->position_.store(static_cast<int>(waiting_.size()), std::memory_order_release);
  }
  return ticket;
}

void DownloadPlaces::Leave(Ticket* ticket) {
  std::vector<std::function<void()>> changed;
  {
    MutexLock lock(&mutex_);
    if (!ticket->ready()) {
      waiting_.erase(std::find(waiting_.begin(), waiting_.end(), ticket));
    } else if (waiting_.empty()) {
      ++free_;
    } else {
      Ticket* const next = waiting_.front();
      waiting_.pop_front();
      next->position_.store(0, std::memory_order_release);
      changed.push_back(next->on_change_);
    }
    for (auto& change : Renumber()) changed.push_back(std::move(change));
  }
  // Outside of the lock: one may end up destroying its ticket.
  for (const auto& change : changed) change();
}

std::vector<std::function<void()>> DownloadPlaces::Renumber() {
  std::vector<std::function<void()>> changed;
  int position = 0;
  for (Ticket* const ticket : waiting_) {
    if (ticket->position() == ++position) continue;
    ticket->position_.store(position, std::memory_order_release);
    changed.push_back(ticket->on_change_);
  }
  return changed;
}

}  // namespace sluice::engine
