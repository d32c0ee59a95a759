// The service's gRPC port.
#pragma once

#include <limits>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "grpcpp/channel.h"
#include "server/auth/authenticator.h"
#include "server/base/deadline.h"
#include "server/base/metrics.h"
#include "server/rpc/acceptor.h"
#include "server/rpc/call_server.h"
#include "server/rpc/health.h"
#include "server/rpc/services.h"

namespace sluice::rpc {

struct ServerOptions {
  // "127.0.0.1:7070"; port 0 takes a free one.
  std::string listen;
  // Connections whose descriptor is not below it are let go at once; see server/base/descriptors.h.
  int descriptors_max = std::numeric_limits<int>::max();
  const auth::Authenticator* authenticator = nullptr;
  Metrics* metrics = nullptr;
  ServiceContext services;
};

// Thread-safe.
class Server {
 public:
  // Listens. UNAVAILABLE when the address cannot be had, by its name.
  static absl::StatusOr<std::unique_ptr<Server>> Start(ServerOptions options);
  // Writes answer on this server's threads: destroy it after whatever could still finish one (the
  // databases).
  ~Server();

  int port() const { return acceptor_->port(); }
  // Where this process reaches its own port; see SelfProbe.
  const std::string& self_address() const { return acceptor_->self_address(); }
  Health& health() { return health_; }
  // Calls without a socket, for the gateway in this process.
  std::shared_ptr<grpc::Channel> InProcessChannel(const grpc::ChannelArguments& arguments) {
    return calls_->InProcessChannel(arguments);
  }

  // Takes calls from now on, and tells health watchers. Until then they are UNAVAILABLE.
  void SetServing();
  // Tells health watchers, takes no new calls, waits for those in flight until `deadline`, then
  // cancels them.
  void Drain(Deadline deadline);

 private:
  explicit Server(ServerOptions options);
  absl::Status Listen();

  const ServerOptions options_;
  Health health_;
  std::unique_ptr<CallServer> calls_;
  std::unique_ptr<Acceptor> acceptor_;
};

}  // namespace sluice::rpc
