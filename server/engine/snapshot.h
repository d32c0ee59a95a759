// Whole databases as streams of bytes, while they are in use.
#pragma once

#include <atomic>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "server/base/deadline.h"
#include "server/base/mutex.h"
#include "server/engine/database.h"
#include "server/sqlite/pages.h"

namespace sluice::engine {

// One consistent state of a database, that of the moment Open returned. One thread at a time.
class Snapshot {
 public:
  // `interrupt`'s flag must outlive the snapshot.
  static absl::StatusOr<std::unique_ptr<Snapshot>> Open(std::shared_ptr<Database> database,
                                                        const Interrupt& interrupt);

  int32_t page_size_bytes() const { return reader_.page_size_bytes(); }
  int64_t page_count() const { return reader_.page_count(); }
  int64_t size_bytes() const { return reader_.size_bytes(); }
  const std::string& commit_token() const { return commit_token_; }
  // Equal for two snapshots of one file only if their bytes are equal; 16 bytes. It may differ
  // although the bytes are equal.
  const std::string& state_id() const { return state_id_; }

  // Whatever else is to be read as of its moment.
  sqlite::Connection& connection() { return reader_.connection(); }

  // The file's next bytes, at most `capacity` (which holds a page at least); 0 at the end.
  absl::StatusOr<size_t> Read(char* buffer, size_t capacity) {
    return reader_.Read(buffer, capacity);
  }
  // Read goes on from this page; 0 for the first.
  void Seek(int64_t page) { reader_.Seek(page); }

 private:
  Snapshot(std::shared_ptr<Database> database, sqlite::PageReader reader)
      : database_(std::move(database)), reader_(std::move(reader)) {}
  absl::Status Identify();

  const std::shared_ptr<Database> database_;
  sqlite::PageReader reader_;
  std::string commit_token_;
  std::string state_id_;
};

// The places for downloads: more at a time bring no more bandwidth and starve reads. First come,
// first served, and nobody who waits holds a thread. Thread-safe; outlives its tickets.
class DownloadPlaces {
 public:
  explicit DownloadPlaces(int count) : free_(count) {}

  // A place in the queue, later a place. Destroying it leaves the queue, or gives the place to the
  // next.
  class Ticket {
   public:
    Ticket(DownloadPlaces* places, std::function<void()> on_change)
        : places_(places), on_change_(std::move(on_change)) {}
    ~Ticket() { places_->Leave(this); }
    Ticket(const Ticket&) = delete;
    Ticket& operator=(const Ticket&) = delete;
    bool ready() const { return position() == 0; }
    // 1 for the next who gets a place; 0 for who has one.
    int position() const { return position_.load(std::memory_order_acquire); }

   private:
    friend class DownloadPlaces;
    DownloadPlaces* const places_;
    const std::function<void()> on_change_;
    std::atomic<int> position_{0};
  };

  // Ready at once when a place is free; otherwise `on_change` is called, on another thread,
  // whenever the position is another, maybe a moment after the ticket has gone. It must not destroy
  // it.
  std::unique_ptr<Ticket> Enqueue(std::function<void()> on_change);

 private:
  void Leave(Ticket* ticket);
  // Numbers those who wait; gives what is to be called once the lock is free.
  std::vector<std::function<void()>> Renumber() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  Mutex mutex_;
  int free_ ABSL_GUARDED_BY(mutex_);
  std::deque<Ticket*> waiting_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace sluice::engine
