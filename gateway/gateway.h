// A JSON/HTTP front for gRPC services, made from their descriptors alone. Beside their routes it
// serves `/livez`, `/readyz` (grpc.health.v1 of the service) and the page at `/`.
//
// Thread-safe. Destroy the HTTP server that calls it first: that cancels what is in flight, and the
// gateway's destructor waits until those calls have ended.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "google/protobuf/descriptor.h"
#include "grpcpp/channel.h"

#include "gateway/http.h"

namespace sluice::gateway {

struct GatewayOptions {
  // Where the services are described. Outlives the gateway.
  const google::protobuf::DescriptorPool* pool = google::protobuf::DescriptorPool::generated_pool();
  // Full names.
  std::vector<std::string> services;
  // To the service; made with BackendChannelArguments().
  std::shared_ptr<grpc::Channel> channel;
  // The channel is to a server of this process, through no socket.
  bool in_process = false;

  // See CorsPolicy::Make. Requests that change something and come from a page of an origin that is
  // not among these are refused.
  std::vector<std::string> cors_origins;
  // The Host header must be a loopback name, so that no web page reaches the service through a
  // name of its own that resolves to 127.0.0.1.
  bool require_loopback_host = false;
  // Deadlines of calls whose caller sends no Grpc-Timeout.
  absl::Duration unary_deadline = absl::Seconds(60);
  absl::Duration stream_deadline = absl::InfiniteDuration();
  // Skips fields and parameters that requests do not have, instead of refusing (fields) or
  // ignoring (parameters) them.
  bool ignore_unknown_fields = false;
  bool refuse_unknown_parameters = false;
  // Numbers in google.protobuf.Value that a double does not hold as they are written become
  // `{"$real":1.0}` and `{"$integer":"9007199254740993"}`, for services that know these forms.
  bool exact_numbers = false;
  // What `/readyz` asks; grpc.health.v1 of the service when empty. Gives its answer once, from any
  // thread.
  std::function<void(std::function<void(bool ready)>)> readiness;
  // Bytes of requests that are coming in or with the service, of all connections together.
  size_t body_bytes_max = size_t{64} << 20;
  // Serves the page and its script.
  bool explorer = true;
};

class Gateway : public http::Handler {
 public:
  // INVALID_ARGUMENT or NOT_FOUND for services or bindings that cannot be served.
  static absl::StatusOr<std::unique_ptr<Gateway>> Make(const GatewayOptions& options);
  ~Gateway() override;

  std::shared_ptr<http::Exchange> OnRequest(http::RequestHead head,
                                            std::shared_ptr<http::ResponseWriter> writer) override;

 private:
  struct Parts;
  explicit Gateway(std::unique_ptr<Parts> parts);

  std::unique_ptr<Parts> parts_;
};

}  // namespace sluice::gateway
