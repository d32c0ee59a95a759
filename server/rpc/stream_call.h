// Streams from the server, and both ways: messages made piece by piece on workers, sent as fast as
// the receiver takes them.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/status/statusor.h"
#include "server/base/mutex.h"
#include "server/rpc/call.h"

namespace sluice::rpc {

// Makes the messages of one stream. One thread at a time; may stand still between two calls for as
// long as the receiver is slow, and holds no thread then.
class MessageSource {
 public:
  enum class Progress {
    // A message; there may be more.
    kMessage,
    // The last message.
    kLastMessage,
    // Nothing more.
    kEnd,
    // Nothing yet: the source will call what StreamCall::MakeWaker gave it.
    kWait,
  };
  virtual ~MessageSource() = default;
  virtual absl::StatusOr<Progress> Next(wire::Buffer* message) = 0;
  // The receiver stands still: gives back what can be had again. By whoever calls Next.
  virtual void Rest() {}
  // Whether kWait may last for as long as the caller likes. Otherwise it ends as overload after
  // kStreamStallMax.
  virtual bool waits_for_ever() const { return false; }
  // Whether kWait is for the caller's next request.
  virtual bool waits_for_caller() const { return false; }
};

class StreamCall;
using StreamHandler =
    std::function<absl::StatusOr<std::unique_ptr<MessageSource>>(StreamCall& call)>;
using RequestStream = std::function<void(grpc::ServerContext*, grpc::ByteBuffer*,
                                         grpc::ServerAsyncWriter<grpc::ByteBuffer>*, void* tag)>;
using BothWaysStream = grpc::ServerAsyncReaderWriter<grpc::ByteBuffer, grpc::ByteBuffer>;
using RequestBothWays = std::function<void(grpc::ServerContext*, BothWaysStream*, void* tag)>;

// Exactly one of the two `request…` is set.
struct StreamMethod {
  Method method;
  RequestStream request = nullptr;
  RequestBothWays request_both_ways = nullptr;
  // Runs on a worker and may block. For streams both ways it runs when the first request is there.
  StreamHandler handler;
};

// The streams that are open, to end those that stall. Thread-safe; outlives the streams.
class OpenStreams {
 public:
  void Add(StreamCall* stream);
  void Remove(StreamCall* stream);
  // Ends the streams in which nothing has moved since `before`.
  void EndStalledSince(absl::Time before);
  // Lets the sources of those rest, each once until something moves; says whether there were any.
  bool RestStalledSince(absl::Time before);

 private:
  std::vector<std::shared_ptr<StreamCall>> List();

  Mutex mutex_;
  absl::flat_hash_set<StreamCall*> streams_ ABSL_GUARDED_BY(mutex_);
};

// One stream. While a message is on its way the next one is made, and some more for a receiver that
// takes them quickly; beyond that the stream waits for it. Owned by what is still to happen to it:
// completions and work hold shared pointers.
class StreamCall final : public Call, public std::enable_shared_from_this<StreamCall> {
 public:
  // Asks gRPC for the method's next call.
  static void Await(const StreamMethod& method, CallEnvironment& environment);
  StreamCall(const StreamMethod& method, CallEnvironment& environment);
  ~StreamCall();

  const grpc::ByteBuffer& request_bytes() const { return request_; }
  google::protobuf::Arena* arena() { return &arena_; }
  // Makes the stream go on after kWait; from any thread, at any time, more often than needed.
  std::function<void()> MakeWaker();

  // Streams both ways: the next request after the first. kNotYet: the source returns kWait and is
  // asked again when one has come.
  enum class Incoming { kMessage, kNotYet, kEnd };
  Incoming TakeRequest(grpc::ByteBuffer* request);

  // Ends the stream when nothing has moved since `before`.
  void EndIfStalledSince(absl::Time before);
  // Lets the source rest when the receiver has taken nothing since `before`; false for one that
  // rests already or is busy.
  bool RestIfStalledSince(absl::Time before);

 private:
  class Completion;
  // A tag for one completion, which keeps the call alive until it comes.
  Completion* NewTag(void (StreamCall::*step)(bool ok));

  void Arrived(bool ok);
  void Received(bool ok);
  void Written(bool ok);
  void Finished(bool ok);
  void Ended(bool ok);
  void Schedule();
  // The database wants back what the source holds.
  void OnRevoke() override;
  // Makes messages until the stream must wait. On a worker, once at a time.
  void Work();
  void StopWorking();
  absl::StatusOr<MessageSource::Progress> MakeNext(wire::Buffer* message);
  // Takes what MakeNext gave; false when Work has nothing more to do for now.
  bool Take(const absl::StatusOr<MessageSource::Progress>& progress, wire::Buffer message)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // How many messages may be ready, and whether there are so few that a worker should make more.
  size_t ReadyMax() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  bool WantsMore() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void EndWith(absl::Status status) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Sends what is ready when nothing is on its way.
  void SendReady() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  bool both_ways() const { return stream_.request_both_ways != nullptr; }
  void Read() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const StreamMethod& stream_;
  grpc::ByteBuffer request_;
  // One of them is used.
  grpc::ServerAsyncWriter<grpc::ByteBuffer> writer_;
  BothWaysStream both_ways_;
  // Of a Read that is under way.
  grpc::ByteBuffer receiving_;
  google::protobuf::Arena arena_;
  // gRPC never gives it back when no call came.
  Completion* ended_tag_ = nullptr;
  // Of whoever runs Work.
  std::unique_ptr<MessageSource> source_;

  Mutex mutex_;
  // A Work is queued or runs; another was asked for meanwhile.
  bool working_ ABSL_GUARDED_BY(mutex_) = false;
  bool again_ ABSL_GUARDED_BY(mutex_) = false;
  // gRPC has a message or the status.
  bool in_flight_ ABSL_GUARDED_BY(mutex_) = false;
  bool finishing_ ABSL_GUARDED_BY(mutex_) = false;
  // Received and not yet taken; no Read is under way then.
  bool request_ready_ ABSL_GUARDED_BY(mutex_) = false;
  bool requests_ended_ ABSL_GUARDED_BY(mutex_) = false;
  // Made and not yet sent.
  std::deque<wire::Buffer> ready_ ABSL_GUARDED_BY(mutex_);
  // Messages that the receiver has taken.
  int64_t taken_ ABSL_GUARDED_BY(mutex_) = 0;
  bool end_ready_ ABSL_GUARDED_BY(mutex_) = false;
  absl::Status end_ ABSL_GUARDED_BY(mutex_);
  // The source has nothing for now.
  bool waiting_ ABSL_GUARDED_BY(mutex_) = false;
  absl::Time moved_ ABSL_GUARDED_BY(mutex_);
  // The source rests since then.
  bool rests_ ABSL_GUARDED_BY(mutex_) = false;
};

// Wraps a handler of messages: `handler(call, request)` returns the source or an error.
template <typename Request, typename Handler>
StreamHandler Stream(Handler handler) {
  return [handler](StreamCall& call) -> absl::StatusOr<std::unique_ptr<MessageSource>> {
    auto* const request = google::protobuf::Arena::CreateMessage<Request>(call.arena());
    if (absl::Status status = ParseRequest(call.request_bytes(), request); !status.ok()) {
      return status;
    }
    return handler(call, *request);
  };
}

}  // namespace sluice::rpc
