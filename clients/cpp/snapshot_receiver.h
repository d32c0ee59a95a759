// The receiving side of SnapshotService.DownloadDatabase and RefreshDatabase: checks each part of
// the stream as it comes and writes the file. Threads: one (the digest of a whole download is
// computed in a thread of its own).
#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "clients/cpp/client.h"
#include "clients/cpp/part_file.h"
#include "clients/cpp/sha256.h"
#include "sluice/v1/snapshot.pb.h"

namespace sluice::client {

class SnapshotReceiver {
 public:
  // Every byte comes, or only those that the file lacks.
  enum class Kind { kWhole, kDifference };
  SnapshotReceiver(Kind kind, PartFile* file, const DownloadOptions* options)
      : kind_(kind), file_(file), options_(options) {}

  // Takes the next message of the stream. DATA_LOSS (CHECKSUM) for damage, DATA_LOSS
  // (MALFORMED_ANSWER) for parts out of their order, or the file's error.
  template <typename Response>
  absl::Status Take(Response part) {
    if (part.has_queue()) return TakeQueue(part.queue());
    if (part.has_manifest()) return TakeManifest(std::move(*part.mutable_manifest()));
    if (part.has_chunk()) return TakeChunk(std::move(*part.mutable_chunk()));
    if (part.has_digest()) return TakeDigest(std::move(*part.mutable_digest()));
    return TakeNothing();
  }

  // After the end of a stream that ended well: compares the digest and gives the file its name.
  // DATA_LOSS (CUT) when parts are missing.
  absl::StatusOr<DownloadResult> Finish();

 private:
  absl::Status TakeNothing() const;
  absl::Status TakeQueue(const v1::SnapshotQueue& queue) const;
  absl::Status CheckNotEnded() const;
  absl::Status Unpack(v1::SnapshotChunk* chunk) const;
  absl::Status Write(v1::SnapshotChunk* chunk);
  absl::StatusOr<std::string> FinishDigest();
  void Report() const;
  absl::Status TakeManifest(v1::SnapshotManifest manifest);
  absl::Status TakeChunk(v1::SnapshotChunk chunk);
  absl::Status TakeDigest(v1::SnapshotDigest digest);

  const Kind kind_;
  PartFile* const file_;
  const DownloadOptions* const options_;
  Sha256Thread sha256_;
  v1::SnapshotManifest manifest_;
  // The end of the last chunk.
  int64_t received_ = 0;
  bool has_manifest_ = false;
  std::string expected_digest_;
};

}  // namespace sluice::client
