// The one wrapper around every call: who calls, may they, until when, what became of it. A method
// says only what to do.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "google/protobuf/arena.h"
#include "grpcpp/server_context.h"
#include "grpcpp/support/async_stream.h"
#include "grpcpp/support/async_unary_call.h"
#include "server/auth/authenticator.h"
#include "server/base/deadline.h"
#include "server/base/executor.h"
#include "server/rpc/bytes.h"
#include "server/rpc/method.h"
#include "server/wire/buffer.h"

namespace sluice::rpc {

class OpenStreams;
class QueueTasks;

// What all calls share. Outlives them.
struct CallEnvironment {
  OpenStreams* streams = nullptr;
  const auth::Authenticator* authenticator = nullptr;
  // For work that may block.
  Executor* workers = nullptr;
  // Answers writes, whose thread has better things to do.
  QueueTasks* answers = nullptr;
  // Whether calls are taken; before, the databases are being opened, and after, the server is going
  // down.
  enum class Phase { kStarting, kServing, kDraining };
  std::atomic<Phase> phase{Phase::kStarting};
};

// A completion: gRPC gives it back from the queue.
class Tag {
 public:
  virtual ~Tag() = default;
  virtual void Complete(bool ok) = 0;
};

// What calls of every kind have in common. Made by the server when it asks gRPC for the next call
// of a method.
class Call : public Revocable {
 public:
  Call(const Method& method, CallEnvironment& environment)
      : method_(method), environment_(environment) {}
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;

  const Method& method() const { return method_; }
  CallEnvironment& environment() const { return environment_; }
  const auth::Principal& principal() const { return principal_; }
  // The principal behind one connection, as a number other than 0: callers take turns at the
  // writer.
  uint64_t caller() const;
  // The caller's deadline and its going away.
  const Interrupt& interrupt() const { return interrupt_; }
  // The caller's metadata of that name, in lower case; empty when there is none or several.
  absl::string_view metadata(const char* key) const;
  // The first value of the call's metadata by its key in lower case, and the HTTP header of that
  // name where the call came through a gateway; nothing for one that it does not have.
  std::optional<std::string> FindHeader(absl::string_view name) const;
  // Before the first message. Keys in lower case; `x-http-…` are HTTP headers for a gateway.
  void AddInitialMetadata(absl::string_view key, absl::string_view value);

 protected:
  ~Call() = default;
  // The call has arrived: counts it, and says whether it may run.
  absl::Status Admit();
  // The call's status is known: counts it, logs it, converts it.
  grpc::Status Conclude(const absl::Status& status);
  void SetCancelled() { cancelled_.store(true, std::memory_order_relaxed); }
  void CountMessage() { method_.metrics.messages_sent->Increment(); }

  grpc::ServerContext context_;

 private:
  const Method& method_;
  CallEnvironment& environment_;
  auth::Principal principal_;
  std::atomic<bool> cancelled_{false};
  Interrupt interrupt_;
  absl::Time begun_;
};

// Where a method runs.
enum class RunOn {
  // On the queue's own thread, which serves all unary calls: only for what is bounded and never
  // waits.
  kQueue,
  // On a worker.
  kWorkers,
};

class UnaryCall;
using UnaryHandler = std::function<void(UnaryCall&)>;
using RequestUnary =
    std::function<void(grpc::ServerContext*, grpc::ByteBuffer*,
                       grpc::ServerAsyncResponseWriter<grpc::ByteBuffer>*, void* tag)>;

// What a unary method is made of. Lives as long as the server.
struct UnaryMethod {
  Method method;
  RunOn run_on = RunOn::kWorkers;
  // Whether work goes on after the handler has returned, so that a caller that goes away must be
  // noticed. What runs on workers always notices.
  bool outlives_handler = false;
  RequestUnary request;
  UnaryHandler handler;
};

// One unary call. Owns itself from Await until it has been answered.
class UnaryCall final : public Call {
 public:
  // Asks gRPC for the method's next call.
  static void Await(const UnaryMethod& method, CallEnvironment& environment);

  const grpc::ByteBuffer& request_bytes() const { return request_; }
  // For the request's message: freed with the call.
  google::protobuf::Arena* arena() { return &arena_; }

  // Answers, once, from any thread. The call is gone when it returns.
  void Finish(const absl::Status& status, wire::Buffer response);
  // For a handler on the queue's thread that finds it must wait: runs `work` on a worker instead.
  void MoveToWorkers(std::function<void()> work);

 private:
  UnaryCall(const UnaryMethod& method, CallEnvironment& environment);
  ~UnaryCall() = default;
  void Arrived(bool ok);
  void Release();

  // gRPC's completions, each a tag of its own.
  template <void (UnaryCall::*kStep)(bool)>
  class Step final : public Tag {
   public:
    explicit Step(UnaryCall* call) : call_(call) {}
    void Complete(bool ok) override { (call_->*kStep)(ok); }

   private:
    UnaryCall* const call_;
  };
  void Answered(bool) { Release(); }
  void Ended(bool);

  const UnaryMethod& unary_;
  grpc::ByteBuffer request_;
  grpc::ServerAsyncResponseWriter<grpc::ByteBuffer> responder_;
  Step<&UnaryCall::Arrived> arrived_{this};
  Step<&UnaryCall::Answered> answered_{this};
  Step<&UnaryCall::Ended> ended_{this};
  // Completions that are still to come, the last of which deletes the call.
  std::atomic<int> pending_{1};
  alignas(8) char arena_block_[1024];
  google::protobuf::Arena arena_;
};

// Wraps a handler of messages: `handler(call, request, &response)` for a call that is answered when
// it returns.
template <typename Request, typename Handler>
UnaryHandler Unary(Handler handler) {
  return [handler](UnaryCall& call) {
    auto* const request = google::protobuf::Arena::CreateMessage<Request>(call.arena());
    wire::Buffer response;
    absl::Status status = ParseRequest(call.request_bytes(), request);
    if (status.ok()) status = handler(call, *request, &response);
    call.Finish(status, std::move(response));
  };
}

// The same for a handler that answers itself, now or later: `handler(call, request)` returns an
// error to answer, or OK when Finish has been or will be called.
template <typename Request, typename Handler>
UnaryHandler DeferredUnary(Handler handler) {
  return [handler](UnaryCall& call) {
    auto* const request = google::protobuf::Arena::CreateMessage<Request>(call.arena());
    absl::Status status = ParseRequest(call.request_bytes(), request);
    if (status.ok()) status = handler(call, *request);
    if (!status.ok()) call.Finish(status, wire::Buffer());
  };
}

}  // namespace sluice::rpc
