#include "clients/cpp/snapshot_receiver.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "clients/cpp/crc32c.h"
#include "clients/cpp/error_details.h"
#include "clients/cpp/rpc_status.h"
#include "clients/cpp/zstd_block.h"

namespace sluice::client {
namespace {

constexpr size_t kSha256Bytes = 32;
constexpr size_t kReadBytes = size_t{1} << 20;
// SQLite's own bounds.
constexpr int64_t kPageBytesMin = 512;
constexpr int64_t kPageBytesMax = 65'536;
constexpr int64_t kPagesMax = 0xFFFFFFFE;

absl::Status Malformed(absl::string_view what) {
  return ClientError(absl::StatusCode::kDataLoss, client_reason::kMalformedAnswer,
                     absl::StrCat("malformed download: ", what));
}

absl::Status Damaged(absl::string_view what) {
  return ClientError(absl::StatusCode::kDataLoss, client_reason::kChecksum,
                     absl::StrCat("damaged download: ", what));
}

// Of a server's blocks; a larger one would be memory for nothing.
constexpr int32_t kBlockBytesMax = 8 << 20;

bool IsPlausiblyPacked(const v1::SnapshotManifest& manifest) {
  if (manifest.compression() == v1::COMPRESSION_UNSPECIFIED) return true;
  return manifest.compression() == v1::COMPRESSION_ZSTD && manifest.block_size_bytes() > 0 &&
         manifest.block_size_bytes() <= kBlockBytesMax;
}

bool IsPlausible(const v1::SnapshotManifest& manifest) {
  const int64_t page_size = manifest.page_size_bytes();
  const int64_t pages = manifest.page_count();
  return page_size >= kPageBytesMin && page_size <= kPageBytesMax &&
         (page_size & (page_size - 1)) == 0 && pages >= 0 && pages <= kPagesMax &&
         manifest.size_bytes() == page_size * pages;
}

}  // namespace

absl::Status SnapshotReceiver::CheckNotEnded() const {
  return expected_digest_.empty() ? absl::OkStatus() : Malformed("something follows the digest");
}

absl::Status SnapshotReceiver::TakeNothing() const {
  if (auto status = CheckNotEnded(); !status.ok()) return status;
  return Malformed("an empty message");
}

absl::Status SnapshotReceiver::TakeQueue(const v1::SnapshotQueue& queue) const {
  if (has_manifest_) return Malformed("a place in the queue after the manifest");
  if (options_->queued) options_->queued(queue.position());
  return absl::OkStatus();
}

absl::Status SnapshotReceiver::TakeManifest(v1::SnapshotManifest manifest) {
  if (auto status = CheckNotEnded(); !status.ok()) return status;
  if (has_manifest_) return Malformed("a second manifest");
  if (!IsPlausible(manifest)) return Malformed("the manifest's sizes do not agree");
  if (!IsPlausiblyPacked(manifest)) return Malformed("it is packed in a way that is not known");
  manifest_ = std::move(manifest);
  has_manifest_ = true;
  return absl::OkStatus();
}

absl::Status SnapshotReceiver::TakeChunk(v1::SnapshotChunk chunk) {
  if (auto status = CheckNotEnded(); !status.ok()) return status;
  if (!has_manifest_) return Malformed("a chunk before the manifest");
  if (kind_ == Kind::kWhole ? chunk.offset() != received_ : chunk.offset() < received_) {
    return Damaged(absl::StrCat("a chunk is for offset ", chunk.offset(), ", not ", received_));
  }
  if (Crc32c(chunk.data()) != chunk.crc32c()) {
    return Damaged(
        absl::StrCat("the checksum of the chunk at offset ", chunk.offset(), " differs"));
  }
  if (auto status = Unpack(&chunk); !status.ok()) return status;
  const auto size = static_cast<int64_t>(chunk.data().size());
  if (size > manifest_.size_bytes() - chunk.offset()) {
    return Damaged(absl::StrCat("more bytes than the ", manifest_.size_bytes(), " announced"));
  }
  received_ = chunk.offset() + size;
  if (auto status = Write(&chunk); !status.ok()) return status;
  Report();
  return absl::OkStatus();
}

// What a frame may hold is known before it is unpacked.
absl::Status SnapshotReceiver::Unpack(v1::SnapshotChunk* chunk) const {
  if (manifest_.compression() == v1::COMPRESSION_UNSPECIFIED) return absl::OkStatus();
  const int64_t size =
      std::min<int64_t>(manifest_.block_size_bytes(), manifest_.size_bytes() - chunk->offset());
  std::string bytes;
  if (size <= 0 || !UnpackBlock(chunk->data(), static_cast<size_t>(size), &bytes)) {
    return Damaged(absl::StrCat("the chunk at offset ", chunk->offset(), " is not a block of ",
                                std::max<int64_t>(size, 0), " bytes"));
  }
  *chunk->mutable_data() = std::move(bytes);
  return absl::OkStatus();
}

absl::Status SnapshotReceiver::Write(v1::SnapshotChunk* chunk) {
  if (kind_ == Kind::kDifference) return file_->WriteAt(chunk->offset(), chunk->data());
  auto status = file_->Write(chunk->data());
  sha256_.Add(std::move(*chunk->mutable_data()));
  return status;
}

void SnapshotReceiver::Report() const {
  if (options_->progress) options_->progress({received_, manifest_.size_bytes()});
}

absl::Status SnapshotReceiver::TakeDigest(v1::SnapshotDigest digest) {
  if (auto status = CheckNotEnded(); !status.ok()) return status;
  if (!has_manifest_) return Malformed("a digest before the manifest");
  if (digest.sha256().size() != kSha256Bytes) return Malformed("the digest is no SHA-256");
  if (kind_ == Kind::kWhole && received_ != manifest_.size_bytes()) {
    return Damaged(absl::StrCat(received_, " bytes came instead of ", manifest_.size_bytes()));
  }
  expected_digest_ = std::move(*digest.mutable_sha256());
  return absl::OkStatus();
}

absl::StatusOr<DownloadResult> SnapshotReceiver::Finish() {
  if (expected_digest_.empty()) {
    return ClientError(absl::StatusCode::kDataLoss, client_reason::kCut,
                       absl::StrCat("the download was cut after ", received_, " bytes"));
  }
  auto digest = FinishDigest();
  if (!digest.ok()) return std::move(digest).status();
  if (*digest != expected_digest_) {
    // What is wrong with it is not known, so nothing of it is of use.
    if (auto status = file_->Resize(0); !status.ok()) return status;
    return Damaged("the SHA-256 of the whole differs");
  }
  if (auto status = file_->Commit(); !status.ok()) return status;
  DownloadResult result;
  result.size_bytes = manifest_.size_bytes();
  result.sha256 = absl::BytesToHexString(*digest);
  result.commit_token = manifest_.commit_token();
  return result;
}

absl::StatusOr<std::string> SnapshotReceiver::FinishDigest() {
  if (kind_ == Kind::kWhole) return sha256_.Finish();
  if (auto status = file_->Resize(manifest_.size_bytes()); !status.ok()) return status;
  // Of what the disk holds, old bytes and new.
  std::string piece;
  for (int64_t offset = 0; offset < manifest_.size_bytes();
       offset += static_cast<int64_t>(piece.size())) {
    piece.resize(kReadBytes);
    const auto size = file_->ReadAt(offset, piece.data(), piece.size());
    if (!size.ok()) return std::move(size).status();
    if (*size == 0) return Damaged("the file became shorter");
    piece.resize(*size);
    sha256_.Add(piece);
  }
  received_ = manifest_.size_bytes();
  Report();
  return sha256_.Finish();
}

}  // namespace sluice::client
