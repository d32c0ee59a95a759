#include "clients/cpp/snapshot_receiver.h"

#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "clients/cpp/crc32c.h"
#include "clients/cpp/error_details.h"
#include "clients/cpp/rpc_status.h"

namespace sluice::client {
namespace {

constexpr size_t kSha256Bytes = 32;
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

bool IsPlausible(const v1::SnapshotManifest& manifest) {
  const int64_t page_size = manifest.page_size_bytes();
  const int64_t pages = manifest.page_count();
  return page_size >= kPageBytesMin && page_size <= kPageBytesMax &&
         (page_size & (page_size - 1)) == 0 && pages >= 0 && pages <= kPagesMax &&
         manifest.size_bytes() == page_size * pages;
}

}  // namespace

absl::Status SnapshotReceiver::Take(v1::DownloadDatabaseResponse part) {
  if (!expected_digest_.empty()) return Malformed("something follows the digest");
  switch (part.part_case()) {
    case v1::DownloadDatabaseResponse::kManifest:
      return TakeManifest(std::move(*part.mutable_manifest()));
    case v1::DownloadDatabaseResponse::kChunk:
      return TakeChunk(std::move(*part.mutable_chunk()));
    case v1::DownloadDatabaseResponse::kDigest:
      return TakeDigest(std::move(*part.mutable_digest()));
    case v1::DownloadDatabaseResponse::PART_NOT_SET:
      break;
  }
  return Malformed("an empty message");
}

absl::Status SnapshotReceiver::TakeManifest(v1::SnapshotManifest manifest) {
  if (has_manifest_) return Malformed("a second manifest");
  if (!IsPlausible(manifest)) return Malformed("the manifest's sizes do not agree");
  manifest_ = std::move(manifest);
  has_manifest_ = true;
  return absl::OkStatus();
}

absl::Status SnapshotReceiver::TakeChunk(v1::SnapshotChunk chunk) {
  if (!has_manifest_) return Malformed("a chunk before the manifest");
  if (chunk.offset() != received_) {
    return Damaged(absl::StrCat("a chunk is for offset ", chunk.offset(), ", not ", received_));
  }
  const auto size = static_cast<int64_t>(chunk.data().size());
  if (size > manifest_.size_bytes() - received_) {
    return Damaged(absl::StrCat("more bytes than the ", manifest_.size_bytes(), " announced"));
  }
  if (Crc32c(chunk.data()) != chunk.crc32c()) {
    return Damaged(absl::StrCat("the checksum of the chunk at offset ", received_, " differs"));
  }
  if (auto status = file_->Write(chunk.data()); !status.ok()) return status;
  received_ += size;
  sha256_.Add(std::move(*chunk.mutable_data()));
  if (options_->progress) options_->progress({received_, manifest_.size_bytes()});
  return absl::OkStatus();
}

absl::Status SnapshotReceiver::TakeDigest(v1::SnapshotDigest digest) {
  if (!has_manifest_) return Malformed("a digest before the manifest");
  if (digest.sha256().size() != kSha256Bytes) return Malformed("the digest is no SHA-256");
  if (received_ != manifest_.size_bytes()) {
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
  auto digest = sha256_.Finish();
  if (!digest.ok()) return std::move(digest).status();
  if (*digest != expected_digest_) return Damaged("the SHA-256 of the whole differs");
  if (auto status = file_->Commit(); !status.ok()) return status;
  DownloadResult result;
  result.size_bytes = received_;
  result.sha256 = absl::BytesToHexString(*digest);
  result.commit_token = manifest_.commit_token();
  return result;
}

}  // namespace sluice::client
