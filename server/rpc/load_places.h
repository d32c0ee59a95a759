// How many loads run at a time.
#pragma once

#include <cstdint>
#include <memory>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "server/base/error.h"
#include "server/base/mutex.h"

namespace sluice::rpc {

// Thread-safe. Places may outlive it.
class LoadPlaces {
 public:
  explicit LoadPlaces(int places) : state_(std::make_shared<State>(places)) {}

  // Given back when it goes.
  using Place = std::shared_ptr<const void>;
  // UNAVAILABLE (OVERLOADED) when all are taken, or half of them by this caller. 0 is nobody's.
  absl::StatusOr<Place> Take(uint64_t caller) const {
    {
      MutexLock lock(&state_->mutex);
      const auto own = state_->by_caller.find(caller);
      const bool half =
          caller != 0 && own != state_->by_caller.end() && own->second >= (state_->places + 1) / 2;
      if (state_->taken >= state_->places || half) {
        return WithRetryAfter(Error(absl::StatusCode::kUnavailable, reason::kOverloaded,
                                    half ? "too many loads of this caller run on the server"
                                         : "too many loads run on the server"),
                              absl::Seconds(1));
      }
      ++state_->taken;
      ++state_->by_caller[caller];
    }
    return Place(state_.get(), [state = state_, caller](const void*) { state->GiveBack(caller); });
  }

 private:
  struct State {
    explicit State(int places_in) : places(places_in) {}
    void GiveBack(uint64_t caller) {
      MutexLock lock(&mutex);
      --taken;
      const auto own = by_caller.find(caller);
      if (--own->second == 0) by_caller.erase(own);
    }
    const int places;
    Mutex mutex;
    int taken ABSL_GUARDED_BY(mutex) = 0;
    absl::flat_hash_map<uint64_t, int> by_caller ABSL_GUARDED_BY(mutex);
  };
  const std::shared_ptr<State> state_;
};

}  // namespace sluice::rpc
