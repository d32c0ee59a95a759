#include "server/rpc/server.h"

#include <utility>
#include <vector>

#include "grpc/health/v1/health.grpc.pb.h"
#include "server/base/limits.h"
#include "server/base/status.h"
#include "sluice/v1/catalog.grpc.pb.h"
#include "sluice/v1/query.grpc.pb.h"
#include "sluice/v1/row.grpc.pb.h"
#include "sluice/v1/snapshot.grpc.pb.h"

namespace sluice::rpc {
namespace {

std::vector<std::string> OwnServices() {
  std::vector<std::string> names;
  for (const char* name :
       {v1::CatalogService::service_full_name(), v1::QueryService::service_full_name(),
        v1::RowService::service_full_name(), v1::SnapshotService::service_full_name()}) {
    names.emplace_back(name);
  }
  return names;
}

std::vector<std::string> AllServices() {
  std::vector<std::string> all = OwnServices();
  all.emplace_back(grpc::health::v1::Health::service_full_name());
  return all;
}

}  // namespace

Server::Server(ServerOptions options) : options_(std::move(options)), health_(OwnServices()) {}

absl::StatusOr<std::unique_ptr<Server>> Server::Start(ServerOptions options) {
  auto server = std::unique_ptr<Server>(new Server(std::move(options)));
  RETURN_IF_ERROR(server->Listen());
  return server;
}

absl::Status Server::Listen() {
  std::vector<std::unique_ptr<RpcService>> services;
  services.push_back(MakeCatalogService(options_.services));
  services.push_back(MakeQueryService(options_.services));
  services.push_back(MakeRowService(options_.services));
  services.push_back(MakeSnapshotService(options_.services));
  services.push_back(MakeHealthService(&health_));
  services.push_back(MakeReflectionService(AllServices()));
  services.push_back(MakeReflectionAlphaService(AllServices()));
  ASSIGN_OR_RETURN(acceptor_, Acceptor::Listen(options_.listen, options_.descriptors_max));
  ASSIGN_OR_RETURN(calls_, CallServer::Start({.authenticator = options_.authenticator,
                                              .metrics = options_.metrics,
                                              .worker_threads = limits::kWorkerThreads},
                                             std::move(services)));
  acceptor_->Start(calls_->TakeReceiver());
  return absl::OkStatus();
}

Server::~Server() {
  if (calls_ != nullptr) Drain(Deadline::After(absl::ZeroDuration()));
  calls_.reset();
}

void Server::SetServing() {
  calls_->set_phase(CallEnvironment::Phase::kServing);
  health_.SetAll(true);
}

void Server::Drain(Deadline deadline) {
  health_.SetAll(false);
  calls_->set_phase(CallEnvironment::Phase::kDraining);
  acceptor_->Stop();
  calls_->Shutdown(deadline);
}

}  // namespace sluice::rpc
