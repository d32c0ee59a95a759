// Writing the bytes of kept snapshots: as the state is, written anew without free pages, or only
// some tables; compressed or not.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "server/engine/database.h"
#include "server/engine/kept_snapshot.h"
#include "server/engine/snapshot.h"

namespace sluice::engine {

// What is written from another transaction than the snapshot's, through a file between if it is
// compressed.
inline bool IsWrittenAnew(const KeptSnapshot& snapshot) {
  return snapshot.compact || !snapshot.tables.empty();
}

// Bytes on the disk that making it may take, when the database takes `bytes` as it is.
int64_t RoomFor(const KeptSnapshot& snapshot, int64_t bytes);

struct KeptJob {
  // Where the file is to lie. Beside it are files whose names begin so, until it is there.
  std::string path;
  std::shared_ptr<Database> database;
  // Its moment.
  Snapshot* snapshot = nullptr;
  // What the database may take, or its tables.
  int64_t bytes_max = 0;
  const std::atomic<bool>* cancelled = nullptr;
};

// Writes the file that `snapshot` tells of and fills in what is known only then: sizes, digest,
// commit token. Nothing is left when it fails.
absl::Status MakeKept(const KeptJob& job, KeptSnapshot* snapshot);

}  // namespace sluice::engine
