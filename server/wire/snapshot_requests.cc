#include "server/wire/snapshot_requests.h"

#include "absl/strings/str_cat.h"
#include "server/base/error.h"
#include "server/base/limits.h"

namespace sluice::wire {

absl::Status CheckRefreshStart(const v1::RefreshDatabaseRequest& request) {
  if (!request.has_start()) return BadField("start", "must be the first message");
  const int32_t bytes = request.start().block_size_bytes();
  if (bytes < limits::kRefreshBlockBytesMin || bytes > limits::kRefreshBlockBytesMax ||
      (bytes & (bytes - 1)) != 0) {
    return BadField("start.block_size_bytes",
                    absl::StrCat("must be a power of two from ", limits::kRefreshBlockBytesMin,
                                 " to ", limits::kRefreshBlockBytesMax));
  }
  return absl::OkStatus();
}

}  // namespace sluice::wire
