#include "server/rpc/stream_places.h"

#include "absl/strings/str_cat.h"
#include "server/base/error.h"

namespace sluice::rpc {

absl::StatusOr<StreamPlaces::Place> StreamPlaces::Take(
    const std::vector<absl::string_view>& databases, absl::string_view caller) {
  struct Ceiling {
    std::string of;
    int64_t streams;
  };
  const auto of_caller = settings_->callers.find(std::string(caller));
  std::vector<Ceiling> ceilings = {
      {"server", settings_->ceilings.streams},
      {absl::StrCat("caller ", caller),
       of_caller == settings_->callers.end() ? INT64_MAX : of_caller->second.streams}};
  for (const absl::string_view database : databases) {
    ceilings.push_back(
        {absl::StrCat("database ", database), settings_->Database(database).ceilings.streams});
  }
  MutexLock lock(&counts_->mutex);
  for (const Ceiling& ceiling : ceilings) {
    const auto taken = counts_->taken.find(ceiling.of);
    if (taken == counts_->taken.end() || taken->second < ceiling.streams) continue;
    return WithMetadata(Error(absl::StatusCode::kResourceExhausted, reason::kLimit,
                              "as many streams run as the configuration allows"),
                        "limit", absl::StrCat(ceiling.streams));
  }
  for (const Ceiling& ceiling : ceilings) ++counts_->taken[ceiling.of];
  return Place(static_cast<const void*>(this), [counts = counts_, ceilings](const void*) {
    MutexLock release(&counts->mutex);
    for (const Ceiling& ceiling : ceilings) {
      if (--counts->taken[ceiling.of] == 0) counts->taken.erase(ceiling.of);
    }
  });
}

}  // namespace sluice::rpc
