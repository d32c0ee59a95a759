#include "gateway/backend.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/strip.h"
#include "grpcpp/client_context.h"
#include "grpcpp/generic/generic_stub.h"

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
  UnaryCall(grpc::GenericStub* stub, CallQueue* queue, CallSpec spec,
            std::shared_ptr<CallEvents> events)
      : stub_(stub),
        queue_(queue),
        rpc_(spec.rpc),
        request_(ToBuffer(spec.request)),
        events_(std::move(events)) {
    Prepare(spec, &context_);
  }

  void Start() override {
    call_ = stub_->PrepareUnaryCall(&context_, rpc_, request_, queue_->queue());
    call_->StartCall();
    call_->Finish(&response_, &status_,
                  CallQueue::Tag([self = shared_from_this()](bool) { self->Done(); }));
  }
  void Read() override {}
  void Cancel() override { context_.TryCancel(); }
  void AddInitialMetadata(http::ResponseHead* head) const override { AddHeaders(context_, head); }

 private:
  void Done() {
    const auto events = std::move(events_);
    if (status_.ok()) events->OnMessage(response_);
    events->OnDone(ForCallers(context_, rpc_, status_));
  }

  grpc::GenericStub* const stub_;
  CallQueue* const queue_;
  const std::string rpc_;
  grpc::ClientContext context_;
  const grpc::ByteBuffer request_;
  grpc::ByteBuffer response_;
  grpc::Status status_;
  std::unique_ptr<grpc::GenericClientAsyncResponseReader> call_;
  std::shared_ptr<CallEvents> events_;
};

// Steps: the call begins, the request is written, then one Read after the other until one gives
// nothing or the caller cancels, then Finish. Read and Cancel may come before the call has begun.
class StreamCall : public Call, public std::enable_shared_from_this<StreamCall> {
 public:
  StreamCall(grpc::GenericStub* stub, CallQueue* queue, CallSpec spec,
             std::shared_ptr<CallEvents> events)
      : stub_(stub),
        queue_(queue),
        rpc_(spec.rpc),
        request_(ToBuffer(spec.request)),
        events_(std::move(events)) {
    Prepare(spec, &context_);
  }

  void Start() override {
    call_ = stub_->PrepareCall(&context_, rpc_, queue_->queue());
    call_->StartCall(Then(&StreamCall::Begun));
  }

  void Read() override {
    MutexLock lock(&mutex_);
    wanted_ = true;
    Go();
  }

  void Cancel() override {
    context_.TryCancel();
    MutexLock lock(&mutex_);
    ended_ = true;
    Go();
  }

  void AddInitialMetadata(http::ResponseHead* head) const override { AddHeaders(context_, head); }

 private:
  void* Then(void (StreamCall::*step)(bool ok)) {
    return CallQueue::Tag([self = shared_from_this(), step](bool ok) { (self.get()->*step)(ok); });
  }

  void Begun(bool ok) {
    MutexLock lock(&mutex_);
    if (ok) {
      call_->WriteLast(request_, grpc::WriteOptions(), Then(&StreamCall::Written));
    } else {
      ended_ = true;
      ready_ = true;
      Go();
    }
  }

  void Written(bool) {
    // Where it failed, the status says why.
    MutexLock lock(&mutex_);
    ready_ = true;
    Go();
  }

  void GotMessage(bool ok) {
    grpc::ByteBuffer message;
    {
      MutexLock lock(&mutex_);
      reading_ = false;
      ended_ = ended_ || !ok;
      if (ended_) return Go();
      message.Swap(&message_);
    }
    events_->OnMessage(message);
  }

  void Done(bool) {
    const auto events = std::move(events_);
    events->OnDone(ForCallers(context_, rpc_, status_));
  }

  // Begins what is to come next, if nothing is under way.
  void Go() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    if (!ready_ || reading_ || finishing_) return;
    if (ended_) {
      finishing_ = true;
      call_->Finish(&status_, Then(&StreamCall::Done));
    } else if (wanted_) {
      wanted_ = false;
      reading_ = true;
      message_.Clear();
      call_->Read(&message_, Then(&StreamCall::GotMessage));
    }
  }

  grpc::GenericStub* const stub_;
  CallQueue* const queue_;
  const std::string rpc_;
  grpc::ClientContext context_;
  const grpc::ByteBuffer request_;
  // Of the Read under way.
  grpc::ByteBuffer message_;
  grpc::Status status_;
  std::unique_ptr<grpc::GenericClientAsyncReaderWriter> call_;
  std::shared_ptr<CallEvents> events_;

  Mutex mutex_;
  // The request has been written, or could not be.
  bool ready_ ABSL_GUARDED_BY(mutex_) = false;
  bool wanted_ ABSL_GUARDED_BY(mutex_) = false;
  bool reading_ ABSL_GUARDED_BY(mutex_) = false;
  bool ended_ ABSL_GUARDED_BY(mutex_) = false;
  bool finishing_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace

Backend::Backend(std::shared_ptr<grpc::Channel> channel, bool in_process)
    : channel_(std::move(channel)), stub_(channel_), queue_(in_process) {}

std::shared_ptr<Call> Backend::NewCall(CallSpec spec, std::shared_ptr<CallEvents> events) {
  if (spec.streams) {
    return std::make_shared<StreamCall>(&stub_, &queue_, std::move(spec), std::move(events));
  }
  return std::make_shared<UnaryCall>(&stub_, &queue_, std::move(spec), std::move(events));
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
