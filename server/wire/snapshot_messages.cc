#include "server/wire/snapshot_messages.h"

#include "absl/time/time.h"

namespace sluice::wire {
namespace {

void FillTime(absl::Time time, google::protobuf::Timestamp* message) {
  const int64_t seconds = absl::ToUnixSeconds(time);
  message->set_seconds(seconds);
  message->set_nanos(
      static_cast<int32_t>(absl::ToInt64Nanoseconds(time - absl::FromUnixSeconds(seconds))));
}

}  // namespace

void FillSnapshot(const engine::KeptSnapshot& snapshot, v1::Snapshot* message) {
  message->set_database(snapshot.database);
  message->set_snapshot(snapshot.id);
  message->set_state(snapshot.state == engine::KeptSnapshot::State::kReady
                         ? v1::Snapshot::STATE_READY
                         : v1::Snapshot::STATE_CREATING);
  message->set_compact(snapshot.compact);
  message->mutable_tables()->Add(snapshot.tables.begin(), snapshot.tables.end());
  if (snapshot.compressed) message->set_compression(v1::COMPRESSION_ZSTD);
  if (snapshot.state == engine::KeptSnapshot::State::kReady) {
    message->set_file_size_bytes(snapshot.file_bytes());
  }
  message->set_page_size_bytes(snapshot.page_size_bytes);
  message->set_size_bytes(snapshot.size_bytes);
  message->set_sha256(snapshot.sha256);
  message->set_commit_token(snapshot.commit_token);
  FillTime(snapshot.created, message->mutable_create_time());
  if (snapshot.expires < engine::Never()) {
    FillTime(snapshot.expires, message->mutable_expire_time());
  }
}

void FillManifest(const engine::KeptSnapshot& snapshot, v1::SnapshotManifest* message) {
  message->set_page_size_bytes(snapshot.page_size_bytes);
  // 0 for what is kept of a damaged file.
  if (snapshot.page_size_bytes > 0) {
    message->set_page_count(snapshot.size_bytes / snapshot.page_size_bytes);
  }
  message->set_size_bytes(snapshot.size_bytes);
  message->set_commit_token(snapshot.commit_token);
}

void FillResult(const engine::RestoreResult& result, v1::RestoreResult* message) {
  message->set_commit_token(result.commit_token);
  message->set_replaced_snapshot(result.replaced_snapshot);
}

void FillUpload(const engine::Upload& upload, v1::Upload* message) {
  using State = engine::Upload::State;
  message->set_database(upload.database);
  message->set_upload(upload.id);
  message->set_state(upload.state == State::kReceiving   ? v1::Upload::STATE_RECEIVING
                     : upload.state == State::kReceived  ? v1::Upload::STATE_RECEIVED
                     : upload.state == State::kRestoring ? v1::Upload::STATE_RESTORING
                                                         : v1::Upload::STATE_RESTORED);
  message->set_size_bytes(upload.size_bytes);
  message->set_sha256(upload.sha256);
  message->set_received_bytes(upload.received_bytes);
  message->set_verified_bytes(upload.verified_bytes);
  message->set_create_database(upload.create);
  FillTime(upload.created, message->mutable_create_time());
  FillTime(upload.expires, message->mutable_expire_time());
  if (upload.state == State::kRestored) FillResult(upload.result, message->mutable_result());
}

}  // namespace sluice::wire
