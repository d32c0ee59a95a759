#include "server/rpc/admin_server.h"

#include <unistd.h>

#include <utility>
#include <vector>

#include "grpcpp/ext/channelz_service_plugin.h"
#include "grpcpp/support/byte_buffer.h"
#include "server/base/log.h"
#include "server/base/status.h"
#include "server/rpc/services.h"

namespace sluice::rpc {

absl::Status AdminServer::Start() {
  if (channelz_) grpc::channelz::experimental::InitChannelzService();
  std::vector<std::unique_ptr<RpcService>> services;
  services.push_back(MakeHealthService(health_));
  ASSIGN_OR_RETURN(calls_, CallServer::Start({.metrics = metrics_}, std::move(services)));
  calls_->set_phase(CallEnvironment::Phase::kServing);
  receiver_ = calls_->TakeReceiver();
  return absl::OkStatus();
}

void AdminServer::Take(int descriptor, const std::string& read) {
  MutexLock lock(&mutex_);
  if (calls_ == nullptr) {
    if (const absl::Status started = Start(); !started.ok()) {
      Log(LogLevel::kError, "gRPC does not start on the admin address",
          {{"error", started.message()}});
      close(descriptor);
      return;
    }
  }
  const grpc::Slice slice(read);
  CallServer::Receiver::NewConnectionParameters connection;
  connection.listener_fd = -1;
  connection.fd = descriptor;
  connection.read_buffer = grpc::ByteBuffer(&slice, 1);
  receiver_->HandleNewConnection(&connection);
}

}  // namespace sluice::rpc
