#include "server/rpc/queue_tasks.h"

#include <utility>

#include "grpc/support/time.h"

namespace sluice::rpc {

void QueueTasks::Post(std::function<void()> task) {
  {
    MutexLock lock(&mutex_);
    tasks_.push_back(std::move(task));
    if (woken_) return;
    woken_ = true;
  }
  alarm_.Set(queue_, gpr_inf_past(GPR_CLOCK_MONOTONIC), static_cast<Tag*>(this));
}

void QueueTasks::WaitUntilIdle() {
  MutexLock lock(&mutex_);
  while (woken_) idle_.Wait(&mutex_);
}

void QueueTasks::Complete(bool) {
  std::vector<std::function<void()>> tasks;
  while (true) {
    {
      MutexLock lock(&mutex_);
      if (tasks_.empty()) {
        woken_ = false;
        idle_.SignalAll();
        return;
      }
      tasks.swap(tasks_);
    }
    for (const std::function<void()>& task : tasks) task();
    tasks.clear();
  }
}

}  // namespace sluice::rpc
