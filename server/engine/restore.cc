#include "server/engine/restore.h"

#include <unistd.h>

#include <algorithm>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "server/base/error.h"
#include "server/base/limits.h"
#include "server/base/log.h"
#include "server/base/status.h"
#include "server/engine/file.h"
#include "server/engine/restore_check.h"
#include "server/engine/swap.h"

namespace sluice::engine {
namespace {

using State = Upload::State;

// How long the copy of a snapshot is kept when the server is killed over it.
constexpr absl::Duration kCopyTtl = absl::Hours(1);

absl::Status TooMany() {
  return WithRetryAfter(
      Error(absl::StatusCode::kUnavailable, reason::kOverloaded, "other restores are under way"),
      absl::Seconds(5));
}

// All other tables would be gone.
absl::Status HoldsOnlySome() {
  return Error(absl::StatusCode::kFailedPrecondition, reason::kUnsupported,
               "the snapshot holds only some tables of the database; download it and restore the "
               "file if that is what is wanted");
}

absl::Status Incomplete(const Upload& upload) {
  return WithMetadata(Error(absl::StatusCode::kFailedPrecondition, reason::kUploadIncomplete,
                            absl::StrCat("only ", upload.received_bytes, " of ", upload.size_bytes,
                                         " bytes of the upload have been received")),
                      "offset", absl::StrCat(upload.received_bytes));
}

// What the replaced file is called until it is a kept snapshot, or removed.
std::string OldPath(const UploadStore::Hold& hold, const Upload& upload) {
  const std::string& snapshot = upload.result.replaced_snapshot;
  return hold.old_path(snapshot.empty() ? upload.id : snapshot);
}

}  // namespace

void Restorer::Recover() {
  auto replaced = uploads_->Recover(registry_->Folders());
  if (replaced.empty()) return;
  recovering_ = std::thread([this, replaced = std::move(replaced)] {
    for (const UploadStore::Replaced& each : replaced) KeepReplaced(each);
  });
}

void Restorer::KeepReplaced(const UploadStore::Replaced& replaced) {
  // A log that lay beside a damaged file: the snapshot is the bare file.
  MoveAside(replaced.path);
  const absl::Status kept = snapshots_->Adopt(replaced.snapshot, replaced.database, replaced.path);
  if (kept.ok()) return;
  Log(LogLevel::kError, "a replaced database could not be made a kept snapshot",
      {{"database", replaced.database}, {"why", kept.message()}});
}

absl::StatusOr<Upload> Restorer::CreateUpload(const std::string& database,
                                              const CreateUploadSpec& spec) {
  ASSIGN_OR_RETURN(const std::string path, spec.create ? registry_->PathForNew(database)
                                                       : registry_->PathForReplacing(database));
  return uploads_->Create(database, path, spec);
}

absl::StatusOr<std::optional<RestoreResult>> Restorer::RestoreUpload(const std::string& database,
                                                                     const std::string& upload,
                                                                     const RestoreSpec& spec,
                                                                     const Interrupt& interrupt) {
  ASSIGN_OR_RETURN(UploadStore::Hold hold, uploads_->Take(database, upload));
  return Run(hold, spec, interrupt);
}

absl::StatusOr<std::optional<RestoreResult>> Restorer::Run(UploadStore::Hold& hold,
                                                           const RestoreSpec& spec,
                                                           const Interrupt& interrupt) {
  const Upload upload = hold.upload();
  if (upload.state == State::kRestored) return upload.result;
  if (upload.state != State::kReceived) return Incomplete(upload);
  const absl::Cleanup leave = [this] { --running_; };
  if (++running_ > limits::kRestoresMax) return TooMany();
  RETURN_IF_ERROR(Check(hold, spec, interrupt));
  if (spec.validate_only) return std::nullopt;
  ASSIGN_OR_RETURN(RestoreResult result, PutInPlace(hold, spec, interrupt));
  return result;
}

absl::Status Restorer::Check(UploadStore::Hold& hold, const RestoreSpec& spec,
                             const Interrupt& interrupt) {
  hold.Tell(State::kRestoring, 0);
  Upload upload = hold.upload();
  if (!upload.bytes_checked) {
    RETURN_IF_ERROR(CheckBytes(hold.path(), upload.size_bytes, upload.sha256, interrupt,
                               [&](int64_t bytes) { hold.Tell(State::kRestoring, bytes); }));
    // From here on the bytes are the server's to change.
    upload.bytes_checked = true;
    upload.verified_bytes = upload.size_bytes;
    RETURN_IF_ERROR(hold.Save(upload));
  }
  return CheckDatabase(
      hold.path(),
      {.allow_foreign_key_violations = spec.allow_foreign_key_violations, .interrupt = interrupt});
}

absl::StatusOr<std::string> Restorer::MakeRoom(const Upload& upload, const std::string& target,
                                               const RestoreSpec& spec) {
  if (upload.create || spec.discard_replaced) return "";
  ASSIGN_OR_RETURN(const FileState file, LookAt(target));
  return snapshots_->Announce(upload.database, file.size_bytes);
}

absl::StatusOr<RestoreResult> Restorer::PutInPlace(UploadStore::Hold& hold, const RestoreSpec& spec,
                                                   const Interrupt& interrupt) {
  Upload upload = hold.upload();
  ASSIGN_OR_RETURN(upload.result.replaced_snapshot, MakeRoom(upload, hold.target(), spec));
  absl::Cleanup undo = [&] {
    snapshots_->Withdraw(upload.result.replaced_snapshot);
    upload.result = {};
    hold.Save(upload).IgnoreError();
  };
  ASSIGN_OR_RETURN(upload.result.commit_token, PrepareForService(hold.path()));
  // Before the swap: whoever finds the server killed must know what it was about to do.
  RETURN_IF_ERROR(hold.Save(upload));
  const absl::Status swapped = Swap(hold, upload, interrupt);
  if (LookAt(hold.path()).ok()) return swapped;
  std::move(undo).Cancel();
  upload.state = State::kRestored;
  RETURN_IF_ERROR(hold.Save(upload));
  const UploadStore::Replaced replaced = {.database = upload.database,
                                          .snapshot = upload.result.replaced_snapshot,
                                          .path = OldPath(hold, upload)};
  if (replaced.snapshot.empty()) {
    for (const char* ending : {"", "-wal", "-journal"}) unlink((replaced.path + ending).c_str());
  } else {
    KeepReplaced(replaced);
  }
  RETURN_IF_ERROR(swapped);
  return upload.result;
}

absl::Status Restorer::Swap(UploadStore::Hold& hold, const Upload& upload,
                            const Interrupt& interrupt) {
  // The file that the upload was made for, and not one that has come by now.
  ASSIGN_OR_RETURN(const std::string target, upload.create
                                                 ? registry_->PathForNew(upload.database)
                                                 : registry_->PathForReplacing(upload.database));
  if (target != hold.target()) {
    return Error(absl::StatusCode::kAborted, reason::kConflict,
                 "the database lies elsewhere than when the upload was made; make another");
  }
  if (upload.create) return registry_->Add(upload.database, hold.path());
  return registry_->Replace(upload.database, hold.path(), OldPath(hold, upload), interrupt);
}

absl::StatusOr<Upload> Restorer::CopySnapshot(const std::string& database, KeptContent content,
                                              const Interrupt& interrupt) {
  const KeptSnapshot& snapshot = content.snapshot();
  CreateUploadSpec spec{
      .size_bytes = snapshot.size_bytes, .sha256 = snapshot.sha256, .ttl = kCopyTtl};
  // A database whose file is gone comes back.
  spec.create = absl::IsNotFound(registry_->PathForReplacing(database).status());
  ASSIGN_OR_RETURN(Upload upload, CreateUpload(database, spec));
  absl::Cleanup undo = [&] { uploads_->Delete(database, upload.id).IgnoreError(); };
  std::string piece(limits::kUploadPieceBytesMax, '\0');
  while (upload.received_bytes < upload.size_bytes) {
    RETURN_IF_ERROR(interrupt.Check());
    const auto size = static_cast<size_t>(std::min<int64_t>(
        static_cast<int64_t>(piece.size()), upload.size_bytes - upload.received_bytes));
    RETURN_IF_ERROR(content.Read(upload.received_bytes, piece.data(), size));
    ASSIGN_OR_RETURN(
        upload, uploads_->Write(database, upload.id, upload.received_bytes, {piece.data(), size}));
  }
  std::move(undo).Cancel();
  return upload;
}

absl::StatusOr<std::optional<RestoreResult>> Restorer::RestoreSnapshot(const std::string& database,
                                                                       const std::string& snapshot,
                                                                       const RestoreSpec& spec,
                                                                       const Interrupt& interrupt) {
  ASSIGN_OR_RETURN(const auto file, snapshots_->Open(database, snapshot));
  if (!file->snapshot().tables.empty()) return HoldsOnlySome();
  ASSIGN_OR_RETURN(const Upload upload, CopySnapshot(database, KeptContent(file), interrupt));
  auto result = RestoreUpload(database, upload.id, spec, interrupt);
  uploads_->Delete(database, upload.id).IgnoreError();
  return result;
}

}  // namespace sluice::engine
