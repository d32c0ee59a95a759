#include "server/rpc/admin_server.h"

#include <utility>
#include <vector>

#include "grpcpp/ext/channelz_service_plugin.h"
#include "grpcpp/support/byte_buffer.h"
#include "server/base/status.h"
#include "server/rpc/services.h"

namespace sluice::rpc {

absl::StatusOr<std::unique_ptr<AdminServer>> AdminServer::Start(Health* health, Metrics* metrics,
                                                                bool channelz) {
  if (channelz) grpc::channelz::experimental::InitChannelzService();
  std::vector<std::unique_ptr<RpcService>> services;
  services.push_back(MakeHealthService(health));
  ASSIGN_OR_RETURN(auto calls, CallServer::Start({.metrics = metrics}, std::move(services)));
  calls->set_phase(CallEnvironment::Phase::kServing);
  return std::unique_ptr<AdminServer>(new AdminServer(std::move(calls)));
}

void AdminServer::Take(int descriptor, const std::string& read) {
  const grpc::Slice slice(read);
  CallServer::Receiver::NewConnectionParameters connection;
  connection.listener_fd = -1;
  connection.fd = descriptor;
  connection.read_buffer = grpc::ByteBuffer(&slice, 1);
  receiver_->HandleNewConnection(&connection);
}

}  // namespace sluice::rpc
