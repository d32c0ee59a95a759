// Client: files and snapshots in the place of databases.
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "clients/cpp/client.h"
#include "clients/cpp/core.h"
#include "clients/cpp/crc32c.h"
#include "clients/cpp/retry.h"
#include "clients/cpp/run.h"
#include "clients/cpp/sha256.h"

namespace sluice {
namespace {

using client::Core;
using client::Verdict;
using Stub = v1::SnapshotService::Stub;

constexpr size_t kPieceBytes = size_t{1} << 20;

absl::Status LocalError(const std::string& path, absl::string_view what) {
  return client::ClientError(absl::StatusCode::kFailedPrecondition, client_reason::kLocalFile,
                             absl::StrCat(path, ": ", what));
}

absl::Status SystemError(const std::string& path) { return LocalError(path, std::strerror(errno)); }

// Refuses a file of which a part may stand in a log beside it.
absl::Status RefuseLive(const std::string& path) {
  struct stat found{};
  std::string log;
  if (stat((path + "-wal").c_str(), &found) == 0 && found.st_size > 0) log = path + "-wal";
  if (lstat((path + "-journal").c_str(), &found) == 0) log = path + "-journal";
  if (log.empty()) return absl::OkStatus();
  return LocalError(path, absl::StrCat("is not sent: a part of the database may be in ", log,
                                       "; close it, run PRAGMA wal_checkpoint(TRUNCATE), or send "
                                       "a copy made by VACUUM INTO"));
}

// A file of this machine, read twice: for its digest, then to be sent.
class LocalFile {
 public:
  static absl::StatusOr<LocalFile> Open(const std::string& path) {
    if (auto status = RefuseLive(path); !status.ok()) return status;
    LocalFile file(path);
    if (file.file_ == nullptr) return SystemError(path);
    auto digest = client::DigestOf(file.file_.get());
    if (!digest.ok()) return LocalError(path, digest.status().message());
    file.digest_ = *std::move(digest);
    return file;
  }

  int64_t size_bytes() const { return digest_.size_bytes; }
  const std::string& sha256() const { return digest_.sha256; }

  absl::StatusOr<std::string> Read(int64_t offset) const {
    std::string piece(kPieceBytes, '\0');
    if (fseeko(file_.get(), offset, SEEK_SET) != 0) return SystemError(path_);
    piece.resize(std::fread(piece.data(), 1, piece.size(), file_.get()));
    if (std::ferror(file_.get()) != 0) return SystemError(path_);
    if (!piece.empty()) return piece;
    return LocalError(path_, "it became shorter while it was sent");
  }

 private:
  explicit LocalFile(const std::string& path)
      : path_(path), file_(std::fopen(path.c_str(), "rb"), &std::fclose) {}

  std::string path_;
  std::unique_ptr<std::FILE, int (*)(std::FILE*)> file_;
  client::FileDigest digest_;
};

// Whether another attempt may do better with what has come: the server tells how far it is. A piece
// that took too long was cut.
Verdict VerdictOf(const absl::Status& status) {
  const std::string reason = DetailsOf(status).reason;
  return client::CutIf(client::StreamWasCut(status) || absl::IsDeadlineExceeded(status) ||
                       reason == "UPLOAD_OFFSET" ||
                       (absl::IsDataLoss(status) && reason == "CORRUPT"));
}

class FileRestore {
 public:
  // All of it ends at `end`.
  FileRestore(Core* core, const std::string& database, const LocalFile& file,
              const RestoreOptions& options, absl::Time end)
      : core_(core), database_(database), file_(file), options_(options), end_(end) {}

  // The upload's name, once all of the file is on the server's disk.
  absl::StatusOr<std::string> Send() {
    auto upload = FindOrCreate();
    if (!upload.ok()) return std::move(upload).status();
    upload_ = *std::move(upload);
    known_ = true;
    const absl::Status status = client::GoOn({.attempt = [&] { return SendRest(); },
                                              .judge = VerdictOf,
                                              .reached = [&] { return upload_.received_bytes(); },
                                              .given_up = [&] { return core_->cancelled(); },
                                              .end = end_});
    if (!status.ok()) return status;
    return upload_.upload();
  }

 private:
  absl::Status SendRest() {
    if (!known_) {
      v1::GetUploadRequest request;
      request.set_database(database_);
      request.set_upload(upload_.upload());
      auto status = Update(Run(&Stub::GetUpload, request));
      if (!status.ok()) return status;
    }
    known_ = false;
    for (Tell(); upload_.received_bytes() < file_.size_bytes(); Tell()) {
      if (auto status = SendPiece(); !status.ok()) return status;
    }
    return absl::OkStatus();
  }

  void Tell() const {
    if (options_.progress) options_.progress(upload_.received_bytes(), file_.size_bytes());
  }

  template <typename Response>
  absl::Status Update(absl::StatusOr<Response> response) {
    if (!response.ok()) return std::move(response).status();
    upload_ = std::move(*response->mutable_upload());
    return absl::OkStatus();
  }

  // Within the time that is left.
  template <typename Request, typename Response>
  absl::StatusOr<Response> Run(client::Method<Stub, Request, Response> method,
                               const Request& request) {
    return client::RunWithin(std::min(core_->options.deadline, end_ - absl::Now()), core_,
                             core_->snapshot, method, request);
  }

  // One of the same bytes that has not been restored yet.
  absl::StatusOr<v1::Upload> FindOrCreate() {
    v1::ListUploadsRequest list;
    list.set_database(database_);
    auto there = Run(&Stub::ListUploads, list);
    if (!there.ok() && !absl::IsNotFound(there.status())) return std::move(there).status();
    if (there.ok()) {
      for (v1::Upload& upload : *there->mutable_uploads()) {
        if (upload.sha256() == file_.sha256() && upload.size_bytes() == file_.size_bytes() &&
            upload.create_database() == options_.create &&
            upload.state() != v1::Upload::STATE_RESTORED) {
          return std::move(upload);
        }
      }
    }
    v1::CreateUploadRequest request;
    request.set_database(database_);
    request.set_size_bytes(file_.size_bytes());
    request.set_sha256(file_.sha256());
    request.set_create_database(options_.create);
    auto made = Run(&Stub::CreateUpload, request);
    if (!made.ok()) return std::move(made).status();
    return std::move(*made->mutable_upload());
  }

  absl::Status SendPiece() {
    auto piece = file_.Read(upload_.received_bytes());
    if (!piece.ok()) return std::move(piece).status();
    v1::WriteUploadRequest request;
    request.set_database(database_);
    request.set_upload(upload_.upload());
    request.set_offset(upload_.received_bytes());
    request.set_crc32c(client::Crc32c(*piece));
    request.mutable_content()->set_data(*std::move(piece));
    return Update(Run(&Stub::WriteUpload, request));
  }

  Core* const core_;
  const std::string& database_;
  const LocalFile& file_;
  const RestoreOptions& options_;
  const absl::Time end_;
  // As far as the server has told.
  v1::Upload upload_;
  // Nothing has failed since, so that the server need not be asked.
  bool known_ = false;
};

template <typename Request>
void SetOptions(const RestoreOptions& options, Request* request) {
  v1::RestoreOptions* const message = request->mutable_options();
  message->set_validate_only(options.validate_only);
  message->set_discard_replaced(options.discard_replaced);
  message->set_allow_foreign_key_violations(options.allow_foreign_key_violations);
}

// Checking takes as long as the file is large.
template <typename Request, typename Response>
absl::StatusOr<v1::RestoreResult> RunLong(Core* core, absl::Time end,
                                          client::Method<Stub, Request, Response> method,
                                          const Request& request) {
  auto response = client::RunWithin(end - absl::Now(), core, core->snapshot, method, request);
  if (!response.ok()) return std::move(response).status();
  return std::move(*response->mutable_result());
}

}  // namespace

absl::StatusOr<v1::RestoreResult> Client::Restore(absl::string_view database,
                                                  const std::string& path,
                                                  const RestoreOptions& options) const {
  if (auto status = client::CheckUtf8({database}); !status.ok()) return status;
  const absl::Time end = absl::Now() + core_->options.stream_deadline;
  auto file = LocalFile::Open(path);
  if (!file.ok()) return std::move(file).status();
  v1::RestoreDatabaseRequest request;
  request.set_database(std::string(database));
  auto upload = FileRestore(core_.get(), request.database(), *file, options, end).Send();
  if (!upload.ok()) return std::move(upload).status();
  request.set_upload(*std::move(upload));
  SetOptions(options, &request);
  absl::StatusOr<v1::RestoreResult> result;
  // When the answer is lost: the server restores an upload once, and answers alike.
  client::GoOn(
      {.attempt =
           [&] {
             result = RunLong(core_.get(), end, &Stub::RestoreDatabase, request);
             return result.status();
           },
       .judge =
           [](const absl::Status& status) { return client::CutIf(client::ConnectionLost(status)); },
       .reached = [] { return int64_t{0}; },
       .given_up = [&] { return core_->cancelled(); },
       .end = end})
      .IgnoreError();
  return result;
}

absl::StatusOr<v1::RestoreResult> Client::RestoreSnapshot(absl::string_view database,
                                                          absl::string_view snapshot,
                                                          const RestoreOptions& options) const {
  if (auto status = client::CheckUtf8({database, snapshot}); !status.ok()) return status;
  v1::RestoreSnapshotRequest request;
  request.set_database(std::string(database));
  request.set_snapshot(std::string(snapshot));
  SetOptions(options, &request);
  const absl::Time end = absl::Now() + core_->options.stream_deadline;
  return RunLong(core_.get(), end, &Stub::RestoreSnapshot, request);
}

}  // namespace sluice
