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
  message->set_page_size_bytes(snapshot.page_size_bytes);
  message->set_size_bytes(snapshot.size_bytes);
  message->set_sha256(snapshot.sha256);
  message->set_commit_token(snapshot.commit_token);
  FillTime(snapshot.created, message->mutable_create_time());
  FillTime(snapshot.expires, message->mutable_expire_time());
}

void FillManifest(const engine::KeptSnapshot& snapshot, v1::SnapshotManifest* message) {
  message->set_page_size_bytes(snapshot.page_size_bytes);
  message->set_page_count(snapshot.size_bytes / snapshot.page_size_bytes);
  message->set_size_bytes(snapshot.size_bytes);
  message->set_commit_token(snapshot.commit_token);
}

}  // namespace sluice::wire
