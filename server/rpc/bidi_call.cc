#include "server/rpc/bidi_call.h"

#include <utility>

namespace sluice::rpc {

BidiCall::BidiCall(const BidiMethod& method, CallEnvironment& environment)
    : Call(method.method, environment), bidi_(method), stream_(&context_) {}

void BidiCall::Await(const BidiMethod& method, CallEnvironment& environment) {
  auto* const call = new BidiCall(method, environment);
  method.request(&call->context_, &call->stream_, call);
}

void BidiCall::Complete(bool ok) {
  switch (state_) {
    case State::kAwaiting: {
      if (!ok) {
        delete this;
        return;
      }
      Await(bidi_, environment());
      const absl::Status admitted = Admit();
      return admitted.ok() ? Read() : Finish(admitted);
    }
    case State::kReading:
      // No more requests: the caller is done.
      return ok ? Answer() : Finish(absl::OkStatus());
    case State::kWriting:
      return ok ? Read() : Finish(absl::OkStatus());
    case State::kFinishing:
      delete this;
  }
}

void BidiCall::Read() {
  state_ = State::kReading;
  stream_.Read(&request_, this);
}

void BidiCall::Answer() {
  wire::Buffer response;
  if (const absl::Status status = bidi_.handler(request_, &response); !status.ok()) {
    return Finish(status);
  }
  state_ = State::kWriting;
  CountMessage();
  stream_.Write(ToByteBuffer(std::move(response)), this);
}

void BidiCall::Finish(const absl::Status& status) {
  state_ = State::kFinishing;
  stream_.Finish(Conclude(status), this);
}

}  // namespace sluice::rpc
