// How many streams run at a time, for the ceilings of the configuration.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "server/base/mutex.h"
#include "server/engine/settings.h"

namespace sluice::rpc {

// Thread-safe. Places may outlive it.
class StreamPlaces {
 public:
  // `settings` must outlive this and its places.
  explicit StreamPlaces(const engine::Settings* settings) : settings_(settings) {}

  // A stream's place; given back when the last copy goes.
  using Place = std::shared_ptr<const void>;
  // RESOURCE_EXHAUSTED (LIMIT) when the server, one of the databases or the caller has as many as
  // it may.
  absl::StatusOr<Place> Take(const std::vector<absl::string_view>& databases,
                             absl::string_view caller);

 private:
  struct Counts {
    Mutex mutex;
    absl::flat_hash_map<std::string, int64_t> taken ABSL_GUARDED_BY(mutex);
  };
  const engine::Settings* const settings_;
  const std::shared_ptr<Counts> counts_ = std::make_shared<Counts>();
};

}  // namespace sluice::rpc
