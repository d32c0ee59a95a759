#include "server/rpc/snapshot_sources.h"

#include <algorithm>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "server/base/check.h"
#include "server/base/error.h"
#include "server/base/limits.h"
#include "server/base/status.h"
#include "server/rpc/snapshot_chunk.h"
#include "server/wire/http_range.h"

namespace sluice::rpc {
using Progress = MessageSource::Progress;

// --- what all share ---

absl::StatusOr<Progress> SnapshotSource::Next(wire::Buffer* message) {
  if (!turn_.has_place()) {
    const int position = turn_.NewPosition();
    if (position > 0) *message = TellPosition(position);
    return message->empty() ? Progress::kWait : Progress::kMessage;
  }
  if (snapshot_ == nullptr) {
    ASSIGN_OR_RETURN(snapshot_, engine::Snapshot::Open(database_, call_.interrupt()));
    return Begin(message);
  }
  return Continue(message);
}

v1::SnapshotManifest SnapshotSource::Manifest() const {
  v1::SnapshotManifest manifest;
  manifest.set_page_size_bytes(snapshot_->page_size_bytes());
  manifest.set_page_count(snapshot_->page_count());
  manifest.set_size_bytes(snapshot_->size_bytes());
  manifest.set_commit_token(snapshot_->commit_token());
  return manifest;
}

size_t SnapshotSource::NextPieceBytes() const {
  const auto page = static_cast<size_t>(snapshot_->page_size_bytes());
  const size_t piece = std::max(page, limits::kSnapshotChunkBytes / page * page);
  return static_cast<size_t>(
      std::min<int64_t>(static_cast<int64_t>(piece), snapshot_->size_bytes() - offset_));
}

absl::StatusOr<absl::string_view> SnapshotSource::ReadPiece(wire::Buffer& out, size_t bytes) {
  char* const at = out.Reserve(bytes);
  ASSIGN_OR_RETURN(const size_t read, snapshot_->Read(at, bytes));
  CHECK(read == bytes);
  out.Advance(read);
  offset_ += static_cast<int64_t>(read);
  return absl::string_view(at, read);
}

StateDigest::StateDigest(engine::Database* database, const engine::Snapshot& snapshot)
    : database_(database), state_id_(snapshot.state_id()) {
  if (auto known = database_->known_digest().Find(state_id_); known.has_value()) {
    known_ = *std::move(known);
  } else {
    sha256_ = std::make_unique<engine::BackgroundSha256>();
  }
}

void StateDigest::Add(absl::string_view piece) {
  if (sha256_ != nullptr) sha256_->Add(piece);
}

void StateDigest::Wait() {
  if (sha256_ != nullptr) sha256_->Wait();
}

std::string StateDigest::Finish() {
  if (sha256_ == nullptr) return known_;
  std::string digest = sha256_->Finish();
  database_->known_digest().Set(state_id_, digest);
  return digest;
}

// --- checked ---

absl::StatusOr<Progress> CheckedSource::Begin(wire::Buffer* message) {
  v1::DownloadDatabaseResponse response;
  *response.mutable_manifest() = Manifest();
  *message = Serialize(response);
  digest_ = std::make_unique<StateDigest>(database_.get(), *snapshot_);
  return Progress::kMessage;
}

// Each chunk is hashed while the next one is read and the one before is sent.
absl::StatusOr<Progress> CheckedSource::Continue(wire::Buffer* message) {
  if (!prefetched_) {
    RETURN_IF_ERROR(Prefetch());
    prefetched_ = true;
  }
  if (next_.empty()) {
    v1::DownloadDatabaseResponse response;
    response.mutable_digest()->set_sha256(digest_->Finish());
    *message = Serialize(response);
    return Progress::kLastMessage;
  }
  if (!turn_.MaySend(next_.size())) return Progress::kWait;
  wire::Buffer ready = std::move(next_);
  RETURN_IF_ERROR(Prefetch());
  *message = std::move(ready);
  return Progress::kMessage;
}

// Makes `next_` the next chunk, or empty at the end. Adding its piece to the digest waits until the
// piece before has been hashed, so that one may be sent then.
absl::Status CheckedSource::Prefetch() {
  next_ = wire::Buffer();
  const size_t bytes = NextPieceBytes();
  if (bytes == 0) {
    digest_->Wait();
    return absl::OkStatus();
  }
  ASSIGN_OR_RETURN(const absl::string_view piece, MakeChunk(bytes, &next_));
  digest_->Add(piece);
  return absl::OkStatus();
}

absl::StatusOr<absl::string_view> CheckedSource::MakeChunk(size_t bytes, wire::Buffer* message) {
  absl::string_view piece;
  const auto fill = [&](wire::Buffer& out) -> absl::Status {
    ASSIGN_OR_RETURN(piece, ReadPiece(out, bytes));
    return absl::OkStatus();
  };
  RETURN_IF_ERROR(
      PutChunk(v1::DownloadDatabaseResponse::kChunkFieldNumber, offset_, bytes, fill, message));
  return piece;
}

// --- as a file ---

absl::StatusOr<Progress> FileSource::Begin(wire::Buffer* message) {
  const std::string etag = absl::StrCat("\"", absl::BytesToHexString(snapshot_->state_id()), "\"");
  const wire::FileAnswer answer = wire::AnswerFileRequest(FileRequestOf(call_, /*may_change=*/true),
                                                          etag, snapshot_->size_bytes());
  AddFileHeaders(call_, answer, etag, database_->name() + ".db");
  RETURN_IF_ERROR(wire::ErrorOf(answer));
  if (answer.status == wire::kNotModified) return Progress::kEnd;
  const int64_t page = answer.begin / snapshot_->page_size_bytes();
  snapshot_->Seek(page);
  offset_ = page * snapshot_->page_size_bytes();
  skip_ = answer.begin - offset_;
  end_ = answer.end;
  return Continue(message);
}

absl::StatusOr<Progress> FileSource::Continue(wire::Buffer* message) {
  const size_t bytes = offset_ < end_ ? NextPieceBytes() : 0;
  if (bytes == 0) return Progress::kEnd;
  if (!turn_.MaySend(bytes)) return Progress::kWait;
  const int64_t begin = std::exchange(skip_, 0);
  const int64_t size = std::min(static_cast<int64_t>(bytes), end_ - offset_) - begin;
  wire::Buffer out = BeginFilePiece(static_cast<size_t>(size));
  if (size == static_cast<int64_t>(bytes)) {
    RETURN_IF_ERROR(ReadPiece(out, bytes).status());
  } else {
    // The first and the last piece of a range, whose pages are not wanted whole.
    wire::Buffer pages(bytes);
    ASSIGN_OR_RETURN(const absl::string_view piece, ReadPiece(pages, bytes));
    out.Append(piece.substr(static_cast<size_t>(begin), static_cast<size_t>(size)));
  }
  *message = std::move(out);
  return Progress::kMessage;
}

// --- what an older copy lacks ---

absl::StatusOr<Progress> RefreshSource::Begin(wire::Buffer* message) {
  v1::RefreshDatabaseResponse response;
  *response.mutable_manifest() = Manifest();
  *message = Serialize(response);
  digest_ = std::make_unique<StateDigest>(database_.get(), *snapshot_);
  return Progress::kMessage;
}

absl::StatusOr<Progress> RefreshSource::Continue(wire::Buffer* message) {
  while (next_run_ == runs_.size()) {
    if (offset_ == snapshot_->size_bytes()) {
      v1::RefreshDatabaseResponse response;
      response.mutable_digest()->set_sha256(digest_->Finish());
      *message = Serialize(response);
      return Progress::kLastMessage;
    }
    ASSIGN_OR_RETURN(const bool taken, TakeHashes());
    if (!taken) return Progress::kWait;
    RETURN_IF_ERROR(ReadNextPiece());
  }
  if (!turn_.MaySend(runs_[next_run_].size)) return Progress::kWait;
  *message = MakeChunk(runs_[next_run_++]);
  return Progress::kMessage;
}

absl::StatusOr<bool> RefreshSource::TakeHashes() {
  while (!hashes_ended_ && hashes_used_ == hashes_.hashes().sha256_prefixes().size()) {
    const StreamCall::Incoming next = call_.TakeRequest(&request_);
    if (next == StreamCall::Incoming::kNotYet) return false;
    hashes_.Clear();
    hashes_used_ = 0;
    if (next == StreamCall::Incoming::kEnd) {
      hashes_ended_ = true;
      break;
    }
    RETURN_IF_ERROR(ParseRequest(request_, &hashes_));
    if (!hashes_.has_hashes()) return BadField("hashes", "must follow after start");
    if (hashes_.hashes().sha256_prefixes().size() % engine::kBlockHashBytes != 0) {
      return BadField("hashes.sha256_prefixes", "is no multiple of 16 bytes");
    }
    // Blocks that do not fit the pages are no use.
    if (block_bytes_ % snapshot_->page_size_bytes() != 0) {
      hashes_used_ = hashes_.hashes().sha256_prefixes().size();
    }
  }
  return true;
}

absl::Status RefreshSource::ReadNextPiece() {
  const auto block =
      static_cast<size_t>(std::max<int64_t>(block_bytes_, snapshot_->page_size_bytes()));
  const absl::string_view hashes =
      absl::string_view(hashes_.hashes().sha256_prefixes()).substr(hashes_used_);
  // As many blocks as make a chunk, and no more than there are hashes for now.
  size_t blocks = std::max<size_t>(1, limits::kSnapshotChunkBytes / block);
  if (!hashes.empty()) blocks = std::min(blocks, hashes.size() / engine::kBlockHashBytes);
  const auto left = static_cast<size_t>(snapshot_->size_bytes() - offset_);
  const size_t bytes = std::min(left, blocks * block);
  piece_offset_ = offset_;
  // The piece before last has been hashed: adding the last one waited for it.
  std::swap(piece_, hashed_);
  piece_.Clear();
  ASSIGN_OR_RETURN(const absl::string_view piece, ReadPiece(piece_, bytes));
  digest_->Add(piece);
  runs_ = engine::FindDifferences(piece, block, hashes);
  next_run_ = 0;
  hashes_used_ += std::min(hashes.size(), blocks * engine::kBlockHashBytes);
  return absl::OkStatus();
}

wire::Buffer RefreshSource::MakeChunk(const engine::ByteRun& run) const {
  wire::Buffer message;
  const auto fill = [&](wire::Buffer& out) {
    out.Append(piece_.view().substr(run.begin, run.size));
    return absl::OkStatus();
  };
  const absl::Status put =
      PutChunk(v1::RefreshDatabaseResponse::kChunkFieldNumber,
               piece_offset_ + static_cast<int64_t>(run.begin), run.size, fill, &message);
  CHECK(put.ok());
  return message;
}

}  // namespace sluice::rpc
