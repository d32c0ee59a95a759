// Snapshots as messages.
#pragma once

#include "server/engine/kept_snapshot.h"
#include "sluice/v1/snapshot.pb.h"

namespace sluice::wire {

void FillSnapshot(const engine::KeptSnapshot& snapshot, v1::Snapshot* message);
void FillManifest(const engine::KeptSnapshot& snapshot, v1::SnapshotManifest* message);

}  // namespace sluice::wire
