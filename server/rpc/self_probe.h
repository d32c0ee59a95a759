// Whether the gRPC port answers: one health check through a connection of its own, as any client
// makes it, so that a port that nobody listens at any more is noticed.
//
// Thread-safe. Has a thread, on which answers come, or at once. The check blocks it: gRPC's
// asynchronous clients keep threads of theirs waiting for events for ever after, and those take
// the server's events from the thread that wants them (measured: a third fewer calls).
#pragma once

#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "absl/time/time.h"
#include "grpcpp/client_context.h"
#include "server/base/mutex.h"

namespace sluice::rpc {

class SelfProbe {
 public:
  using Answer = std::function<void(bool serving)>;

  explicit SelfProbe(std::string address);
  // Cancels and awaits the check under way.
  ~SelfProbe();
  SelfProbe(const SelfProbe&) = delete;
  SelfProbe& operator=(const SelfProbe&) = delete;

  // Answers once, within two seconds; what was found less than a second ago at once. Those who
  // ask meanwhile share one check.
  void Ask(Answer answer);

 private:
  void Run();
  bool Check();
  void End(bool serving);

  const std::string address_;
  Mutex mutex_;
  CondVar changed_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  // Of the check under way.
  grpc::ClientContext* context_ ABSL_GUARDED_BY(mutex_) = nullptr;
  std::vector<Answer> waiting_ ABSL_GUARDED_BY(mutex_);
  bool found_ ABSL_GUARDED_BY(mutex_) = false;
  absl::Time found_at_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();
  std::thread thread_;
};

}  // namespace sluice::rpc
