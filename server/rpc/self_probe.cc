#include "server/rpc/self_probe.h"

#include <utility>

#include "absl/time/clock.h"
#include "grpc/health/v1/health.grpc.pb.h"
#include "grpcpp/client_context.h"
#include "grpcpp/create_channel.h"
#include "grpcpp/security/credentials.h"

namespace sluice::rpc {
namespace {

using grpc::health::v1::Health;
using grpc::health::v1::HealthCheckRequest;
using grpc::health::v1::HealthCheckResponse;

// Probes come every few seconds, and may come from many.
constexpr absl::Duration kKept = absl::Seconds(1);
constexpr absl::Duration kTimeMax = absl::Seconds(2);

std::shared_ptr<grpc::Channel> Connect(const std::string& address) {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  return grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(), arguments);
}

}  // namespace

struct SelfProbe::Check {
  explicit Check(const std::string& address)
      : channel(Connect(address)), stub(Health::NewStub(channel)) {
    context.set_deadline(absl::ToChronoTime(absl::Now() + kTimeMax));
  }

  const std::shared_ptr<grpc::Channel> channel;
  const std::unique_ptr<Health::Stub> stub;
  grpc::ClientContext context;
  HealthCheckRequest request;
  HealthCheckResponse response;
};

SelfProbe::SelfProbe(std::string address) : address_(std::move(address)) {}

SelfProbe::~SelfProbe() {
  MutexLock lock(&mutex_);
  if (under_way_ && check_ != nullptr) check_->context.TryCancel();
  while (under_way_) ended_.Wait(&mutex_);
}

void SelfProbe::Ask(Answer answer) {
  bool found = false;
  bool known = false;
  {
    MutexLock lock(&mutex_);
    known = absl::Now() - found_at_ < kKept;
    found = found_;
    if (!known) {
      waiting_.push_back(std::move(answer));
      if (under_way_) return;
      under_way_ = true;
    }
  }
  // NOLINTNEXTLINE(bugprone-use-after-move): it was moved only where nothing is known.
  known ? answer(found) : Begin();
}

void SelfProbe::Begin() {
  const auto check = std::make_shared<Check>(address_);
  // The one before goes when the lock is no longer held.
  std::shared_ptr<Check> before;
  {
    MutexLock lock(&mutex_);
    before = std::exchange(check_, check);
  }
  Check* const bare = check.get();
  check->stub->async()->Check(
      &check->context, &check->request, &check->response, [this, bare](const grpc::Status& status) {
        End(status.ok() && bare->response.status() == HealthCheckResponse::SERVING);
      });
}

void SelfProbe::End(bool serving) {
  std::vector<Answer> answers;
  {
    MutexLock lock(&mutex_);
    found_ = serving;
    found_at_ = absl::Now();
    answers.swap(waiting_);
  }
  for (const Answer& answer : answers) answer(serving);
  MutexLock lock(&mutex_);
  under_way_ = false;
  ended_.SignalAll();
}

}  // namespace sluice::rpc
