// How many loads run at a time.
#pragma once

#include <atomic>
#include <memory>

#include "absl/status/statusor.h"
#include "server/base/error.h"

namespace sluice::rpc {

// Thread-safe. Places may outlive it.
class LoadPlaces {
 public:
  explicit LoadPlaces(int places) : free_(std::make_shared<std::atomic<int>>(places)) {}

  // Given back when it goes.
  using Place = std::shared_ptr<const void>;
  // UNAVAILABLE (OVERLOADED) when all are taken.
  absl::StatusOr<Place> Take() const {
    const auto back = [](std::atomic<int>* free) { ++*free; };
    std::shared_ptr<std::atomic<int>> free = free_;
    const bool taken = --*free >= 0;
    Place place(free.get(), [free, back](const void*) { back(free.get()); });
    if (taken) return place;
    return WithRetryAfter(Error(absl::StatusCode::kUnavailable, reason::kOverloaded,
                                "too many loads run on the server"),
                          absl::Seconds(1));
  }

 private:
  const std::shared_ptr<std::atomic<int>> free_;
};

}  // namespace sluice::rpc
