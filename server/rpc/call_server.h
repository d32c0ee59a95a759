// What serves calls: gRPC's server with its one completion queue and that queue's thread, workers,
// and the watch over streams that stall. It listens nowhere: connections are given to it.
#pragma once

#include <memory>
#include <thread>
#include <vector>

#include "absl/status/statusor.h"
#include "grpcpp/channel.h"
#include "grpcpp/server.h"
#include "grpcpp/server_builder.h"
#include "server/auth/authenticator.h"
#include "server/base/deadline.h"
#include "server/base/executor.h"
#include "server/base/metrics.h"
#include "server/base/mutex.h"
#include "server/rpc/queue_tasks.h"
#include "server/rpc/server_parts.h"

namespace sluice::rpc {

struct CallServerOptions {
  // May be null when every method is public. Outlives the server.
  const auth::Authenticator* authenticator = nullptr;
  Metrics* metrics = nullptr;
  int worker_threads = 1;
};

// Thread-safe. Measured (limits of this design): one queue with one thread serves more unary calls
// than several; streams and whatever may block go to workers.
class CallServer {
 public:
  using Receiver = grpc::experimental::ExternalConnectionAcceptor;

  // Runs, but answers UNAVAILABLE until the phase is kServing.
  static absl::StatusOr<std::unique_ptr<CallServer>> Start(
      const CallServerOptions& options, std::vector<std::unique_ptr<RpcService>> services);
  // Writes answer on this server's threads: destroy it after whatever could still finish one.
  ~CallServer();

  // Takes connections from any thread; gRPC owns those. Once, and gone before the server is.
  std::unique_ptr<Receiver> TakeReceiver() { return std::move(receiver_); }
  // Calls without a socket, for the gateway in this process.
  std::shared_ptr<grpc::Channel> InProcessChannel(const grpc::ChannelArguments& arguments);

  void set_phase(CallEnvironment::Phase phase) { environment_.phase = phase; }
  // Takes no new calls, waits for those in flight until `deadline`, then cancels them.
  void Shutdown(Deadline deadline);

 private:
  explicit CallServer(std::vector<std::unique_ptr<RpcService>> services)
      : services_(std::move(services)) {}
  absl::Status Run(const CallServerOptions& options);
  void ServeQueue();
  void WatchStreams();

  OpenStreams open_streams_;
  CallEnvironment environment_;
  const std::vector<std::unique_ptr<RpcService>> services_;
  std::unique_ptr<grpc::ServerCompletionQueue> queue_;
  std::unique_ptr<ServerParts> parts_;
  std::unique_ptr<Receiver> receiver_;
  std::unique_ptr<grpc::Server> server_;
  std::unique_ptr<QueueTasks> answers_;
  std::unique_ptr<Executor> workers_;
  std::thread queue_thread_;
  Mutex watch_mutex_;
  CondVar watch_stop_;
  bool watch_stopping_ ABSL_GUARDED_BY(watch_mutex_) = false;
  std::thread watch_thread_;
};

}  // namespace sluice::rpc
