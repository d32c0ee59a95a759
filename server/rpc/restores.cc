#include "server/rpc/restores.h"

#include <optional>

#include "server/wire/snapshot_messages.h"
#include "server/wire/snapshot_requests.h"

namespace sluice::rpc {
namespace {

template <typename Response>
absl::Status AnswerUpload(const absl::StatusOr<engine::Upload>& upload, wire::Buffer* out) {
  RETURN_IF_ERROR(upload.status());
  Response response;
  wire::FillUpload(*upload, response.mutable_upload());
  *out = Serialize(response);
  return absl::OkStatus();
}

template <typename Response>
absl::Status AnswerResult(const absl::StatusOr<std::optional<engine::RestoreResult>>& result,
                          wire::Buffer* out) {
  RETURN_IF_ERROR(result.status());
  Response response;
  if (result->has_value()) wire::FillResult(**result, response.mutable_result());
  *out = Serialize(response);
  return absl::OkStatus();
}

}  // namespace

absl::Status Handle(const ServiceContext& context, UnaryCall& call,
                    const v1::RestoreSnapshotRequest& request, wire::Buffer* out) {
  return AnswerResult<v1::RestoreSnapshotResponse>(
      context.restorer->RestoreSnapshot(request.database(), request.snapshot(),
                                        wire::ParseRestore(request.options()), call.interrupt()),
      out);
}

absl::Status Handle(const ServiceContext& context, UnaryCall&,
                    const v1::CreateUploadRequest& request, wire::Buffer* out) {
  ASSIGN_OR_RETURN(const engine::CreateUploadSpec spec, wire::ParseCreateUpload(request));
  return AnswerUpload<v1::CreateUploadResponse>(
      context.restorer->CreateUpload(request.database(), spec), out);
}

absl::Status Handle(const ServiceContext& context, UnaryCall&,
                    const v1::ListUploadsRequest& request, wire::Buffer* out) {
  const auto uploads = context.uploads->List(request.database());
  // One that is to be made is not there yet.
  if (uploads.empty()) RETURN_IF_ERROR(context.registry->Describe(request.database()).status());
  v1::ListUploadsResponse response;
  for (const engine::Upload& upload : uploads) wire::FillUpload(upload, response.add_uploads());
  *out = Serialize(response);
  return absl::OkStatus();
}

absl::Status Handle(const ServiceContext& context, UnaryCall&, const v1::GetUploadRequest& request,
                    wire::Buffer* out) {
  return AnswerUpload<v1::GetUploadResponse>(
      context.uploads->Find(request.database(), request.upload()), out);
}

absl::Status Handle(const ServiceContext& context, UnaryCall&,
                    const v1::WriteUploadRequest& request, wire::Buffer* out) {
  RETURN_IF_ERROR(wire::CheckWriteUpload(request));
  return AnswerUpload<v1::WriteUploadResponse>(
      context.uploads->Write(request.database(), request.upload(), request.offset(),
                             request.content().data()),
      out);
}

absl::Status Handle(const ServiceContext& context, UnaryCall&,
                    const v1::DeleteUploadRequest& request, wire::Buffer* out) {
  *out = Serialize(v1::DeleteUploadResponse());
  return context.uploads->Delete(request.database(), request.upload());
}

absl::Status Handle(const ServiceContext& context, UnaryCall& call,
                    const v1::RestoreDatabaseRequest& request, wire::Buffer* out) {
  return AnswerResult<v1::RestoreDatabaseResponse>(
      context.restorer->RestoreUpload(request.database(), request.upload(),
                                      wire::ParseRestore(request.options()), call.interrupt()),
      out);
}

}  // namespace sluice::rpc
