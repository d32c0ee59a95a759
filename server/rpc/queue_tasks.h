// Work that the completion queue's own thread does for others: answers that another thread has
// ready. Finishing a call on the thread that serves its connection costs half of what it costs
// anywhere else, and a whole group of answers wakes that thread once.
#pragma once

#include <functional>
#include <vector>

#include "grpcpp/alarm.h"
#include "grpcpp/completion_queue.h"
#include "server/base/mutex.h"
#include "server/rpc/call.h"

namespace sluice::rpc {

// Thread-safe. Must outlive its tasks: WaitUntilIdle, then shut the queue down.
class QueueTasks final : public Tag {
 public:
  explicit QueueTasks(grpc::CompletionQueue* queue) : queue_(queue) {}
  QueueTasks(const QueueTasks&) = delete;
  QueueTasks& operator=(const QueueTasks&) = delete;

  // Runs `task`, which must not block, on the queue's thread, in the order of posting.
  void Post(std::function<void()> task);
  // Returns when nothing is posted or running. Somebody must serve the queue meanwhile.
  void WaitUntilIdle();

 private:
  void Complete(bool ok) override;

  grpc::CompletionQueue* const queue_;
  Mutex mutex_;
  CondVar idle_;
  // Used by whoever set woken_, and by nobody else until the queue has given the tag back.
  grpc::Alarm alarm_;
  bool woken_ ABSL_GUARDED_BY(mutex_) = false;
  std::vector<std::function<void()>> tasks_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace sluice::rpc
