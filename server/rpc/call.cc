#include "server/rpc/call.h"

#include <utility>

#include "absl/hash/hash.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "grpcpp/support/time.h"
#include "prometheus/counter.h"
#include "prometheus/histogram.h"
#include "server/base/error.h"
#include "server/base/log.h"
#include "server/base/status.h"
#include "server/rpc/status.h"

namespace sluice::rpc {
namespace {

// The metadata of that name; empty when there is none or several.
absl::string_view MetadataValue(const grpc::ServerContext& context, const char* key) {
  const auto& metadata = context.client_metadata();
  const auto [begin, end] = metadata.equal_range(key);
  if (begin == end || std::next(begin) != end) return {};
  return {begin->second.data(), begin->second.size()};
}

Deadline DeadlineOf(const grpc::ServerContext& context) {
  const gpr_timespec deadline = context.raw_deadline();
  if (gpr_time_cmp(deadline, gpr_inf_future(deadline.clock_type)) == 0) return Deadline::Infinite();
  const gpr_timespec left = gpr_time_sub(gpr_convert_clock_type(deadline, GPR_CLOCK_MONOTONIC),
                                         gpr_now(GPR_CLOCK_MONOTONIC));
  return Deadline::After(absl::Seconds(left.tv_sec) + absl::Nanoseconds(left.tv_nsec));
}

absl::Status Overloaded() {
  return WithRetryAfter(Error(absl::StatusCode::kUnavailable, reason::kOverloaded,
                              "too many calls wait for the server"),
                        absl::Milliseconds(200));
}

absl::Status CheckPhase(CallEnvironment::Phase phase) {
  switch (phase) {
    case CallEnvironment::Phase::kServing:
      return absl::OkStatus();
    case CallEnvironment::Phase::kStarting:
      return WithRetryAfter(Error(absl::StatusCode::kUnavailable, reason::kNotServed,
                                  "the server is still opening its databases"),
                            absl::Seconds(1));
    case CallEnvironment::Phase::kDraining:
      break;
  }
  return WithRetryAfter(
      Error(absl::StatusCode::kUnavailable, reason::kDraining, "the server is going down"),
      absl::Seconds(1));
}

// What is parsed on the queue's thread: some tens of microseconds.
constexpr size_t kQueueRequestBytesMax = size_t{32} << 10;

bool IsFaultOfOurs(absl::StatusCode code) {
  return code == absl::StatusCode::kInternal || code == absl::StatusCode::kUnknown ||
         code == absl::StatusCode::kDataLoss;
}

}  // namespace

absl::string_view Call::metadata(const char* key) const { return MetadataValue(context_, key); }
std::optional<std::string> Call::FindHeader(absl::string_view name) const {
  const auto& metadata = context_.client_metadata();
  // What a gateway calls the headers that it passes on.
  for (const std::string& key : {absl::StrCat("grpcgateway-", name), std::string(name)}) {
    const auto found = metadata.find(key);
    if (found != metadata.end()) return std::string(found->second.data(), found->second.size());
  }
  return std::nullopt;
}

void Call::AddInitialMetadata(absl::string_view key, absl::string_view value) {
  context_.AddInitialMetadata(std::string(key), std::string(value));
}

uint64_t Call::caller() const {
  return uint64_t{absl::HashOf(context_.peer(), principal_.name)} | 1;
}

absl::Status Call::Admit() {
  begun_ = absl::Now();
  method_.metrics.started->Increment();
  interrupt_ = Interrupt(DeadlineOf(context_), &cancelled_, this);
  if (method_.is_public) return absl::OkStatus();
  RETURN_IF_ERROR(CheckPhase(environment_.phase.load(std::memory_order_relaxed)));
  ASSIGN_OR_RETURN(principal_, environment_.authenticator->Authenticate(
                                   MetadataValue(context_, "authorization")));
  return auth::CheckPermission(principal_, method_.permission, method_.permission_name);
}

grpc::Status Call::Conclude(const absl::Status& status) {
  const absl::Duration elapsed = absl::Now() - begun_;
  const int code = static_cast<int>(status.code());
  method_.metrics.handled[code <= 16 ? code : 2]->Increment();
  method_.metrics.handling_seconds->Observe(absl::ToDoubleSeconds(elapsed));
  if (!status.ok()) {
    Log(IsFaultOfOurs(status.code()) ? LogLevel::kError : LogLevel::kDebug, "call failed",
        {{"method", method_.name},
         {"principal", principal_.name},
         {"code", absl::StatusCodeToString(status.code())},
         {"reason", ReasonOf(status)},
         {"milliseconds", absl::ToDoubleMilliseconds(elapsed)},
         {"request_id", MetadataValue(context_, "x-request-id")}});
  }
  return ToGrpcStatus(status);
}

UnaryCall::UnaryCall(const UnaryMethod& method, CallEnvironment& environment)
    : Call(method.method, environment),
      unary_(method),
      responder_(&context_),
      arena_(arena_block_, sizeof(arena_block_)) {}

void UnaryCall::Await(const UnaryMethod& method, CallEnvironment& environment) {
  auto* const call = new UnaryCall(method, environment);
  if (method.run_on == RunOn::kWorkers || method.outlives_handler) {
    call->pending_ = 2;
    call->context_.AsyncNotifyWhenDone(&call->ended_);
  }
  method.request(&call->context_, &call->request_, &call->responder_, &call->arrived_);
}

void UnaryCall::Arrived(bool ok) {
  if (!ok) {
    // The server is going down: no call has come, and nothing else will.
    delete this;
    return;
  }
  Await(unary_, environment());
  if (const absl::Status admitted = Admit(); !admitted.ok()) {
    return Finish(admitted, wire::Buffer());
  }
  const bool small = request_.Length() <= kQueueRequestBytesMax;
  if (unary_.run_on == RunOn::kQueue && small) return unary_.handler(*this);
  if (!environment().workers->TrySubmit([this] { unary_.handler(*this); })) {
    Finish(Overloaded(), wire::Buffer());
  }
}

void UnaryCall::MoveToWorkers(std::function<void()> work) {
  if (!environment().workers->TrySubmit(std::move(work))) Finish(Overloaded(), wire::Buffer());
}

void UnaryCall::Finish(const absl::Status& status, wire::Buffer response) {
  const grpc::Status concluded = Conclude(status);
  if (!concluded.ok()) return responder_.FinishWithError(concluded, &answered_);
  CountMessage();
  responder_.Finish(ToByteBuffer(std::move(response)), concluded, &answered_);
}

void UnaryCall::Ended(bool) {
  if (context_.IsCancelled()) SetCancelled();
  Release();
}

void UnaryCall::Release() {
  if (pending_.fetch_sub(1) == 1) delete this;
}

}  // namespace sluice::rpc
