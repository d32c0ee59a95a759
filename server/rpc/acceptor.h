// The gRPC port. We listen in gRPC's place: its own listener (1.51) is given up for good when
// accept() fails once for want of descriptors, and it takes connections until then.
//
// Thread-safe. Owns the sockets that listen and the thread that takes connections; those belong to
// gRPC.
#pragma once

#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "grpcpp/server_builder.h"

namespace sluice::rpc {

class Acceptor {
 public:
  using Receiver = grpc::experimental::ExternalConnectionAcceptor;

  // Listens on every address that `host:port` stands for. UNAVAILABLE when one cannot be had,
  // INVALID_ARGUMENT when it is no address. Connections whose descriptor is not below
  // `descriptors_max` are let go at once.
  static absl::StatusOr<std::unique_ptr<Acceptor>> Listen(const std::string& address,
                                                          int descriptors_max);
  ~Acceptor();
  Acceptor(const Acceptor&) = delete;
  Acceptor& operator=(const Acceptor&) = delete;

  int port() const { return port_; }
  // Where this process reaches the port.
  const std::string& self_address() const { return self_address_; }

  // Hands on connections, also those that have waited since Listen.
  void Start(std::unique_ptr<Receiver> receiver);
  // Listens no more. Before gRPC's server is shut down. May be called more than once.
  void Stop();

 private:
  explicit Acceptor(int descriptors_max) : descriptors_max_(descriptors_max) {}

  absl::Status ListenOn(const std::string& address);
  void Run();
  // Takes what waits at one socket; false when there are no descriptors left.
  bool Take(int listener);
  void TurnAway(int connection);

  const int descriptors_max_;
  std::vector<int> listeners_;
  // Readable once Stop has been called.
  int stop_ = -1;
  int port_ = 0;
  std::string self_address_;
  std::unique_ptr<Receiver> receiver_;
  // Of the thread alone.
  absl::Time told_ = absl::InfinitePast();
  std::thread thread_;
};

}  // namespace sluice::rpc
