// How many bytes of large messages are held at a time.
#pragma once

#include <atomic>
#include <cstddef>
#include <memory>

#include "absl/status/statusor.h"

namespace sluice::rpc {

// Thread-safe. Places may outlive it.
class LargeMessages {
 public:
  explicit LargeMessages(size_t bytes_max)
      : bytes_max_(bytes_max), bytes_(std::make_shared<std::atomic<size_t>>(0)) {}

  // Given back when the last copy goes.
  using Place = std::shared_ptr<const void>;
  // RESOURCE_EXHAUSTED (LIMIT): with RetryInfo while others hold too much, without it for more than
  // all of them may.
  absl::StatusOr<Place> Take(size_t bytes) const;

  size_t bytes_max() const { return bytes_max_; }

 private:
  const size_t bytes_max_;
  // Taken.
  const std::shared_ptr<std::atomic<size_t>> bytes_;
};

}  // namespace sluice::rpc
