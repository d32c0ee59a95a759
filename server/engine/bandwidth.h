// How many bytes a second each caller may download, over all of its streams.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <thread>

#include "absl/time/time.h"
#include "server/base/mutex.h"

namespace sluice::engine {

// A bucket for each caller that fills at the given rate and holds what a second brings.
// Thread-safe; outlives the streams that ask it.
class BandwidthLimit {
 public:
  // 0 for no limit.
  explicit BandwidthLimit(int64_t bytes_per_second);
  ~BandwidthLimit();
  BandwidthLimit(const BandwidthLimit&) = delete;
  BandwidthLimit& operator=(const BandwidthLimit&) = delete;

  // True when `caller` may send `bytes` now, which are counted then. Otherwise `wake` is called,
  // from another thread, when it is worth asking again.
  bool TrySpend(const std::string& caller, int64_t bytes, std::function<void()> wake);

 private:
  struct Bucket {
    // May be less than none: a piece is sent as soon as anything is there.
    double bytes = 0;
    absl::Time filled;
  };
  void Run();
  void Forget(absl::Time now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const int64_t bytes_per_second_;
  Mutex mutex_;
  CondVar changed_;
  std::map<std::string, Bucket> buckets_ ABSL_GUARDED_BY(mutex_);
  std::multimap<absl::Time, std::function<void()>> wakers_ ABSL_GUARDED_BY(mutex_);
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace sluice::engine
