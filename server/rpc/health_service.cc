#include <optional>
#include <utility>

#include "grpc/health/v1/health.grpc.pb.h"
#include "server/base/error.h"
#include "server/rpc/services.h"

namespace sluice::rpc {
namespace {

using Generated = grpc::health::v1::Health;
using Raw = Generated::WithRawMethod_Check<Generated::WithRawMethod_Watch<Generated::Service>>;
using grpc::health::v1::HealthCheckRequest;
using grpc::health::v1::HealthCheckResponse;

HealthCheckResponse ResponseFor(Health::State state) {
  HealthCheckResponse response;
  switch (state) {
    case Health::State::kServing:
      response.set_status(HealthCheckResponse::SERVING);
      break;
    case Health::State::kNotServing:
      response.set_status(HealthCheckResponse::NOT_SERVING);
      break;
    case Health::State::kUnknownService:
      response.set_status(HealthCheckResponse::SERVICE_UNKNOWN);
      break;
  }
  return response;
}

// One message now and one after every change, until the caller goes away.
class HealthChanges : public MessageSource {
 public:
  HealthChanges(StreamCall& call, Health* health, std::string service)
      : health_(health), service_(std::move(service)), subscription_(health, call.MakeWaker()) {}

  absl::StatusOr<Progress> Next(wire::Buffer* message) override {
    const Health::State now = health_->Find(service_);
    if (now == told_) return Progress::kWait;
    told_ = now;
    *message = Serialize(ResponseFor(now));
    return Progress::kMessage;
  }
  bool waits_for_ever() const override { return true; }

 private:
  Health* const health_;
  const std::string service_;
  const Health::Subscription subscription_;
  std::optional<Health::State> told_;
};

class HealthServiceRpc : public RpcService {
 public:
  explicit HealthServiceRpc(Health* health) : health_(health) {}

  grpc::Service* service() override { return &raw_; }

  void AddMethods(ServerParts& parts) override {
    const char* const name = Generated::service_full_name();
    parts.AddUnary(&raw_, name, "Check", &Raw::RequestCheck, RunOn::kQueue,
                   Unary<HealthCheckRequest>([this](auto&, const auto& request, auto* response) {
                     return Check(request, response);
                   }));
    parts.AddStream(&raw_, name, "Watch", &Raw::RequestWatch,
                    Stream<HealthCheckRequest>(
                        [this](auto& call, const auto& request) { return Watch(call, request); }));
  }

 private:
  absl::Status Check(const HealthCheckRequest& request, wire::Buffer* response) {
    const Health::State state = health_->Find(request.service());
    if (state == Health::State::kUnknownService) {
      return Error(absl::StatusCode::kNotFound, reason::kBadRequest, "there is no such service");
    }
    *response = Serialize(ResponseFor(state));
    return absl::OkStatus();
  }

  absl::StatusOr<std::unique_ptr<MessageSource>> Watch(StreamCall& call,
                                                       const HealthCheckRequest& request) {
    return std::make_unique<HealthChanges>(call, health_, request.service());
  }

  Health* const health_;
  Raw raw_;
};

}  // namespace

std::unique_ptr<RpcService> MakeHealthService(Health* health) {
  return std::make_unique<HealthServiceRpc>(health);
}

}  // namespace sluice::rpc
