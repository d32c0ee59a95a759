// Writes that wait, taken from each caller in turn.
#pragma once

#include <cstdint>
#include <deque>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "server/base/check.h"
#include "server/engine/write_group.h"

namespace sluice::engine {

// Not thread-safe. Each caller's writes keep their order; callers who have some waiting take turns,
// so that one who sends a thousand does not make another, who sends one, wait for all of them.
class FairQueue {
 public:
  bool empty() const { return turns_.empty(); }
  size_t size() const { return size_; }
  // How many of this caller wait, and their bytes.
  size_t size_of(uint64_t caller) const {
    const auto found = waiting_.find(caller);
    return found == waiting_.end() ? 0 : found->second.writes.size();
  }
  size_t bytes_of(uint64_t caller) const {
    const auto found = waiting_.find(caller);
    return found == waiting_.end() ? 0 : found->second.bytes;
  }

  void Push(PendingWrite write) {
    const uint64_t caller = write.member->caller();
    Waiting& own = waiting_[caller];
    if (own.writes.empty()) turns_.push_back(caller);
    own.bytes += write.member->bytes();
    own.writes.push_back(std::move(write));
    ++size_;
  }

  // Whose turn it is. Not on an empty queue.
  const WriteMember& front() const { return *waiting_.at(turns_.front()).writes.front().member; }

  PendingWrite Pop() {
    CHECK(!empty());
    const uint64_t caller = turns_.front();
    turns_.pop_front();
    const auto found = waiting_.find(caller);
    Waiting& own = found->second;
    PendingWrite write = std::move(own.writes.front());
    own.writes.pop_front();
    own.bytes -= write.member->bytes();
    --size_;
    if (!own.writes.empty()) {
      turns_.push_back(caller);
    } else if (waiting_.size() > kIdleCallersMax) {
      waiting_.erase(found);
    }
    return write;
  }

 private:
  struct Waiting {
    std::deque<PendingWrite> writes;
    size_t bytes = 0;
  };
  // Callers without waiting writes that keep their place in memory, so that a lone one allocates
  // nothing for each write.
  static constexpr size_t kIdleCallersMax = 256;

  absl::flat_hash_map<uint64_t, Waiting> waiting_;
  // The callers who have writes waiting, each once.
  std::deque<uint64_t> turns_;
  size_t size_ = 0;
};

}  // namespace sluice::engine
