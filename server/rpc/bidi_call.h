// Streams both ways in which every request is answered by one message, at once and on the queue's
// thread.
#pragma once

#include <functional>

#include "absl/status/status.h"
#include "server/rpc/call.h"

namespace sluice::rpc {

using BidiHandler =
    std::function<absl::Status(const grpc::ByteBuffer& request, wire::Buffer* response)>;
using BidiStream = grpc::ServerAsyncReaderWriter<grpc::ByteBuffer, grpc::ByteBuffer>;
using RequestBidi = std::function<void(grpc::ServerContext*, BidiStream*, void* tag)>;

struct BidiMethod {
  Method method;
  RequestBidi request;
  BidiHandler handler;
};

// One stream; owns itself until it has ended. One completion is under way at any time.
class BidiCall final : public Call, public Tag {
 public:
  static void Await(const BidiMethod& method, CallEnvironment& environment);
  void Complete(bool ok) override;

 private:
  enum class State { kAwaiting, kReading, kWriting, kFinishing };

  BidiCall(const BidiMethod& method, CallEnvironment& environment);
  ~BidiCall() override = default;
  void Read();
  void Answer();
  void Finish(const absl::Status& status);

  const BidiMethod& bidi_;
  BidiStream stream_;
  grpc::ByteBuffer request_;
  State state_ = State::kAwaiting;
};

}  // namespace sluice::rpc
