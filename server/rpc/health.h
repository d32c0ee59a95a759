// grpc.health.v1: whether the server and each of its services answer.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "server/base/mutex.h"

namespace sluice::rpc {

// Thread-safe. The name "" stands for the server.
class Health {
 public:
  enum class State { kUnknownService, kServing, kNotServing };

  // Everything starts NOT_SERVING.
  explicit Health(const std::vector<std::string>& services);

  void SetAll(bool serving);
  State Find(absl::string_view service) const;

  // Calls `on_change` after every change until the subscription is dropped, and possibly once more
  // after that.
  class Subscription {
   public:
    Subscription(Health* health, std::function<void()> on_change);
    ~Subscription();
    Subscription(const Subscription&) = delete;
    Subscription& operator=(const Subscription&) = delete;

   private:
    friend class Health;
    Health* const health_;
    const std::function<void()> on_change_;
  };

 private:
  mutable Mutex mutex_;
  absl::flat_hash_map<std::string, bool> serving_ ABSL_GUARDED_BY(mutex_);
  std::vector<Subscription*> subscriptions_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace sluice::rpc
