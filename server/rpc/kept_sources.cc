#include "server/rpc/kept_sources.h"

#include <algorithm>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "server/base/limits.h"
#include "server/base/status.h"
#include "server/rpc/snapshot_chunk.h"
#include "server/wire/http_range.h"
#include "server/wire/proto_writer.h"
#include "server/wire/snapshot_messages.h"
#include "sluice/v1/snapshot.pb.h"

namespace sluice::rpc {

using Progress = MessageSource::Progress;

absl::StatusOr<Progress> KeptSource::Next(wire::Buffer* message) {
  if (!turn_.has_place()) {
    const int position = turn_.NewPosition();
    if (position > 0) *message = TellPosition(position);
    return message->empty() ? Progress::kWait : Progress::kMessage;
  }
  if (!std::exchange(begun_, true)) return Begin(message);
  return Continue(message);
}

size_t KeptSource::NextPieceBytes() const {
  return static_cast<size_t>(
      std::min<int64_t>(limits::kSnapshotChunkBytes, std::max<int64_t>(0, end_ - offset_)));
}

absl::StatusOr<Progress> KeptCheckedSource::Begin(wire::Buffer* message) {
  end_ = file_->snapshot().size_bytes;
  v1::DownloadSnapshotResponse response;
  wire::FillManifest(file_->snapshot(), response.mutable_manifest());
  if (packed_) {
    response.mutable_manifest()->set_compression(v1::COMPRESSION_ZSTD);
    response.mutable_manifest()->set_block_size_bytes(limits::kCompressedBlockBytes);
    offset_ -= offset_ % static_cast<int64_t>(limits::kCompressedBlockBytes);
  }
  *message = Serialize(response);
  return Progress::kMessage;
}

absl::StatusOr<Progress> KeptCheckedSource::Continue(wire::Buffer* message) {
  const size_t bytes = NextPieceBytes();
  if (bytes == 0) {
    v1::DownloadSnapshotResponse response;
    response.mutable_digest()->set_sha256(file_->snapshot().sha256);
    *message = Serialize(response);
    return Progress::kLastMessage;
  }
  if (packed_) return SendBlock(message);
  if (!turn_.MaySend(bytes)) return Progress::kWait;
  const auto fill = [&](wire::Buffer& out) {
    return ReadPiece(out, bytes, [this](int64_t offset, char* at, size_t count) {
      return content_.Read(offset, at, count);
    });
  };
  RETURN_IF_ERROR(
      PutChunk(v1::DownloadSnapshotResponse::kChunkFieldNumber, offset_, bytes, fill, message));
  return Progress::kMessage;
}

absl::StatusOr<Progress> KeptCheckedSource::SendBlock(wire::Buffer* message) {
  constexpr auto kBlockBytes = static_cast<int64_t>(limits::kCompressedBlockBytes);
  const int64_t block = offset_ / kBlockBytes;
  const size_t bytes = file_->blocks().packed_bytes(block);
  if (!turn_.MaySend(bytes)) return Progress::kWait;
  RETURN_IF_ERROR(call_.interrupt().Check());
  const auto fill = [&](wire::Buffer& out) -> absl::Status {
    RETURN_IF_ERROR(file_->Read(file_->blocks().begin(block), out.Reserve(bytes), bytes));
    out.Advance(bytes);
    return absl::OkStatus();
  };
  RETURN_IF_ERROR(
      PutChunk(v1::DownloadSnapshotResponse::kChunkFieldNumber, offset_, bytes, fill, message));
  offset_ = std::min(end_, offset_ + kBlockBytes);
  return Progress::kMessage;
}

absl::StatusOr<Progress> KeptFileSource::Begin(wire::Buffer* message) {
  const engine::KeptSnapshot& snapshot = file_->snapshot();
  const std::string etag = absl::StrCat("\"", absl::BytesToHexString(snapshot.sha256),
                                        snapshot.compressed ? "-zstd" : "", "\"");
  const wire::FileAnswer answer = wire::AnswerFileRequest(
      FileRequestOf(call_, /*may_change=*/false), etag, snapshot.file_bytes());
  AddFileHeaders(
      call_, answer, etag,
      absl::StrCat(snapshot.database, "-", snapshot.id, snapshot.compressed ? ".db.zst" : ".db"));
  RETURN_IF_ERROR(wire::ErrorOf(answer));
  if (answer.status == wire::kNotModified) return Progress::kEnd;
  offset_ = answer.begin;
  end_ = answer.end;
  return Continue(message);
}

absl::StatusOr<Progress> KeptFileSource::Continue(wire::Buffer* message) {
  const size_t bytes = NextPieceBytes();
  if (bytes == 0) return Progress::kEnd;
  if (!turn_.MaySend(bytes)) return Progress::kWait;
  wire::Buffer out =
      BeginFilePiece(bytes, file_->snapshot().compressed ? "application/zstd" : kDatabaseType);
  RETURN_IF_ERROR(ReadPiece(out, bytes, [this](int64_t offset, char* at, size_t count) {
    return file_->Read(offset, at, count);
  }));
  *message = std::move(out);
  return Progress::kMessage;
}

}  // namespace sluice::rpc
