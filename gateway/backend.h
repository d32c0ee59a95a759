// Calls to the service as bytes, over any gRPC channel: in process or through a socket. Knows no
// message type.
//
// Thread-safe. A call keeps itself alive until OnDone. CallEvents come one after the other, on
// the backend's threads; the next OnMessage may begin as soon as Read was called for it.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "grpcpp/channel.h"
#include "grpcpp/generic/generic_stub.h"
#include "grpcpp/support/byte_buffer.h"
#include "grpcpp/support/channel_arguments.h"

#include "gateway/call_queue.h"
#include "gateway/http.h"
#include "gateway/metadata.h"

namespace sluice::gateway {

struct CallSpec {
  // `/pkg.Service/Method`.
  std::string rpc;
  Metadata metadata;
  // InfiniteFuture for none.
  absl::Time deadline = absl::InfiniteFuture();
  std::string request;
  bool streams = false;
};

// What a call tells. A unary call gives its message and then OnDone; a stream one message for each
// Read.
class CallEvents {
 public:
  virtual ~CallEvents() = default;
  virtual void OnMessage(const grpc::ByteBuffer& message) = 0;
  // The last one.
  virtual void OnDone(const grpc::Status& status) = 0;
};

class Call {
 public:
  virtual ~Call() = default;
  virtual void Start() = 0;
  // Streams: asks for the next message. Not again before it came.
  virtual void Read() = 0;
  // OnDone follows soon. At any time, more than once.
  virtual void Cancel() = 0;
  // The initial metadata as response headers. From the first event on.
  virtual void AddInitialMetadata(http::ResponseHead* head) const = 0;
};

class Backend {
 public:
  // `in_process` says that the channel is to a server of this process, through no socket. Outlives
  // its calls.
  Backend(std::shared_ptr<grpc::Channel> channel, bool in_process);

  // `events` is kept until OnDone.
  std::shared_ptr<Call> NewCall(CallSpec spec, std::shared_ptr<CallEvents> events);

 private:
  const std::shared_ptr<grpc::Channel> channel_;
  grpc::GenericStub stub_;
  CallQueue queue_;
};

// Whether a gRPC target can only be this machine: a loopback address, `localhost` or a Unix socket.
bool IsLocalTarget(absl::string_view target);

// What the channel to a Backend needs: messages up to kMessageBytesMax, no proxy.
grpc::ChannelArguments BackendChannelArguments();

// The bytes of a buffer: a view into it when it is in one piece, else into `*scratch`.
absl::string_view Flatten(const grpc::ByteBuffer& buffer, std::vector<grpc::Slice>* slices,
                          std::string* scratch);

}  // namespace sluice::gateway
