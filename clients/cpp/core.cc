#include "clients/cpp/core.h"

#include <chrono>
#include <utility>

#include "absl/strings/str_cat.h"
#include "clients/cpp/endpoint.h"
#include "clients/cpp/service_config.h"

namespace sluice::client {
namespace {

// A row of 64 MiB and its frame: the largest message of the contract.
constexpr int kReceiveBytesMax = 72 << 20;
// Longer than any call, short enough for the arithmetic of clocks.
constexpr absl::Duration kTimeoutMax = absl::Hours(24 * 365);

// A server that was restarted is found again within the second; gRPC's own is two minutes.
constexpr int kReconnectWaitFirstMs = 100;
constexpr int kReconnectWaitMaxMs = 5'000;
// A peer that vanished is noticed after both together, when a call is waiting for it. Servers of
// gRPC end a connection that is asked more often than every five minutes.
constexpr int kKeepaliveTimeMs = 300'000;
constexpr int kKeepaliveTimeoutMs = 20'000;

std::shared_ptr<grpc::Channel> MakeChannel(const CoreOptions& options) {
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(kReceiveBytesMax);
  arguments.SetServiceConfigJSON(ServiceConfigJson());
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, kReconnectWaitFirstMs);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, kReconnectWaitMaxMs);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, kKeepaliveTimeMs);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, kKeepaliveTimeoutMs);
  // A stream that only reads sends nothing between the questions.
  arguments.SetInt(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);
  if (!options.user_agent.empty()) arguments.SetUserAgentPrefix(options.user_agent);
  // A proxy from the environment must not see the admin token of this machine.
  if (IsLoopback(options.address)) arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  return grpc::CreateCustomChannel(options.address, grpc::InsecureChannelCredentials(), arguments);
}

}  // namespace

Core::Core(CoreOptions core_options)
    : options(std::move(core_options)),
      channel(MakeChannel(options)),
      catalog(v1::CatalogService::NewStub(channel)),
      query(v1::QueryService::NewStub(channel)),
      row(v1::RowService::NewStub(channel)),
      snapshot(v1::SnapshotService::NewStub(channel)),
      health(grpc::health::v1::Health::NewStub(channel)) {}

void Core::CancelAll() {
  const std::lock_guard<std::mutex> lock(mutex_);
  cancelled_ = true;
  for (grpc::ClientContext* context : calls_) context->TryCancel();
}

bool Core::cancelled() {
  const std::lock_guard<std::mutex> lock(mutex_);
  return cancelled_;
}

Call::Call(Core* core, absl::Duration timeout) : core_(core) {
  if (timeout != absl::InfiniteDuration()) {
    context.set_deadline(std::chrono::system_clock::now() +
                         absl::ToChronoMicroseconds(std::min(timeout, kTimeoutMax)));
  }
  if (!core->options.token.empty()) {
    context.AddMetadata("authorization", absl::StrCat("Bearer ", core->options.token));
  }
  const std::lock_guard<std::mutex> lock(core_->mutex_);
  core_->calls_.insert(&context);
  if (core_->cancelled_) context.TryCancel();
}

Call::~Call() {
  const std::lock_guard<std::mutex> lock(core_->mutex_);
  core_->calls_.erase(&context);
}

}  // namespace sluice::client
