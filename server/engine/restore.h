// Whole files in the place of databases: checked, swapped in, what was there before kept.
#pragma once

#include <atomic>
#include <optional>
#include <string>
#include <thread>

#include "absl/status/statusor.h"
#include "server/base/deadline.h"
#include "server/engine/registry.h"
#include "server/engine/snapshot_store.h"
#include "server/engine/upload_store.h"

namespace sluice::engine {

struct RestoreSpec {
  // Only check.
  bool validate_only = false;
  bool discard_replaced = false;
  bool allow_foreign_key_violations = false;
};

// Thread-safe. Everything runs in the caller's thread and takes as long as it takes; a few at a
// time.
class Restorer {
 public:
  // All of them outlive it.
  Restorer(Registry* registry, SnapshotStore* snapshots, UploadStore* uploads)
      : registry_(registry), snapshots_(snapshots), uploads_(uploads) {}
  ~Restorer() {
    if (recovering_.joinable()) recovering_.join();
  }

  // Before any database is opened: ends what a killed server had begun. What it had replaced is
  // made a kept snapshot in the background.
  void Recover();

  // NOT_FOUND (NO_SUCH_DATABASE), ALREADY_EXISTS (DATABASE_EXISTS), FAILED_PRECONDITION and what
  // UploadStore::Create says.
  absl::StatusOr<Upload> CreateUpload(const std::string& database, const CreateUploadSpec& spec);

  // See RestoreDatabase in snapshot.proto. Nothing for `validate_only`. Until the swap begins,
  // `interrupt` ends it.
  absl::StatusOr<std::optional<RestoreResult>> RestoreUpload(const std::string& database,
                                                             const std::string& upload,
                                                             const RestoreSpec& spec,
                                                             const Interrupt& interrupt);
  absl::StatusOr<std::optional<RestoreResult>> RestoreSnapshot(const std::string& database,
                                                               const std::string& snapshot,
                                                               const RestoreSpec& spec,
                                                               const Interrupt& interrupt);

 private:
  absl::StatusOr<std::optional<RestoreResult>> Run(UploadStore::Hold& hold, const RestoreSpec& spec,
                                                   const Interrupt& interrupt);
  absl::Status Check(UploadStore::Hold& hold, const RestoreSpec& spec, const Interrupt& interrupt);
  absl::StatusOr<RestoreResult> PutInPlace(UploadStore::Hold& hold, const RestoreSpec& spec,
                                           const Interrupt& interrupt);
  // A place for what is replaced, when it is to be kept.
  absl::StatusOr<std::string> MakeRoom(const Upload& upload, const std::string& target,
                                       const RestoreSpec& spec);
  absl::Status Swap(UploadStore::Hold& hold, const Upload& upload, const Interrupt& interrupt);
  void KeepReplaced(const UploadStore::Replaced& replaced);
  absl::StatusOr<Upload> CopySnapshot(const std::string& database, KeptContent content,
                                      const Interrupt& interrupt);

  Registry* const registry_;
  SnapshotStore* const snapshots_;
  UploadStore* const uploads_;
  std::atomic<int> running_{0};
  std::thread recovering_;
};

}  // namespace sluice::engine
