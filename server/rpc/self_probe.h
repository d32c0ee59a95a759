// Whether the gRPC port answers: one health check through a connection of its own, as any client
// makes it, so that a port that nobody listens at any more is noticed.
//
// Thread-safe. Answers come on gRPC's threads or at once.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/time/time.h"
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
  struct Check;
  void Begin();
  void End(bool serving);

  const std::string address_;
  Mutex mutex_;
  CondVar ended_;
  bool under_way_ ABSL_GUARDED_BY(mutex_) = false;
  // The last one, until the next: a connection is not closed by its own callback.
  std::shared_ptr<Check> check_ ABSL_GUARDED_BY(mutex_);
  std::vector<Answer> waiting_ ABSL_GUARDED_BY(mutex_);
  bool found_ ABSL_GUARDED_BY(mutex_) = false;
  absl::Time found_at_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();
};

}  // namespace sluice::rpc
