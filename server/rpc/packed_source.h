// A live database as a stream of compressed blocks, for callers behind a slow network.
#pragma once

#include <memory>
#include <string>

#include "server/engine/zstd_blocks.h"
#include "server/rpc/snapshot_sources.h"

namespace sluice::rpc {

// As CheckedSource, each chunk being the frame of one block.
class PackedSource final : public SnapshotSource {
 public:
  using SnapshotSource::SnapshotSource;

 private:
  absl::StatusOr<Progress> Begin(wire::Buffer* message) override;
  wire::Buffer TellPosition(int position) const override {
    return QueueMessage<v1::DownloadDatabaseResponse>(position);
  }
  absl::StatusOr<Progress> Continue(wire::Buffer* message) override;
  // Makes `next_` the chunk of the next block.
  absl::Status PackNext(size_t bytes);

  engine::BlockPacker packer_{engine::Packing::kFast};
  std::string frame_;
  wire::Buffer next_;
  // The block that is packed, and the one before, which is maybe being hashed still: the digest's
  // thread ends first.
  wire::Buffer piece_;
  wire::Buffer hashed_;
  std::unique_ptr<StateDigest> digest_;
};

}  // namespace sluice::rpc
