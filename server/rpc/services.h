// The services of sluice.v1, grpc.health.v1 and gRPC reflection.
#pragma once

#include <memory>
#include <string>

#include "server/engine/bandwidth.h"
#include "server/engine/commit_waits.h"
#include "server/engine/registry.h"
#include "server/engine/restore.h"
#include "server/engine/settings.h"
#include "server/engine/snapshot.h"
#include "server/engine/snapshot_store.h"
#include "server/rpc/health.h"
#include "server/rpc/large_messages.h"
#include "server/rpc/load_places.h"
#include "server/rpc/server_parts.h"
#include "server/rpc/stream_places.h"
#include "server/wire/page_token.h"

namespace sluice::rpc {

// What the services work with. Outlives them.
struct ServiceContext {
  const engine::Registry* registry = nullptr;
  const wire::PageTokens* tokens = nullptr;
  engine::DownloadPlaces* download_places = nullptr;
  engine::DownloadPlaces* kept_places = nullptr;
  engine::SnapshotStore* snapshots = nullptr;
  engine::UploadStore* uploads = nullptr;
  engine::Restorer* restorer = nullptr;
  engine::BandwidthLimit* bandwidth = nullptr;
  const engine::Settings* settings = nullptr;
  StreamPlaces* stream_places = nullptr;
  engine::CommitWaits* commit_waits = nullptr;
  LoadPlaces* load_places = nullptr;
  const LargeMessages* large_messages = nullptr;
  std::string etag_secret;
};

std::unique_ptr<RpcService> MakeCatalogService(const ServiceContext& context);
std::unique_ptr<RpcService> MakeQueryService(const ServiceContext& context);
std::unique_ptr<RpcService> MakeRowService(const ServiceContext& context);
std::unique_ptr<RpcService> MakeSnapshotService(const ServiceContext& context);
std::unique_ptr<RpcService> MakeHealthService(Health* health);
// Both versions of it; the second is what older tools ask for.
std::unique_ptr<RpcService> MakeReflectionService(const std::vector<std::string>& services);
std::unique_ptr<RpcService> MakeReflectionAlphaService(const std::vector<std::string>& services);

}  // namespace sluice::rpc
