// Snapshots as messages.
#pragma once

#include "server/engine/kept_snapshot.h"
#include "server/engine/upload.h"
#include "sluice/v1/snapshot.pb.h"

namespace sluice::wire {

void FillSnapshot(const engine::KeptSnapshot& snapshot, v1::Snapshot* message);
void FillManifest(const engine::KeptSnapshot& snapshot, v1::SnapshotManifest* message);

void FillUpload(const engine::Upload& upload, v1::Upload* message);
void FillResult(const engine::RestoreResult& result, v1::RestoreResult* message);

}  // namespace sluice::wire
