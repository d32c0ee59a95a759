// gRPC on the admin address: health and, where nobody else reaches it, channelz. The address speaks
// HTTP/1.1 too; whoever listens there gives connections that begin with HTTP/2's preface to Take.
#pragma once

#include <memory>
#include <string>

#include "server/base/metrics.h"
#include "server/base/mutex.h"
#include "server/rpc/call_server.h"
#include "server/rpc/health.h"

namespace sluice::rpc {

// Thread-safe. gRPC runs here from the first connection on: each of its servers has a thread that
// takes events from all sockets of the process, and hands them on to whose they are. A second one
// costs the first a third of its calls (measured: GetRow, 64 in flight).
class AdminServer {
 public:
  // Channelz tells of every channel, server and socket of this process, peers' addresses included.
  // gRPC adds it to all servers that are made afterwards: make the service's own server first.
  // `health` and `metrics` outlive the server.
  AdminServer(Health* health, Metrics* metrics, bool channelz)
      : health_(health), metrics_(metrics), channelz_(channelz) {}

  // Owns the descriptor from now on; `read` is what was read from it already.
  void Take(int descriptor, const std::string& read);

 private:
  absl::Status Start() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  Health* const health_;
  Metrics* const metrics_;
  const bool channelz_;
  Mutex mutex_;
  std::unique_ptr<CallServer> calls_ ABSL_GUARDED_BY(mutex_);
  std::unique_ptr<CallServer::Receiver> receiver_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace sluice::rpc
