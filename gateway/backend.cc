#include "gateway/backend.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/strip.h"
#include "grpcpp/client_context.h"
#include "grpcpp/support/client_callback.h"

#include "gateway/http_server.h"
#include "gateway/status_json.h"
#include "server/base/error.h"
#include "server/base/limits.h"
#include "server/base/log.h"
#include "server/base/mutex.h"

namespace sluice::gateway {
namespace {

constexpr absl::Duration kRetryAfter = absl::Seconds(1);

grpc::ByteBuffer ToBuffer(const std::string& bytes) {
  const grpc::Slice slice(bytes);
  return grpc::ByteBuffer(&slice, 1);
}

void Prepare(const CallSpec& spec, grpc::ClientContext* context) {
  for (const auto& [key, value] : spec.metadata) context->AddMetadata(key, value);
  if (spec.deadline != absl::InfiniteFuture()) {
    context->set_deadline(absl::ToChronoTime(spec.deadline));
  }
}

void AddHeaders(const grpc::ClientContext& context, http::ResponseHead* head) {
  for (const auto& [key, value] : context.GetServerInitialMetadata()) {
    AddMetadata({key.data(), key.size()}, {value.data(), value.size()}, head);
  }
}

// What gRPC itself says of a service that is not reached names its address and the system's error:
// words for the log. What the service says stays as it is.
grpc::Status ForCallers(const grpc::ClientContext& context, const std::string& rpc,
                        const grpc::Status& status) {
  if (status.error_code() != grpc::StatusCode::UNAVAILABLE || !status.error_details().empty() ||
      absl::StrContains(context.debug_error_string(), "received from peer")) {
    return status;
  }
  Log(LogLevel::kWarning, "the service cannot be reached",
      {{"rpc", rpc}, {"error", status.error_message()}});
  return ToGrpcStatus(WithRetryAfter(
      Error(absl::StatusCode::kUnavailable, reason::kNotServed, "the service cannot be reached"),
      kRetryAfter));
}

class UnaryCall : public Call, public std::enable_shared_from_this<UnaryCall> {
 public:
  UnaryCall(grpc::GenericStub* stub, CallSpec spec, std::shared_ptr<CallEvents> events)
      : stub_(stub), rpc_(spec.rpc), request_(ToBuffer(spec.request)), events_(std::move(events)) {
    Prepare(spec, &context_);
  }

  void Start() override {
    stub_->UnaryCall(&context_, rpc_, {}, &request_, &response_,
                     [self = shared_from_this()](grpc::Status status) { self->Done(status); });
  }
  void Read() override {}
  void Cancel() override { context_.TryCancel(); }
  void AddInitialMetadata(http::ResponseHead* head) const override { AddHeaders(context_, head); }

 private:
  void Done(const grpc::Status& status) {
    const auto events = std::move(events_);
    if (status.ok()) events->OnMessage(response_);
    events->OnDone(ForCallers(context_, rpc_, status));
  }

  grpc::GenericStub* const stub_;
  const std::string rpc_;
  grpc::ClientContext context_;
  grpc::ByteBuffer request_;
  grpc::ByteBuffer response_;
  std::shared_ptr<CallEvents> events_;
};

// gRPC counts operations begun outside its reactions by holds: one is kept while another Read may
// come.
class StreamCall : public Call,
                   public grpc::ClientBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>,
                   public std::enable_shared_from_this<StreamCall> {
 public:
  StreamCall(grpc::GenericStub* stub, CallSpec spec, std::shared_ptr<CallEvents> events)
      : stub_(stub), rpc_(spec.rpc), request_(ToBuffer(spec.request)), events_(std::move(events)) {
    Prepare(spec, &context_);
  }

  void Start() override {
    self_ = shared_from_this();
    stub_->PrepareBidiStreamingCall(&context_, rpc_, {}, this);
    AddHold();
    StartWriteLast(&request_, grpc::WriteOptions());
    {
      MutexLock lock(&mutex_);
      held_ = true;
    }
    StartCall();
    // Cancel may have come before there was a hold for it to drop.
    DropHoldIf([this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return cancelled_; });
  }

  void Read() override {
    {
      MutexLock lock(&mutex_);
      if (!held_ || reading_) return;
      reading_ = true;
    }
    StartRead(&message_);
  }

  void Cancel() override {
    context_.TryCancel();
    {
      MutexLock lock(&mutex_);
      cancelled_ = true;
    }
    DropHoldIf([]() { return true; });
  }

  void AddInitialMetadata(http::ResponseHead* head) const override { AddHeaders(context_, head); }

 private:
  // Drops the hold, unless a Read is on its way, which will. RemoveHold may end in OnDone, so that
  // it is called without the lock.
  template <typename Condition>
  void DropHoldIf(Condition condition) {
    {
      MutexLock lock(&mutex_);
      if (!held_ || reading_ || !condition()) return;
      held_ = false;
    }
    RemoveHold();
  }

  void OnReadDone(bool ok) override {
    bool drop = false;
    {
      MutexLock lock(&mutex_);
      reading_ = false;
      drop = !ok || cancelled_;
      if (drop) held_ = false;
    }
    if (drop) {
      RemoveHold();
    } else {
      events_->OnMessage(message_);
    }
  }

  void OnDone(const grpc::Status& status) override {
    const auto self = std::move(self_);
    const auto events = std::move(events_);
    events->OnDone(ForCallers(context_, rpc_, status));
  }

  grpc::GenericStub* const stub_;
  const std::string rpc_;
  grpc::ClientContext context_;
  grpc::ByteBuffer request_;
  grpc::ByteBuffer message_;
  std::shared_ptr<CallEvents> events_;
  // Until OnDone: gRPC holds a bare pointer.
  std::shared_ptr<StreamCall> self_;

  Mutex mutex_;
  bool held_ ABSL_GUARDED_BY(mutex_) = false;
  bool reading_ ABSL_GUARDED_BY(mutex_) = false;
  bool cancelled_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace

Backend::Backend(std::shared_ptr<grpc::Channel> channel)
    : channel_(std::move(channel)), stub_(channel_) {}

std::shared_ptr<Call> Backend::NewCall(CallSpec spec, std::shared_ptr<CallEvents> events) {
  if (spec.streams) return std::make_shared<StreamCall>(&stub_, std::move(spec), std::move(events));
  return std::make_shared<UnaryCall>(&stub_, std::move(spec), std::move(events));
}

bool IsLocalTarget(absl::string_view target) {
  if (absl::StartsWith(target, "unix:") || absl::StartsWith(target, "unix-abstract:")) return true;
  absl::ConsumePrefix(&target, "dns:");
  absl::ConsumePrefix(&target, "///");
  absl::ConsumePrefix(&target, "ipv4:");
  absl::ConsumePrefix(&target, "ipv6:");
  std::string host;
  std::string port;
  if (!http::SplitAddress(target, &host, &port).ok()) return false;
  // Names under localhost may be asked of a name server.
  return !absl::EndsWithIgnoreCase(host, ".localhost") && http::IsLoopbackHost(host);
}

grpc::ChannelArguments BackendChannelArguments() {
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(static_cast<int>(limits::kMessageBytesMax));
  // Several gateways of one process keep connections of their own.
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  // A proxy from the environment must not see the callers' credentials.
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  return arguments;
}

absl::string_view Flatten(const grpc::ByteBuffer& buffer, std::vector<grpc::Slice>* slices,
                          std::string* scratch) {
  slices->clear();
  if (!buffer.Valid() || !buffer.Dump(slices).ok() || slices->empty()) return {};
  const auto view = [](const grpc::Slice& slice) {
    return absl::string_view(reinterpret_cast<const char*>(slice.begin()), slice.size());
  };
  if (slices->size() == 1) return view(slices->front());
  scratch->clear();
  scratch->reserve(buffer.Length());
  for (const grpc::Slice& slice : *slices) scratch->append(view(slice).data(), slice.size());
  return *scratch;
}

}  // namespace sluice::gateway
