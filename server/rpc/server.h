// The gRPC server: a port, one completion queue and its thread, workers, and the services.
#pragma once

#include <limits>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/statusor.h"
#include "grpcpp/channel.h"
#include "grpcpp/server.h"
#include "server/auth/authenticator.h"
#include "server/base/deadline.h"
#include "server/base/executor.h"
#include "server/base/metrics.h"
#include "server/rpc/acceptor.h"
#include "server/rpc/health.h"
#include "server/rpc/queue_tasks.h"
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

// Thread-safe. Measured (limits of this design): one queue with one thread serves more unary calls
// than several; streams and whatever may block go to workers.
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
  std::shared_ptr<grpc::Channel> InProcessChannel(const grpc::ChannelArguments& arguments);

  // Takes calls from now on, and tells health watchers. Until then they are UNAVAILABLE.
  void SetServing();
  // Tells health watchers, takes no new calls, waits for those in flight until `deadline`, then
  // cancels them.
  void Drain(Deadline deadline);

 private:
  explicit Server(ServerOptions options);
  absl::Status Listen();
  void ServeQueue();
  void WatchStreams();

  const ServerOptions options_;
  Health health_;
  OpenStreams open_streams_;
  CallEnvironment environment_;
  std::vector<std::unique_ptr<RpcService>> services_;
  std::unique_ptr<grpc::ServerCompletionQueue> queue_;
  std::unique_ptr<ServerParts> parts_;
  std::unique_ptr<grpc::Server> server_;
  std::unique_ptr<QueueTasks> answers_;
  std::unique_ptr<Executor> workers_;
  std::unique_ptr<Acceptor> acceptor_;
  std::thread queue_thread_;
  Mutex watch_mutex_;
  CondVar watch_stop_;
  bool watch_stopping_ ABSL_GUARDED_BY(watch_mutex_) = false;
  std::thread watch_thread_;
};

}  // namespace sluice::rpc
