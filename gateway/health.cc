#include "gateway/health.h"

#include <utility>

#include "absl/time/clock.h"

#include "gateway/backend.h"
#include "gateway/wire.h"

namespace sluice::gateway {
namespace {

// A probe that waits longer has its answer.
constexpr absl::Duration kProbeTimeout = absl::Seconds(3);

// The one field of grpc.health.v1.HealthCheckResponse.
constexpr uint64_t kServing = 1;
uint64_t ServingStatus(absl::string_view wire) {
  WireReader reader(wire);
  uint64_t status = 0;
  while (!reader.AtEnd()) {
    uint32_t number = 0;
    WireType type = WireType::kVarint;
    if (!reader.ReadTag(&number, &type)) return 0;
    if (number == 1 && type == WireType::kVarint) {
      if (!reader.ReadVarint(&status)) return 0;
    } else if (!reader.Skip(number, type)) {
      return 0;
    }
  }
  return status;
}

class ReadinessProbe : public CallEvents {
 public:
  ReadinessProbe(InFlight* in_flight, AnswerHead answer,
                 std::shared_ptr<http::ResponseWriter> writer)
      : guard_(in_flight), answer_(std::move(answer)), writer_(std::move(writer)) {}

  void OnMessage(const grpc::ByteBuffer& message) override {
    std::vector<grpc::Slice> slices;
    std::string scratch;
    status_ = ServingStatus(Flatten(message, &slices, &scratch));
  }

  void OnDone(const grpc::Status& status) override {
    // What the service says of itself is for its own log: strangers ask here.
    RespondReadiness(answer_, status.ok() && status_ == kServing, writer_.get());
  }

 private:
  const InFlight::Guard guard_;
  const AnswerHead answer_;
  const std::shared_ptr<http::ResponseWriter> writer_;
  uint64_t status_ = 0;
};

}  // namespace

void RespondReadiness(const AnswerHead& answer, bool ready, http::ResponseWriter* writer) {
  http::ResponseHead head;
  head.status = ready ? 200 : 503;
  head.headers.Add("Content-Type", "application/json");
  head.headers.Add("Cache-Control", "no-store");
  answer.Complete(&head);
  http::Respond(writer, std::move(head),
                ready ? "{\"status\":\"SERVING\"}" : http::ErrorJson(14, "NOT_SERVING"));
}

void AnswerReadiness(const ExchangeContext& context, const AnswerHead& answer,
                     std::shared_ptr<http::ResponseWriter> writer) {
  CallSpec spec;
  spec.rpc = "/grpc.health.v1.Health/Check";
  spec.deadline = absl::Now() + kProbeTimeout;
  auto probe = std::make_shared<ReadinessProbe>(context.in_flight, answer, std::move(writer));
  context.backend->NewCall(std::move(spec), std::move(probe))->Start();
}

}  // namespace sluice::gateway
