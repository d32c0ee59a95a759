// Where the events of a backend's calls come: a completion queue of gRPC and threads that wait at
// it.
//
// Calls through sockets need threads that poll. Calls in process must not have them: whoever polls
// takes events from all sockets of the process, and the server beside would lose a third of its
// calls to that (measured); the queue of those is only a queue.
#pragma once

#include <functional>
#include <thread>
#include <vector>

#include "grpcpp/completion_queue.h"

namespace sluice::gateway {

class CallQueue {
 public:
  // `ok` as gRPC tells it of the operation.
  using Step = std::function<void(bool ok)>;

  explicit CallQueue(bool in_process);
  // When no call is under way any more.
  ~CallQueue();
  CallQueue(const CallQueue&) = delete;
  CallQueue& operator=(const CallQueue&) = delete;

  grpc::CompletionQueue* queue() { return &queue_; }
  // A tag for one operation on this queue, which is gone once the step has run.
  static void* Tag(Step step) { return new Step(std::move(step)); }

 private:
  void Serve();

  grpc::CompletionQueue queue_;
  std::vector<std::thread> threads_;
};

}  // namespace sluice::gateway
