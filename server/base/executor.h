// A fixed number of threads that run what is given to them, for work that may block: queries,
// pages, exports.
#pragma once

#include <deque>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "server/base/mutex.h"

namespace sluice {

// Thread-safe. Tasks start in the order of their submission. The destructor runs what is queued and
// joins.
class Executor {
 public:
  Executor(std::string name, int threads, size_t queue_max);
  ~Executor();
  Executor(const Executor&) = delete;
  Executor& operator=(const Executor&) = delete;

  // Runs `task` soon. False, and the task is dropped, when queue_max tasks wait already.
  [[nodiscard]] bool TrySubmit(std::function<void()> task);
  // The same for work that has been admitted before, such as the next piece of a stream: never
  // refused.
  void Submit(std::function<void()> task);

  size_t queue_length() const;

 private:
  void Run();

  const std::string name_;
  const size_t queue_max_;
  mutable Mutex mutex_;
  CondVar ready_;
  std::deque<std::function<void()>> queue_ ABSL_GUARDED_BY(mutex_);
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::vector<std::thread> threads_;
};

}  // namespace sluice
