#include "gateway/call_queue.h"

#include <pthread.h>

#include <memory>

#include "grpc/grpc.h"

namespace sluice::gateway {
namespace {

// JSON is made on them.
constexpr int kThreads = 2;

grpc_completion_queue* MakeQueue(bool in_process) {
  grpc_completion_queue_attributes attributes = {};
  attributes.version = GRPC_CQ_CURRENT_VERSION;
  attributes.cq_completion_type = GRPC_CQ_NEXT;
  attributes.cq_polling_type = in_process ? GRPC_CQ_NON_POLLING : GRPC_CQ_DEFAULT_POLLING;
  return grpc_completion_queue_create(grpc_completion_queue_factory_lookup(&attributes),
                                      &attributes, nullptr);
}

}  // namespace

CallQueue::CallQueue(bool in_process) : queue_(MakeQueue(in_process)) {
  for (int i = 0; i < kThreads; ++i) threads_.emplace_back([this] { Serve(); });
}

CallQueue::~CallQueue() {
  queue_.Shutdown();
  for (std::thread& thread : threads_) thread.join();
}

void CallQueue::Serve() {
  pthread_setname_np(pthread_self(), "sluice-gateway");
  void* tag = nullptr;
  bool ok = false;
  while (queue_.Next(&tag, &ok)) {
    const std::unique_ptr<Step> step(static_cast<Step*>(tag));
    (*step)(ok);
  }
}

}  // namespace sluice::gateway
