#include "server/base/descriptors.h"

#include <sys/resource.h>

#include <algorithm>

namespace sluice {

int RaiseDescriptorLimit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return kDescriptorsMax;
  const rlim_t wanted = std::min(limit.rlim_max, rlim_t{kDescriptorsMax});
  if (limit.rlim_cur < wanted) {
    rlimit raised = limit;
    raised.rlim_cur = wanted;
    if (setrlimit(RLIMIT_NOFILE, &raised) == 0) limit = raised;
  }
  // More than that are there, and nobody gets them: the shares bound memory too.
  return static_cast<int>(std::min(limit.rlim_cur, rlim_t{kDescriptorsMax}));
}

DescriptorShares ShareDescriptors(int limit) {
  return {.http_connections = static_cast<size_t>(limit) / 2,
          .http = limit / 8 * 7,
          .grpc = limit / 4 * 3,
          .admin = limit / 16 * 15};
}

}  // namespace sluice
