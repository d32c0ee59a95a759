// Client: files and snapshots in the place of databases.
#include <openssl/evp.h>

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
#include "clients/cpp/run.h"

namespace sluice {
namespace {

using client::Core;
using Stub = v1::SnapshotService::Stub;

constexpr size_t kPieceBytes = size_t{1} << 20;
constexpr int kFruitlessAttemptsMax = 5;
constexpr absl::Duration kFirstWait = absl::Milliseconds(200);

absl::Status LocalError(const std::string& path) {
  return client::ClientError(absl::StatusCode::kFailedPrecondition, client_reason::kLocalFile,
                             absl::StrCat(path, ": ", std::strerror(errno)));
}

// A file of this machine, read twice: for its digest, then to be sent.
class LocalFile {
 public:
  static absl::StatusOr<LocalFile> Open(const std::string& path) {
    LocalFile file(path);
    if (file.file_ == nullptr) return LocalError(path);
    auto status = file.Measure();
    if (!status.ok()) return status;
    return file;
  }

  int64_t size_bytes() const { return size_bytes_; }
  const std::string& sha256() const { return sha256_; }

  absl::StatusOr<std::string> Read(int64_t offset) const {
    std::string piece(kPieceBytes, '\0');
    if (fseeko(file_.get(), offset, SEEK_SET) != 0) return LocalError(path_);
    piece.resize(std::fread(piece.data(), 1, piece.size(), file_.get()));
    if (std::ferror(file_.get()) != 0) return LocalError(path_);
    if (!piece.empty()) return piece;
    return client::ClientError(absl::StatusCode::kFailedPrecondition, client_reason::kLocalFile,
                               absl::StrCat(path_, ": it became shorter while it was sent"));
  }

 private:
  explicit LocalFile(const std::string& path)
      : path_(path), file_(std::fopen(path.c_str(), "rb"), &std::fclose) {}

  absl::Status Measure() {
    const std::unique_ptr<EVP_MD_CTX, void (*)(EVP_MD_CTX*)> digest(EVP_MD_CTX_new(),
                                                                    &EVP_MD_CTX_free);
    EVP_DigestInit_ex(digest.get(), EVP_sha256(), nullptr);
    std::string piece(kPieceBytes, '\0');
    while (const size_t size = std::fread(piece.data(), 1, piece.size(), file_.get())) {
      EVP_DigestUpdate(digest.get(), piece.data(), size);
      size_bytes_ += static_cast<int64_t>(size);
    }
    if (std::ferror(file_.get()) != 0) return LocalError(path_);
    sha256_.resize(32);
    EVP_DigestFinal_ex(digest.get(), reinterpret_cast<unsigned char*>(sha256_.data()), nullptr);
    return absl::OkStatus();
  }

  std::string path_;
  std::unique_ptr<std::FILE, int (*)(std::FILE*)> file_;
  int64_t size_bytes_ = 0;
  std::string sha256_;
};

// Whether another attempt may do better with what has come: the server tells how far it is.
bool IsCut(const absl::Status& status) {
  const std::string reason = DetailsOf(status).reason;
  return absl::IsUnavailable(status) || reason == "UPLOAD_OFFSET" ||
         (absl::IsDataLoss(status) && reason == "CORRUPT") ||
         (reason.empty() && (absl::IsInternal(status) || absl::IsUnknown(status)));
}

class FileRestore {
 public:
  FileRestore(Core* core, const std::string& database, const LocalFile& file,
              const RestoreOptions& options)
      : core_(core), database_(database), file_(file), options_(options) {}

  // The upload's name, once all of the file is on the server's disk.
  absl::StatusOr<std::string> Send() {
    auto upload = FindOrCreate();
    int fruitless = 0;
    while (upload.ok() && upload->received_bytes() < file_.size_bytes()) {
      Tell(*upload);
      auto more = SendPiece(*upload);
      if (more.ok()) {
        fruitless = 0;
        upload = std::move(more);
        continue;
      }
      if (!IsCut(more.status()) || ++fruitless > kFruitlessAttemptsMax) return more.status();
      absl::SleepFor(kFirstWait * (1 << fruitless));
      if (auto now = Get(upload->upload()); now.ok()) upload = std::move(now);
    }
    if (!upload.ok()) return std::move(upload).status();
    Tell(*upload);
    return upload->upload();
  }

 private:
  void Tell(const v1::Upload& upload) const {
    if (options_.progress) options_.progress(upload.received_bytes(), file_.size_bytes());
  }

  // One of the same bytes that has not been restored yet.
  absl::StatusOr<v1::Upload> FindOrCreate() {
    v1::ListUploadsRequest list;
    list.set_database(database_);
    auto there = client::Run(core_, core_->snapshot, &Stub::ListUploads, list);
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
    auto made = client::Run(core_, core_->snapshot, &Stub::CreateUpload, request);
    if (!made.ok()) return std::move(made).status();
    return std::move(*made->mutable_upload());
  }

  absl::StatusOr<v1::Upload> SendPiece(const v1::Upload& upload) {
    auto piece = file_.Read(upload.received_bytes());
    if (!piece.ok()) return std::move(piece).status();
    v1::WriteUploadRequest request;
    request.set_database(database_);
    request.set_upload(upload.upload());
    request.set_offset(upload.received_bytes());
    request.set_crc32c(client::Crc32c(*piece));
    request.mutable_content()->set_data(*std::move(piece));
    auto written = client::Run(core_, core_->snapshot, &Stub::WriteUpload, request);
    if (!written.ok()) return std::move(written).status();
    return std::move(*written->mutable_upload());
  }

  absl::StatusOr<v1::Upload> Get(const std::string& upload) {
    v1::GetUploadRequest request;
    request.set_database(database_);
    request.set_upload(upload);
    auto got = client::Run(core_, core_->snapshot, &Stub::GetUpload, request);
    if (!got.ok()) return std::move(got).status();
    return std::move(*got->mutable_upload());
  }

  Core* const core_;
  const std::string& database_;
  const LocalFile& file_;
  const RestoreOptions& options_;
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
absl::StatusOr<v1::RestoreResult> RunLong(Core* core,
                                          client::Method<Stub, Request, Response> method,
                                          const Request& request) {
  client::Call call(core, core->options.stream_deadline);
  Response response;
  auto status =
      client::FromGrpc((core->snapshot.get()->*method)(&call.context, request, &response));
  if (!status.ok()) return status;
  return std::move(*response.mutable_result());
}

}  // namespace

absl::StatusOr<v1::RestoreResult> Client::Restore(absl::string_view database,
                                                  const std::string& path,
                                                  const RestoreOptions& options) const {
  if (auto status = client::CheckUtf8({database}); !status.ok()) return status;
  auto file = LocalFile::Open(path);
  if (!file.ok()) return std::move(file).status();
  v1::RestoreDatabaseRequest request;
  request.set_database(std::string(database));
  auto upload = FileRestore(core_.get(), request.database(), *file, options).Send();
  if (!upload.ok()) return std::move(upload).status();
  request.set_upload(*std::move(upload));
  SetOptions(options, &request);
  return RunLong(core_.get(), &Stub::RestoreDatabase, request);
}

absl::StatusOr<v1::RestoreResult> Client::RestoreSnapshot(absl::string_view database,
                                                          absl::string_view snapshot,
                                                          const RestoreOptions& options) const {
  if (auto status = client::CheckUtf8({database, snapshot}); !status.ok()) return status;
  v1::RestoreSnapshotRequest request;
  request.set_database(std::string(database));
  request.set_snapshot(std::string(snapshot));
  SetOptions(options, &request);
  return RunLong(core_.get(), &Stub::RestoreSnapshot, request);
}

}  // namespace sluice
