// Whole databases as streams of messages. Each source waits for its place among the downloads, then
// holds one read transaction until it ends.
#pragma once

#include <memory>
#include <string>

#include "server/engine/digest.h"
#include "server/engine/refresh.h"
#include "server/engine/snapshot.h"
#include "server/rpc/snapshot_chunk.h"
#include "server/rpc/stream_call.h"
#include "sluice/v1/snapshot.pb.h"

namespace sluice::rpc {

// What all of them share: waiting for a place, the snapshot itself, its pieces.
class SnapshotSource : public MessageSource {
 public:
  SnapshotSource(StreamCall& call, std::shared_ptr<engine::Database> database, Limits limits)
      : call_(call), database_(std::move(database)), turn_(call, limits.places, limits.bandwidth) {}

  absl::StatusOr<Progress> Next(wire::Buffer* message) override;

 protected:
  virtual absl::StatusOr<Progress> Begin(wire::Buffer* message) = 0;
  virtual absl::StatusOr<Progress> Continue(wire::Buffer* message) = 0;
  // Empty when the caller cannot be told.
  virtual wire::Buffer TellPosition(int position) const = 0;

  v1::SnapshotManifest Manifest() const;
  // Bytes of the next piece: whole pages, one at least; 0 at the end.
  size_t NextPieceBytes() const;
  // Reads the next piece to the end of `out`.
  absl::StatusOr<absl::string_view> ReadPiece(wire::Buffer& out, size_t bytes);

  StreamCall& call_;
  const std::shared_ptr<engine::Database> database_;
  Turn turn_;
  std::unique_ptr<engine::Snapshot> snapshot_;
  int64_t offset_ = 0;
};

// The SHA-256 of a whole state: computed beside its download, or known from one before.
class StateDigest {
 public:
  StateDigest(engine::Database* database, const engine::Snapshot& snapshot);
  // As engine::BackgroundSha256.
  void Add(absl::string_view piece);
  void Wait();
  std::string Finish();

 private:
  engine::Database* const database_;
  const std::string state_id_;
  std::string known_;
  // Null when it is known.
  std::unique_ptr<engine::BackgroundSha256> sha256_;
};

// Manifest, chunks with checksums, digest.
class CheckedSource final : public SnapshotSource {
 public:
  using SnapshotSource::SnapshotSource;

 private:
  absl::StatusOr<Progress> Begin(wire::Buffer* message) override;
  wire::Buffer TellPosition(int position) const override {
    return QueueMessage<v1::DownloadDatabaseResponse>(position);
  }
  absl::StatusOr<Progress> Continue(wire::Buffer* message) override;
  absl::Status Prefetch();
  absl::StatusOr<absl::string_view> MakeChunk(size_t bytes, wire::Buffer* message);

  // In this order: the digest's thread reads from the chunk, so it ends first.
  wire::Buffer next_;
  bool prefetched_ = false;
  std::unique_ptr<StateDigest> digest_;
};

// The bare bytes for HTTP: all, or the range that was asked for, or only the head.
class FileSource final : public SnapshotSource {
 public:
  using SnapshotSource::SnapshotSource;

 private:
  absl::StatusOr<Progress> Begin(wire::Buffer* message) override;
  wire::Buffer TellPosition(int) const override { return wire::Buffer(); }
  absl::StatusOr<Progress> Continue(wire::Buffer* message) override;

  // Of the bytes that are still to be sent.
  int64_t end_ = 0;
  int64_t skip_ = 0;
};

// What an older copy lacks; see SnapshotService.RefreshDatabase.
class RefreshSource final : public SnapshotSource {
 public:
  RefreshSource(StreamCall& call, std::shared_ptr<engine::Database> database, Limits limits,
                int64_t block_size_bytes)
      : SnapshotSource(call, std::move(database), limits), block_bytes_(block_size_bytes) {}
  bool waits_for_caller() const override { return turn_.has_place(); }

 private:
  absl::StatusOr<Progress> Begin(wire::Buffer* message) override;
  wire::Buffer TellPosition(int position) const override {
    return QueueMessage<v1::RefreshDatabaseResponse>(position);
  }
  absl::StatusOr<Progress> Continue(wire::Buffer* message) override;
  // Takes the caller's next hashes when those before are used up; false when they have not come.
  absl::StatusOr<bool> TakeHashes();
  absl::Status ReadNextPiece();
  wire::Buffer MakeChunk(const engine::ByteRun& run) const;

  const int64_t block_bytes_;
  grpc::ByteBuffer request_;
  v1::RefreshDatabaseRequest hashes_;
  bool hashes_ended_ = false;
  size_t hashes_used_ = 0;
  // The piece that is being told, its runs that differ, and the piece before it, which is being
  // hashed. The digest's thread ends first.
  wire::Buffer piece_;
  wire::Buffer hashed_;
  int64_t piece_offset_ = 0;
  std::vector<engine::ByteRun> runs_;
  size_t next_run_ = 0;
  std::unique_ptr<StateDigest> digest_;
};

}  // namespace sluice::rpc
