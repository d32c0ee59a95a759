#include "server/rpc/server.h"

#include <pthread.h>

#include <chrono>
#include <utility>

#include "absl/time/clock.h"
#include "grpc/health/v1/health.grpc.pb.h"
#include "grpc/support/log.h"
#include "grpcpp/resource_quota.h"
#include "grpcpp/server_builder.h"
#include "server/base/limits.h"
#include "server/base/log.h"
#include "server/base/status.h"
#include "sluice/v1/catalog.grpc.pb.h"
#include "sluice/v1/query.grpc.pb.h"
#include "sluice/v1/row.grpc.pb.h"
#include "sluice/v1/snapshot.grpc.pb.h"

namespace sluice::rpc {
namespace {

constexpr absl::Duration kStallCheckEvery = absl::Seconds(1);
// From a connection's first moment until it has spoken HTTP/2.
constexpr absl::Duration kHandshakeTimeMax = absl::Seconds(10);

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

// gRPC's own log is for people who debug gRPC; what it says of a port in use is said better below.
void LogQuietly(gpr_log_func_args* line) {
  Log(LogLevel::kDebug, line->message, {{"grpc_file", line->file}});
}

void SetLimits(grpc::ServerBuilder& builder) {
  // Of all methods; ParseRequest says which may have as much.
  builder.SetMaxReceiveMessageSize(static_cast<int>(limits::kMessageBytesMax));
  builder.SetMaxSendMessageSize(static_cast<int>(limits::kMessageBytesMax));
  // gRPC looks at the size before it decompresses and bounds nothing then: a megabyte becomes a
  // gigabyte.
  builder.SetCompressionAlgorithmSupportStatus(GRPC_COMPRESS_DEFLATE, false);
  builder.SetCompressionAlgorithmSupportStatus(GRPC_COMPRESS_GZIP, false);
  builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, limits::kStreamsPerConnectionMax);
  builder.AddChannelArgument(GRPC_ARG_SERVER_HANDSHAKE_TIMEOUT_MS,
                             static_cast<int>(absl::ToInt64Milliseconds(kHandshakeTimeMax)));
  builder.AddChannelArgument(GRPC_ARG_MAX_METADATA_SIZE, 16 << 10);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, 10'000);
  grpc::ResourceQuota quota("sluice");
  quota.Resize(limits::kGrpcBufferBytesMax);
  builder.SetResourceQuota(quota);
}

}  // namespace

void ServerParts::AwaitCalls(CallEnvironment& environment) const {
  for (const auto& method : unary_) UnaryCall::Await(*method, environment);
  for (const auto& method : streams_) StreamCall::Await(*method, environment);
}

Server::Server(ServerOptions options) : options_(std::move(options)), health_(OwnServices()) {
  environment_.authenticator = options_.authenticator;
  environment_.streams = &open_streams_;
}

absl::StatusOr<std::unique_ptr<Server>> Server::Start(ServerOptions options) {
  gpr_set_log_function(LogQuietly);
  auto server = std::unique_ptr<Server>(new Server(std::move(options)));
  RETURN_IF_ERROR(server->Listen());
  return server;
}

absl::Status Server::Listen() {
  services_.push_back(MakeCatalogService(options_.services));
  services_.push_back(MakeQueryService(options_.services));
  services_.push_back(MakeRowService(options_.services));
  services_.push_back(MakeSnapshotService(options_.services));
  services_.push_back(MakeHealthService(&health_));
  services_.push_back(MakeReflectionService(AllServices()));
  services_.push_back(MakeReflectionAlphaService(AllServices()));
  grpc::ServerBuilder builder;
  SetLimits(builder);
  ASSIGN_OR_RETURN(acceptor_, Acceptor::Listen(options_.listen, options_.descriptors_max));
  auto receiver = builder.experimental().AddExternalConnectionAcceptor(
      grpc::ServerBuilder::experimental_type::ExternalConnectionType::FROM_FD,
      grpc::InsecureServerCredentials());
  queue_ = builder.AddCompletionQueue();
  parts_ = std::make_unique<ServerParts>(queue_.get(), options_.metrics);
  for (const auto& service : services_) {
    builder.RegisterService(service->service());
    service->AddMethods(*parts_);
  }
  server_ = builder.BuildAndStart();
  if (server_ == nullptr) return absl::InternalError("gRPC does not start");
  workers_ =
      std::make_unique<Executor>("sluice-worker", limits::kWorkerThreads, limits::kWorkerQueueMax);
  answers_ = std::make_unique<QueueTasks>(queue_.get());
  environment_.workers = workers_.get();
  environment_.answers = answers_.get();
  parts_->AwaitCalls(environment_);
  queue_thread_ = std::thread([this] { ServeQueue(); });
  acceptor_->Start(std::move(receiver));
  watch_thread_ = std::thread([this] { WatchStreams(); });
  return absl::OkStatus();
}

Server::~Server() {
  if (server_ == nullptr) return;
  Drain(Deadline::After(absl::ZeroDuration()));
  {
    MutexLock lock(&watch_mutex_);
    watch_stopping_ = true;
    watch_stop_.Signal();
  }
  watch_thread_.join();
  // Work that is under way still uses the queue; once it is done nothing new can come.
  workers_.reset();
  answers_->WaitUntilIdle();
  queue_->Shutdown();
  queue_thread_.join();
}

std::shared_ptr<grpc::Channel> Server::InProcessChannel(const grpc::ChannelArguments& arguments) {
  return server_->InProcessChannel(arguments);
}

void Server::ServeQueue() {
  pthread_setname_np(pthread_self(), "sluice-queue");
  void* tag = nullptr;
  bool ok = false;
  while (queue_->Next(&tag, &ok)) static_cast<Tag*>(tag)->Complete(ok);
}

void Server::WatchStreams() {
  pthread_setname_np(pthread_self(), "sluice-stalls");
  MutexLock lock(&watch_mutex_);
  while (!watch_stopping_) {
    watch_stop_.WaitWithTimeout(&watch_mutex_, kStallCheckEvery);
    open_streams_.EndStalledSince(absl::Now() - limits::kStreamStallMax);
  }
}

void Server::SetServing() {
  environment_.phase = CallEnvironment::Phase::kServing;
  health_.SetAll(true);
}

void Server::Drain(Deadline deadline) {
  health_.SetAll(false);
  environment_.phase = CallEnvironment::Phase::kDraining;
  acceptor_->Stop();
  server_->Shutdown(std::chrono::system_clock::now() +
                    absl::ToChronoMilliseconds(deadline.remaining()));
}

}  // namespace sluice::rpc
