#include "server/wire/snapshot_requests.h"

#include "absl/strings/str_cat.h"
#include "server/base/error.h"
#include "server/base/limits.h"

namespace sluice::wire {

absl::StatusOr<engine::CreateSnapshotSpec> ParseCreateSnapshot(
    const v1::CreateSnapshotRequest& request) {
  engine::CreateSnapshotSpec spec{.compact = request.compact(), .ttl = limits::kSnapshotTtlDefault};
  if (request.has_ttl()) {
    spec.ttl = absl::Seconds(request.ttl().seconds()) + absl::Nanoseconds(request.ttl().nanos());
    if (spec.ttl <= absl::ZeroDuration() || spec.ttl > limits::kSnapshotTtlMax) {
      return BadField("ttl", absl::StrCat("must be more than none and at most ",
                                          absl::FormatDuration(limits::kSnapshotTtlMax)));
    }
  }
  return spec;
}

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
