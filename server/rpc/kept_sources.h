// Kept snapshots as streams of messages. They hold no connection to a database.
#pragma once

#include <memory>

#include "server/base/status.h"
#include "server/engine/kept_snapshot.h"
#include "server/rpc/snapshot_chunk.h"
#include "server/rpc/stream_call.h"

namespace sluice::rpc {

// What both share: waiting for a place, the file, its pieces.
class KeptSource : public MessageSource {
 public:
  KeptSource(StreamCall& call, std::shared_ptr<const engine::KeptFile> file, Limits limits)
      : call_(call), file_(std::move(file)), turn_(call, limits.places, limits.bandwidth) {}

  absl::StatusOr<Progress> Next(wire::Buffer* message) override;

 protected:
  virtual absl::StatusOr<Progress> Begin(wire::Buffer* message) = 0;
  virtual absl::StatusOr<Progress> Continue(wire::Buffer* message) = 0;
  // Empty when the caller cannot be told.
  virtual wire::Buffer TellPosition(int position) const = 0;

  size_t NextPieceBytes() const;
  // Reads the next piece to the end of `out`, with `read(offset, at, bytes)`.
  template <typename Read>
  absl::Status ReadPiece(wire::Buffer& out, size_t bytes, const Read& read) {
    RETURN_IF_ERROR(call_.interrupt().Check());
    RETURN_IF_ERROR(read(offset_, out.Reserve(bytes), bytes));
    out.Advance(bytes);
    offset_ += static_cast<int64_t>(bytes);
    return absl::OkStatus();
  }

  StreamCall& call_;
  const std::shared_ptr<const engine::KeptFile> file_;
  Turn turn_;
  int64_t offset_ = 0;
  int64_t end_ = 0;

 private:
  bool begun_ = false;
};

// Manifest, chunks with checksums from an offset on, digest of the whole. A compressed file is sent
// as it is to whoever can unpack it.
class KeptCheckedSource final : public KeptSource {
 public:
  KeptCheckedSource(StreamCall& call, const std::shared_ptr<const engine::KeptFile>& file,
                    Limits limits, int64_t offset, bool unpacks)
      : KeptSource(call, file, limits),
        packed_(unpacks && file->snapshot().compressed),
        content_(file) {
    offset_ = offset;
  }

 private:
  absl::StatusOr<Progress> Begin(wire::Buffer* message) override;
  wire::Buffer TellPosition(int position) const override {
    return QueueMessage<v1::DownloadSnapshotResponse>(position);
  }
  absl::StatusOr<Progress> Continue(wire::Buffer* message) override;
  absl::StatusOr<Progress> SendBlock(wire::Buffer* message);

  const bool packed_;
  engine::KeptContent content_;
};

// The bare file for HTTP: all, or the range that was asked for.
class KeptFileSource final : public KeptSource {
 public:
  using KeptSource::KeptSource;

 private:
  absl::StatusOr<Progress> Begin(wire::Buffer* message) override;
  wire::Buffer TellPosition(int) const override { return wire::Buffer(); }
  absl::StatusOr<Progress> Continue(wire::Buffer* message) override;
};

}  // namespace sluice::rpc
