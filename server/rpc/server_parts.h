// How services put their methods into the server.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "grpcpp/server_builder.h"
#include "server/base/metrics.h"
#include "server/rpc/call.h"
#include "server/rpc/stream_call.h"

namespace sluice::rpc {

// Collects what the server is made of while it is being built; afterwards holds it.
class ServerParts {
 public:
  ServerParts(grpc::ServerCompletionQueue* queue, Metrics* metrics)
      : queue_(queue), metrics_(metrics) {}

  // `request` is the generated service's Request… member of that method.
  template <typename Service, typename Base>
  void AddUnary(Service* service, absl::string_view service_name, absl::string_view name,
                void (Base::*request)(grpc::ServerContext*, grpc::ByteBuffer*,
                                      grpc::ServerAsyncResponseWriter<grpc::ByteBuffer>*,
                                      grpc::CompletionQueue*, grpc::ServerCompletionQueue*, void*),
                RunOn run_on, UnaryHandler handler, bool outlives_handler = false) {
    unary_.push_back(std::make_unique<UnaryMethod>(
        UnaryMethod{.method = DescribeMethod(service_name, name, "unary", metrics_),
                    .run_on = run_on,
                    .outlives_handler = outlives_handler,
                    .request =
                        [service, request, queue = queue_](auto* context, auto* bytes,
                                                           auto* responder, void* tag) {
                          (service->*request)(context, bytes, responder, queue, queue, tag);
                        },
                    .handler = std::move(handler)}));
  }

  template <typename Service, typename Base>
  void AddStream(Service* service, absl::string_view service_name, absl::string_view name,
                 void (Base::*request)(grpc::ServerContext*, grpc::ByteBuffer*,
                                       grpc::ServerAsyncWriter<grpc::ByteBuffer>*,
                                       grpc::CompletionQueue*, grpc::ServerCompletionQueue*, void*),
                 StreamHandler handler) {
    streams_.push_back(std::make_unique<StreamMethod>(
        StreamMethod{.method = DescribeMethod(service_name, name, "server_stream", metrics_),
                     .request =
                         [service, request, queue = queue_](auto* context, auto* bytes,
                                                            auto* writer, void* tag) {
                           (service->*request)(context, bytes, writer, queue, queue, tag);
                         },
                     .handler = std::move(handler)}));
  }

  template <typename Service, typename Base>
  void AddBothWays(Service* service, absl::string_view service_name, absl::string_view name,
                   void (Base::*request)(grpc::ServerContext*, BothWaysStream*,
                                         grpc::CompletionQueue*, grpc::ServerCompletionQueue*,
                                         void*),
                   StreamHandler handler) {
    streams_.push_back(std::make_unique<StreamMethod>(StreamMethod{
        .method = DescribeMethod(service_name, name, "bidi_stream", metrics_),
        .request_both_ways =
            [service, request, queue = queue_](auto* context, auto* stream, void* tag) {
              (service->*request)(context, stream, queue, queue, tag);
            },
        .handler = std::move(handler)}));
  }

  // Asks for the first calls of every method, once the server runs.
  void AwaitCalls(CallEnvironment& environment) const;

 private:
  grpc::ServerCompletionQueue* const queue_;
  Metrics* const metrics_;
  std::vector<std::unique_ptr<UnaryMethod>> unary_;
  std::vector<std::unique_ptr<StreamMethod>> streams_;
};

// A service and its methods.
class RpcService {
 public:
  virtual ~RpcService() = default;
  virtual grpc::Service* service() = 0;
  virtual void AddMethods(ServerParts& parts) = 0;
};

}  // namespace sluice::rpc
