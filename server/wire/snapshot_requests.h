// Validation of what callers of SnapshotService send. Errors are INVALID_ARGUMENT (BAD_REQUEST) and
// name the field.
#pragma once

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/engine/snapshot_store.h"
#include "sluice/v1/snapshot.pb.h"

namespace sluice::wire {

absl::StatusOr<engine::CreateSnapshotSpec> ParseCreateSnapshot(
    const v1::CreateSnapshotRequest& request);

// The first message of RefreshDatabase.
absl::Status CheckRefreshStart(const v1::RefreshDatabaseRequest& request);

}  // namespace sluice::wire
