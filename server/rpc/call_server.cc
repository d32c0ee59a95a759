#include "server/rpc/call_server.h"

#include <malloc.h>
#include <pthread.h>

#include <chrono>
#include <utility>

#include "absl/time/clock.h"
#include "grpc/support/log.h"
#include "grpcpp/resource_quota.h"
#include "server/base/limits.h"
#include "server/base/log.h"
#include "server/base/status.h"

namespace sluice::rpc {
namespace {

constexpr absl::Duration kStallCheckEvery = absl::Seconds(1);
// Receivers that only pause for a moment should find their pages in memory.
constexpr absl::Duration kRestAfter = absl::Seconds(1);
// From a connection's first moment until it has spoken HTTP/2.
constexpr absl::Duration kHandshakeTimeMax = absl::Seconds(10);

// gRPC's own log is for people who debug gRPC; what it says of a port in use we say better.
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

absl::StatusOr<std::unique_ptr<CallServer>> CallServer::Start(
    const CallServerOptions& options, std::vector<std::unique_ptr<RpcService>> services) {
  gpr_set_log_function(LogQuietly);
  auto server = std::unique_ptr<CallServer>(new CallServer(std::move(services)));
  RETURN_IF_ERROR(server->Run(options));
  return server;
}

absl::Status CallServer::Run(const CallServerOptions& options) {
  grpc::ServerBuilder builder;
  SetLimits(builder);
  receiver_ = builder.experimental().AddExternalConnectionAcceptor(
      grpc::ServerBuilder::experimental_type::ExternalConnectionType::FROM_FD,
      grpc::InsecureServerCredentials());
  queue_ = builder.AddCompletionQueue();
  parts_ = std::make_unique<ServerParts>(queue_.get(), options.metrics);
  for (const auto& service : services_) {
    builder.RegisterService(service->service());
    service->AddMethods(*parts_);
  }
  server_ = builder.BuildAndStart();
  if (server_ == nullptr) return absl::InternalError("gRPC does not start");
  workers_ =
      std::make_unique<Executor>("sluice-worker", options.worker_threads, limits::kWorkerQueueMax);
  answers_ = std::make_unique<QueueTasks>(queue_.get());
  environment_.streams = &open_streams_;
  environment_.authenticator = options.authenticator;
  environment_.workers = workers_.get();
  environment_.answers = answers_.get();
  parts_->AwaitCalls(environment_);
  queue_thread_ = std::thread([this] { ServeQueue(); });
  watch_thread_ = std::thread([this] { WatchStreams(); });
  return absl::OkStatus();
}

CallServer::~CallServer() {
  if (server_ == nullptr) return;
  Shutdown(Deadline::After(absl::ZeroDuration()));
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

std::shared_ptr<grpc::Channel> CallServer::InProcessChannel(
    const grpc::ChannelArguments& arguments) {
  return server_->InProcessChannel(arguments);
}

void CallServer::ServeQueue() {
  pthread_setname_np(pthread_self(), "sluice-queue");
  void* tag = nullptr;
  bool ok = false;
  while (queue_->Next(&tag, &ok)) static_cast<Tag*>(tag)->Complete(ok);
}

void CallServer::WatchStreams() {
  pthread_setname_np(pthread_self(), "sluice-stalls");
  MutexLock lock(&watch_mutex_);
  bool rested = false;
  while (!watch_stopping_) {
    watch_stop_.WaitWithTimeout(&watch_mutex_, kStallCheckEvery);
    open_streams_.EndStalledSince(absl::Now() - limits::kStreamStallMax);
    // What sources have given back since the last look.
    if (rested) malloc_trim(0);
    rested = open_streams_.RestStalledSince(absl::Now() - kRestAfter);
  }
}

void CallServer::Shutdown(Deadline deadline) {
  server_->Shutdown(std::chrono::system_clock::now() +
                    absl::ToChronoMilliseconds(deadline.remaining()));
}

}  // namespace sluice::rpc
