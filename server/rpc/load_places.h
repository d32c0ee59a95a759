// How many loads run at a time, and how much they stage.
#pragma once

#include <cstdint>
#include <memory>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "server/base/error.h"
#include "server/base/limits.h"
#include "server/base/mutex.h"
#include "server/base/status.h"

namespace sluice::rpc {

// Thread-safe. Places may outlive it.
class LoadPlaces {
 private:
  struct State;

 public:
  explicit LoadPlaces(int places) : state_(std::make_shared<State>(places)) {}

  // Given back, with what it has staged, when it goes.
  class Place {
   public:
    Place(std::shared_ptr<State> state, uint64_t caller)
        : state_(std::move(state)), caller_(caller) {}
    ~Place() { state_->GiveBack(caller_, staged_bytes_); }
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;
    // Bytes that a load puts on the disk until its end. UNAVAILABLE (OVERLOADED) when all loads
    // together would have more there than kStagedBytesMax.
    absl::Status Stage(int64_t bytes) {
      RETURN_IF_ERROR(state_->Stage(bytes));
      staged_bytes_ += bytes;
      return absl::OkStatus();
    }

   private:
    const std::shared_ptr<State> state_;
    const uint64_t caller_;
    int64_t staged_bytes_ = 0;
  };

  // UNAVAILABLE (OVERLOADED) when all are taken, or half of them by this caller. 0 is nobody's.
  absl::StatusOr<std::unique_ptr<Place>> Take(uint64_t caller) const {
    RETURN_IF_ERROR(state_->Take(caller));
    return std::make_unique<Place>(state_, caller);
  }

 private:
  static absl::Status Overloaded(absl::string_view why) {
    return WithRetryAfter(Error(absl::StatusCode::kUnavailable, reason::kOverloaded, why),
                          absl::Seconds(1));
  }

  struct State {
    explicit State(int places_in) : places(places_in) {}
    absl::Status Take(uint64_t caller) {
      MutexLock lock(&mutex);
      if (taken >= places) return Overloaded("too many loads run on the server");
      const auto own = by_caller.find(caller);
      if (caller != 0 && own != by_caller.end() && own->second >= (places + 1) / 2) {
        return Overloaded("too many loads of this caller run on the server");
      }
      ++taken;
      ++by_caller[caller];
      return absl::OkStatus();
    }
    absl::Status Stage(int64_t bytes) {
      MutexLock lock(&mutex);
      if (staged_bytes + bytes > limits::kStagedBytesMax) {
        return Overloaded("loads in one transaction have too much on the server's disk");
      }
      staged_bytes += bytes;
      return absl::OkStatus();
    }
    void GiveBack(uint64_t caller, int64_t bytes) {
      MutexLock lock(&mutex);
      staged_bytes -= bytes;
      --taken;
      const auto own = by_caller.find(caller);
      if (--own->second == 0) by_caller.erase(own);
    }

    const int places;
    Mutex mutex;
    int taken ABSL_GUARDED_BY(mutex) = 0;
    int64_t staged_bytes ABSL_GUARDED_BY(mutex) = 0;
    absl::flat_hash_map<uint64_t, int> by_caller ABSL_GUARDED_BY(mutex);
  };
  const std::shared_ptr<State> state_;
};

}  // namespace sluice::rpc
