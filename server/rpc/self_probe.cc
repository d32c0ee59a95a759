#include "server/rpc/self_probe.h"

#include <pthread.h>

#include <memory>
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

SelfProbe::SelfProbe(std::string address)
    : address_(std::move(address)), thread_([this] { Run(); }) {}

SelfProbe::~SelfProbe() {
  {
    MutexLock lock(&mutex_);
    stopping_ = true;
    if (context_ != nullptr) context_->TryCancel();
    changed_.Signal();
  }
  thread_.join();
}

void SelfProbe::Ask(Answer answer) {
  bool found = false;
  {
    MutexLock lock(&mutex_);
    if (absl::Now() - found_at_ >= kKept) {
      waiting_.push_back(std::move(answer));
      changed_.Signal();
      return;
    }
    found = found_;
  }
  answer(found);
}

void SelfProbe::Run() {
  pthread_setname_np(pthread_self(), "sluice-probe");
  while (true) {
    {
      MutexLock lock(&mutex_);
      while (waiting_.empty() && !stopping_) changed_.Wait(&mutex_);
      if (waiting_.empty()) return;
    }
    End(Check());
  }
}

bool SelfProbe::Check() {
  const std::unique_ptr<Health::Stub> stub = Health::NewStub(Connect(address_));
  grpc::ClientContext context;
  context.set_deadline(absl::ToChronoTime(absl::Now() + kTimeMax));
  {
    MutexLock lock(&mutex_);
    if (stopping_) return false;
    context_ = &context;
  }
  HealthCheckResponse response;
  const grpc::Status status = stub->Check(&context, HealthCheckRequest(), &response);
  MutexLock lock(&mutex_);
  context_ = nullptr;
  return status.ok() && response.status() == HealthCheckResponse::SERVING;
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
}

}  // namespace sluice::rpc
