// The receiving side of SnapshotService.DownloadDatabase: checks each part of the stream as it
// comes and writes the file. Threads: one (the digest is computed in a thread of its own).
#pragma once

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "clients/cpp/client.h"
#include "clients/cpp/part_file.h"
#include "clients/cpp/sha256.h"
#include "sluice/v1/snapshot.pb.h"

namespace sluice::client {

class SnapshotReceiver {
 public:
  SnapshotReceiver(PartFile* file, const DownloadOptions* options)
      : file_(file), options_(options) {}

  // Takes the next message of the stream. DATA_LOSS (CHECKSUM) for damage, DATA_LOSS
  // (MALFORMED_ANSWER) for parts out of their order, or the file's error.
  absl::Status Take(v1::DownloadDatabaseResponse part);

  // After the end of a stream that ended well: compares the digest and gives the file its name.
  // DATA_LOSS (CUT) when parts are missing.
  absl::StatusOr<DownloadResult> Finish();

 private:
  absl::Status TakeManifest(v1::SnapshotManifest manifest);
  absl::Status TakeChunk(v1::SnapshotChunk chunk);
  absl::Status TakeDigest(v1::SnapshotDigest digest);

  PartFile* const file_;
  const DownloadOptions* const options_;
  Sha256Thread sha256_;
  v1::SnapshotManifest manifest_;
  int64_t received_ = 0;
  bool has_manifest_ = false;
  std::string expected_digest_;
};

}  // namespace sluice::client
