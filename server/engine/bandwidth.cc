#include "server/engine/bandwidth.h"

#include <pthread.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/time/clock.h"

namespace sluice::engine {

BandwidthLimit::BandwidthLimit(int64_t bytes_per_second) : bytes_per_second_(bytes_per_second) {
  if (bytes_per_second_ > 0) thread_ = std::thread([this] { Run(); });
}

BandwidthLimit::~BandwidthLimit() {
  {
    MutexLock lock(&mutex_);
    stopping_ = true;
    changed_.SignalAll();
  }
  if (thread_.joinable()) thread_.join();
}

bool BandwidthLimit::TrySpend(const std::string& caller, int64_t bytes,
                              std::function<void()> wake) {
  if (bytes_per_second_ <= 0) return true;
  const auto rate = static_cast<double>(bytes_per_second_);
  const absl::Time now = absl::Now();
  MutexLock lock(&mutex_);
  Forget(now);
  const auto [found, added] = buckets_.try_emplace(caller, Bucket{.bytes = rate, .filled = now});
  Bucket& bucket = found->second;
  const double seconds = absl::ToDoubleSeconds(std::exchange(bucket.filled, now) - now);
  bucket.bytes = std::min(rate, bucket.bytes - seconds * rate);
  if (bucket.bytes > 0) {
    bucket.bytes -= static_cast<double>(bytes);
    return true;
  }
  wakers_.emplace(now + absl::Seconds(-bucket.bytes / rate) + absl::Milliseconds(1),
                  std::move(wake));
  changed_.SignalAll();
  return false;
}

// A full bucket is like none.
void BandwidthLimit::Forget(absl::Time now) {
  constexpr size_t kManyCallers = 1'000;
  if (buckets_.size() < kManyCallers) return;
  for (auto it = buckets_.begin(); it != buckets_.end();) {
    const double missing = static_cast<double>(bytes_per_second_) - it->second.bytes;
    const bool full =
        now - it->second.filled > absl::Seconds(missing / static_cast<double>(bytes_per_second_));
    it = full ? buckets_.erase(it) : std::next(it);
  }
}

void BandwidthLimit::Run() {
  pthread_setname_np(pthread_self(), "sluice-pacer");
  while (true) {
    std::vector<std::function<void()>> due;
    {
      MutexLock lock(&mutex_);
      if (stopping_) return;
      const absl::Time now = absl::Now();
      if (wakers_.empty()) {
        changed_.Wait(&mutex_);
      } else if (wakers_.begin()->first > now) {
        changed_.WaitWithTimeout(&mutex_, wakers_.begin()->first - now);
      }
      while (!wakers_.empty() && wakers_.begin()->first <= absl::Now()) {
        due.push_back(std::move(wakers_.begin()->second));
        wakers_.erase(wakers_.begin());
      }
    }
    for (const auto& wake : due) wake();
  }
}

}  // namespace sluice::engine
