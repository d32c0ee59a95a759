// gRPC on the admin address: health and, where nobody else reaches it, channelz. The address speaks
// HTTP/1.1 too; whoever listens there gives connections that begin with HTTP/2's preface to Take.
#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "server/base/metrics.h"
#include "server/rpc/call_server.h"
#include "server/rpc/health.h"

namespace sluice::rpc {

// Thread-safe.
class AdminServer {
 public:
  // Channelz tells of every channel, server and socket of this process, peers' addresses included.
  // gRPC adds it to all servers that are made afterwards: make the service's own server first.
  // `health` and `metrics` outlive the server.
  static absl::StatusOr<std::unique_ptr<AdminServer>> Start(Health* health, Metrics* metrics,
                                                            bool channelz);

  // Owns the descriptor from now on; `read` is what was read from it already.
  void Take(int descriptor, const std::string& read);

 private:
  explicit AdminServer(std::unique_ptr<CallServer> calls)
      : calls_(std::move(calls)), receiver_(calls_->TakeReceiver()) {}

  const std::unique_ptr<CallServer> calls_;
  const std::unique_ptr<CallServer::Receiver> receiver_;
};

}  // namespace sluice::rpc
