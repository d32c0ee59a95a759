// Validation of what callers of SnapshotService send. Errors are INVALID_ARGUMENT (BAD_REQUEST) and
// name the field.
#pragma once

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/engine/restore.h"
#include "server/engine/snapshot_store.h"
#include "sluice/v1/snapshot.pb.h"

namespace sluice::wire {

absl::StatusOr<engine::CreateSnapshotSpec> ParseCreateSnapshot(
    const v1::CreateSnapshotRequest& request);

// Whether it is ZSTD.
absl::StatusOr<bool> ParseCompression(v1::Compression compression);

absl::StatusOr<engine::CreateUploadSpec> ParseCreateUpload(const v1::CreateUploadRequest& request);
// Offset, size and checksum of a piece; DATA_LOSS (CORRUPT) when the checksum does not agree.
absl::Status CheckWriteUpload(const v1::WriteUploadRequest& request);
engine::RestoreSpec ParseRestore(const v1::RestoreOptions& options);

// The first message of RefreshDatabase.
absl::Status CheckRefreshStart(const v1::RefreshDatabaseRequest& request);

}  // namespace sluice::wire
