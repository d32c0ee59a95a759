// Validation of what callers of SnapshotService send. Errors are INVALID_ARGUMENT (BAD_REQUEST) and
// name the field.
#pragma once

#include "absl/status/status.h"
#include "sluice/v1/snapshot.pb.h"

namespace sluice::wire {

// The first message of RefreshDatabase.
absl::Status CheckRefreshStart(const v1::RefreshDatabaseRequest& request);

}  // namespace sluice::wire
