#include "server/rpc/health.h"

#include <algorithm>
#include <utility>

namespace sluice::rpc {

Health::Health(const std::vector<std::string>& services) {
  serving_[""] = false;
  for (const std::string& service : services) serving_[service] = false;
}

void Health::SetAll(bool serving) {
  std::vector<std::function<void()>> callbacks;
  {
    MutexLock lock(&mutex_);
    for (auto& [service, state] : serving_) state = serving;
    for (Subscription* subscription : subscriptions_) callbacks.push_back(subscription->on_change_);
  }
  // Outside of the lock: a callback may end up dropping a subscription.
  for (const auto& callback : callbacks) callback();
}

Health::State Health::Find(absl::string_view service) const {
  MutexLock lock(&mutex_);
  const auto found = serving_.find(service);
  if (found == serving_.end()) return State::kUnknownService;
  return found->second ? State::kServing : State::kNotServing;
}

Health::Subscription::Subscription(Health* health, std::function<void()> on_change)
    : health_(health), on_change_(std::move(on_change)) {
  MutexLock lock(&health_->mutex_);
  health_->subscriptions_.push_back(this);
}

Health::Subscription::~Subscription() {
  MutexLock lock(&health_->mutex_);
  auto& all = health_->subscriptions_;
  all.erase(std::find(all.begin(), all.end(), this));
}

}  // namespace sluice::rpc
