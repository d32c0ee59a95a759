#include <utility>

#include "server/base/error.h"
#include "server/base/limits.h"
#include "server/base/status.h"
#include "server/engine/snapshot.h"
#include "server/rpc/kept_sources.h"
#include "server/rpc/packed_source.h"
#include "server/rpc/reads.h"
#include "server/rpc/restores.h"
#include "server/rpc/services.h"
#include "server/rpc/snapshot_sources.h"
#include "server/wire/requests.h"
#include "server/wire/snapshot_messages.h"
#include "server/wire/snapshot_requests.h"
#include "sluice/v1/snapshot.grpc.pb.h"

namespace sluice::rpc {
namespace {

using Generated = v1::SnapshotService;
using RawLive = Generated::WithRawMethod_DownloadDatabase<Generated::WithRawMethod_ReadDatabaseFile<
    Generated::WithRawMethod_RefreshDatabase<Generated::Service>>>;
using RawKept = Generated::WithRawMethod_CreateSnapshot<Generated::WithRawMethod_ListSnapshots<
    Generated::WithRawMethod_GetSnapshot<Generated::WithRawMethod_DeleteSnapshot<RawLive>>>>;
using RawFiles =
    Generated::WithRawMethod_DownloadSnapshot<Generated::WithRawMethod_ReadSnapshotFile<RawKept>>;
using RawUploads = Generated::WithRawMethod_CreateUpload<
    Generated::WithRawMethod_ListUploads<Generated::WithRawMethod_GetUpload<
        Generated::WithRawMethod_WriteUpload<Generated::WithRawMethod_DeleteUpload<RawFiles>>>>>;
using Raw =
    Generated::WithRawMethod_RestoreDatabase<Generated::WithRawMethod_RestoreSnapshot<RawUploads>>;

class SnapshotServiceRpc : public RpcService {
 public:
  explicit SnapshotServiceRpc(const ServiceContext& context) : context_(context) {}

  grpc::Service* service() override { return &raw_; }

  void AddMethods(ServerParts& parts) override {
    AddLive(parts);
    AddKept(parts);
    AddRestores(parts);
  }

 private:
  void AddLive(ServerParts& parts) {
    const char* const name = Generated::service_full_name();
    parts.AddStream(&raw_, name, "DownloadDatabase", &Raw::RequestDownloadDatabase,
                    Stream<v1::DownloadDatabaseRequest>([this](auto& call, const auto& request) {
                      return DownloadDatabase(call, request);
                    }));
    parts.AddStream(&raw_, name, "ReadDatabaseFile", &Raw::RequestReadDatabaseFile,
                    Stream<v1::ReadDatabaseFileRequest>([this](auto& call, const auto& request) {
                      return Open<FileSource>(call, request);
                    }));
    parts.AddBothWays(
        &raw_, name, "RefreshDatabase", &Raw::RequestRefreshDatabase,
        Stream<v1::RefreshDatabaseRequest>([this](auto& call, const auto& request)
                                               -> absl::StatusOr<std::unique_ptr<MessageSource>> {
          RETURN_IF_ERROR(wire::CheckRefreshStart(request));
          return Open<RefreshSource>(call, request.start(), request.start().block_size_bytes());
        }));
  }

  void AddKept(ServerParts& parts) {
    const char* const name = Generated::service_full_name();
    parts.AddUnary(
        &raw_, name, "CreateSnapshot", &Raw::RequestCreateSnapshot, RunOn::kWorkers,
        DeferredUnary<v1::CreateSnapshotRequest>(
            [this](auto& call, const auto& request) { return CreateSnapshot(call, request); }));
    parts.AddUnary(&raw_, name, "ListSnapshots", &Raw::RequestListSnapshots, RunOn::kWorkers,
                   Unary<v1::ListSnapshotsRequest>([this](auto&, const auto& request, auto* out) {
                     return ListSnapshots(request, out);
                   }));
    parts.AddUnary(&raw_, name, "GetSnapshot", &Raw::RequestGetSnapshot, RunOn::kWorkers,
                   Unary<v1::GetSnapshotRequest>([this](auto&, const auto& request, auto* out) {
                     return GetSnapshot(request, out);
                   }));
    parts.AddUnary(&raw_, name, "DeleteSnapshot", &Raw::RequestDeleteSnapshot, RunOn::kWorkers,
                   Unary<v1::DeleteSnapshotRequest>([this](auto&, const auto& request, auto* out) {
                     *out = Serialize(v1::DeleteSnapshotResponse());
                     return context_.snapshots->Delete(request.database(), request.snapshot());
                   }));
    parts.AddStream(&raw_, name, "DownloadSnapshot", &Raw::RequestDownloadSnapshot,
                    Stream<v1::DownloadSnapshotRequest>([this](auto& call, const auto& request) {
                      return DownloadSnapshot(call, request);
                    }));
    parts.AddStream(&raw_, name, "ReadSnapshotFile", &Raw::RequestReadSnapshotFile,
                    Stream<v1::ReadSnapshotFileRequest>([this](auto& call, const auto& request) {
                      return ReadSnapshotFile(call, request);
                    }));
  }

  template <typename Request, typename RequestCall>
  void AddRestore(ServerParts& parts, const char* method, RequestCall request) {
    parts.AddUnary(&raw_, Generated::service_full_name(), method, request, RunOn::kWorkers,
                   Unary<Request>([this](auto& call, const auto& message, auto* out) {
                     return Handle(context_, call, message, out);
                   }));
  }

  void AddRestores(ServerParts& parts) {
    AddRestore<v1::RestoreSnapshotRequest>(parts, "RestoreSnapshot", &Raw::RequestRestoreSnapshot);
    AddRestore<v1::CreateUploadRequest>(parts, "CreateUpload", &Raw::RequestCreateUpload);
    AddRestore<v1::ListUploadsRequest>(parts, "ListUploads", &Raw::RequestListUploads);
    AddRestore<v1::GetUploadRequest>(parts, "GetUpload", &Raw::RequestGetUpload);
    AddRestore<v1::WriteUploadRequest>(parts, "WriteUpload", &Raw::RequestWriteUpload);
    AddRestore<v1::DeleteUploadRequest>(parts, "DeleteUpload", &Raw::RequestDeleteUpload);
    AddRestore<v1::RestoreDatabaseRequest>(parts, "RestoreDatabase", &Raw::RequestRestoreDatabase);
  }

  absl::Status CreateSnapshot(UnaryCall& call, const v1::CreateSnapshotRequest& request) {
    ASSIGN_OR_RETURN(const auto spec, wire::ParseCreateSnapshot(request));
    ASSIGN_OR_RETURN(const auto database, FindForRead(context_, call, request));
    context_.snapshots->Create(database, spec, [&call](const auto& made) {
      v1::CreateSnapshotResponse response;
      if (made.ok()) wire::FillSnapshot(*made, response.mutable_snapshot());
      call.Finish(made.status(), Serialize(response));
    });
    return absl::OkStatus();
  }

  absl::Status ListSnapshots(const v1::ListSnapshotsRequest& request, wire::Buffer* out) {
    RETURN_IF_ERROR(context_.registry->Describe(request.database()).status());
    const std::string scope = wire::MakeScope({"ListSnapshots", request.database()});
    ASSIGN_OR_RETURN(
        const int64_t page_size,
        wire::ParsePageSize(request.page_size(), limits::kPageRowsDefault, limits::kPageRowsMax));
    std::string before;
    if (!request.page_token().empty()) {
      ASSIGN_OR_RETURN(before, context_.tokens->Open(scope, request.page_token()));
    }
    v1::ListSnapshotsResponse response;
    for (const engine::KeptSnapshot& snapshot : context_.snapshots->List(request.database())) {
      if (!before.empty() && snapshot.id >= before) continue;
      if (response.snapshots_size() == page_size) {
        response.set_next_page_token(
            context_.tokens->Seal(scope, response.snapshots().rbegin()->snapshot()));
        break;
      }
      wire::FillSnapshot(snapshot, response.add_snapshots());
    }
    *out = Serialize(response);
    return absl::OkStatus();
  }

  absl::Status GetSnapshot(const v1::GetSnapshotRequest& request, wire::Buffer* out) {
    ASSIGN_OR_RETURN(const engine::KeptSnapshot snapshot,
                     context_.snapshots->Find(request.database(), request.snapshot()));
    v1::GetSnapshotResponse response;
    wire::FillSnapshot(snapshot, response.mutable_snapshot());
    *out = Serialize(response);
    return absl::OkStatus();
  }

  absl::StatusOr<std::unique_ptr<MessageSource>> DownloadDatabase(
      StreamCall& call, const v1::DownloadDatabaseRequest& request) {
    ASSIGN_OR_RETURN(const bool packed, wire::ParseCompression(request.compression()));
    if (packed) return Open<PackedSource>(call, request);
    return Open<CheckedSource>(call, request);
  }

  absl::StatusOr<std::unique_ptr<MessageSource>> DownloadSnapshot(
      StreamCall& call, const v1::DownloadSnapshotRequest& request) {
    ASSIGN_OR_RETURN(const bool unpacks, wire::ParseCompression(request.compression()));
    ASSIGN_OR_RETURN(const auto file,
                     context_.snapshots->Open(request.database(), request.snapshot()));
    if (request.offset() < 0 || request.offset() > file->snapshot().size_bytes) {
      return BadField("offset", "is not in the file");
    }
    return std::make_unique<KeptCheckedSource>(call, file, Kept(), request.offset(), unpacks);
  }

  absl::StatusOr<std::unique_ptr<MessageSource>> ReadSnapshotFile(
      StreamCall& call, const v1::ReadSnapshotFileRequest& request) {
    ASSIGN_OR_RETURN(auto file, context_.snapshots->Open(request.database(), request.snapshot()));
    return std::make_unique<KeptFileSource>(call, std::move(file), Kept());
  }

  template <typename Source, typename Request, typename... More>
  absl::StatusOr<std::unique_ptr<MessageSource>> Open(StreamCall& call, const Request& request,
                                                      More... more) {
    ASSIGN_OR_RETURN(auto database, FindForRead(context_, call, request));
    return std::make_unique<Source>(call, std::move(database), Live(), more...);
  }

  Limits Live() const { return {context_.download_places, context_.bandwidth}; }
  Limits Kept() const { return {context_.kept_places, context_.bandwidth}; }

  const ServiceContext& context_;
  Raw raw_;
};

}  // namespace

std::unique_ptr<RpcService> MakeSnapshotService(const ServiceContext& context) {
  return std::make_unique<SnapshotServiceRpc>(context);
}

}  // namespace sluice::rpc
