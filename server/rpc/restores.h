// What SnapshotService does with files that take databases' places.
#pragma once

#include "server/base/status.h"
#include "server/rpc/call.h"
#include "server/rpc/services.h"
#include "sluice/v1/snapshot.pb.h"

namespace sluice::rpc {

absl::Status Handle(const ServiceContext& context, UnaryCall& call,
                    const v1::RestoreSnapshotRequest& request, wire::Buffer* out);
absl::Status Handle(const ServiceContext& context, UnaryCall& call,
                    const v1::CreateUploadRequest& request, wire::Buffer* out);
absl::Status Handle(const ServiceContext& context, UnaryCall& call,
                    const v1::ListUploadsRequest& request, wire::Buffer* out);
absl::Status Handle(const ServiceContext& context, UnaryCall& call,
                    const v1::GetUploadRequest& request, wire::Buffer* out);
absl::Status Handle(const ServiceContext& context, UnaryCall& call,
                    const v1::WriteUploadRequest& request, wire::Buffer* out);
absl::Status Handle(const ServiceContext& context, UnaryCall& call,
                    const v1::DeleteUploadRequest& request, wire::Buffer* out);
absl::Status Handle(const ServiceContext& context, UnaryCall& call,
                    const v1::RestoreDatabaseRequest& request, wire::Buffer* out);

}  // namespace sluice::rpc
