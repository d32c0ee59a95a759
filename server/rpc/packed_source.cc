#include "server/rpc/packed_source.h"

#include <algorithm>
#include <utility>

#include "server/base/limits.h"
#include "server/base/status.h"
#include "server/rpc/snapshot_chunk.h"

namespace sluice::rpc {

using Progress = MessageSource::Progress;

absl::StatusOr<Progress> PackedSource::Begin(wire::Buffer* message) {
  v1::DownloadDatabaseResponse response;
  *response.mutable_manifest() = Manifest();
  response.mutable_manifest()->set_compression(v1::COMPRESSION_ZSTD);
  response.mutable_manifest()->set_block_size_bytes(limits::kCompressedBlockBytes);
  *message = Serialize(response);
  digest_ = std::make_unique<StateDigest>(database_.get(), *snapshot_);
  return Progress::kMessage;
}

absl::StatusOr<Progress> PackedSource::Continue(wire::Buffer* message) {
  if (next_.empty()) {
    const auto bytes = static_cast<size_t>(
        std::min<int64_t>(limits::kCompressedBlockBytes, snapshot_->size_bytes() - offset_));
    if (bytes == 0) {
      v1::DownloadDatabaseResponse response;
      response.mutable_digest()->set_sha256(digest_->Finish());
      *message = Serialize(response);
      return Progress::kLastMessage;
    }
    RETURN_IF_ERROR(PackNext(bytes));
  }
  if (!turn_.MaySend(next_.size())) return Progress::kWait;
  *message = std::exchange(next_, wire::Buffer());
  return Progress::kMessage;
}

absl::Status PackedSource::PackNext(size_t bytes) {
  const int64_t begin = offset_;
  // The block before last has been hashed: adding the last one waited for it.
  std::swap(piece_, hashed_);
  piece_.Clear();
  ASSIGN_OR_RETURN(const absl::string_view piece, ReadPiece(piece_, bytes));
  digest_->Add(piece);
  frame_.resize(engine::BlockPacker::Bound(piece.size()));
  const absl::string_view frame(frame_.data(), packer_.Pack(piece, frame_.data()));
  const auto fill = [&](wire::Buffer& out) {
    out.Append(frame);
    return absl::OkStatus();
  };
  return PutChunk(v1::DownloadDatabaseResponse::kChunkFieldNumber, begin, frame.size(), fill,
                  &next_);
}

}  // namespace sluice::rpc
