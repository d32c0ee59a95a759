#include "server/rpc/stream_call.h"

#include <utility>
#include <vector>

#include "absl/time/clock.h"
#include "server/base/error.h"

namespace sluice::rpc {
namespace {

using Progress = MessageSource::Progress;

absl::Status Overloaded(absl::string_view what) {
  return WithRetryAfter(Error(absl::StatusCode::kUnavailable, reason::kOverloaded, what),
                        absl::Seconds(1));
}

// A receiver that takes what it is sent is worth some messages made ahead: waking a worker for each
// costs as much as sending it. One that takes nothing holds no more than it must.
constexpr int64_t kTakenBeforeAhead = 8;
constexpr size_t kAheadMax = 4;

absl::Status GoneAway() {
  return Error(absl::StatusCode::kCancelled, reason::kCancelled, "the caller went away");
}

}  // namespace

void OpenStreams::Add(StreamCall* stream) {
  MutexLock lock(&mutex_);
  streams_.insert(stream);
}

void OpenStreams::Remove(StreamCall* stream) {
  MutexLock lock(&mutex_);
  streams_.erase(stream);
}

std::vector<std::shared_ptr<StreamCall>> OpenStreams::List() {
  std::vector<std::shared_ptr<StreamCall>> streams;
  MutexLock lock(&mutex_);
  for (StreamCall* stream : streams_) {
    // Null for one that is being destroyed and waits to be removed.
    if (auto shared = stream->weak_from_this().lock()) streams.push_back(std::move(shared));
  }
  return streams;
}

void OpenStreams::EndStalledSince(absl::Time before) {
  for (const auto& stream : List()) stream->EndIfStalledSince(before);
}

bool OpenStreams::RestStalledSince(absl::Time before) {
  bool any = false;
  for (const auto& stream : List()) any = stream->RestIfStalledSince(before) || any;
  return any;
}

class StreamCall::Completion final : public Tag {
 public:
  Completion(std::shared_ptr<StreamCall> call, void (StreamCall::*step)(bool))
      : call_(std::move(call)), step_(step) {}
  void Complete(bool ok) override {
    (call_.get()->*step_)(ok);
    delete this;
  }

 private:
  const std::shared_ptr<StreamCall> call_;
  void (StreamCall::* const step_)(bool);
};

StreamCall::StreamCall(const StreamMethod& method, CallEnvironment& environment)
    : Call(method.method, environment),
      stream_(method),
      writer_(&context_),
      both_ways_(&context_),
      moved_(absl::Now()) {}

StreamCall::~StreamCall() { environment().streams->Remove(this); }

StreamCall::Completion* StreamCall::NewTag(void (StreamCall::*step)(bool)) {
  return new Completion(shared_from_this(), step);
}

void StreamCall::Await(const StreamMethod& method, CallEnvironment& environment) {
  const auto call = std::make_shared<StreamCall>(method, environment);
  call->ended_tag_ = call->NewTag(&StreamCall::Ended);
  call->context_.AsyncNotifyWhenDone(call->ended_tag_);
  Completion* const arrived = call->NewTag(&StreamCall::Arrived);
  if (call->both_ways()) {
    method.request_both_ways(&call->context_, &call->both_ways_, arrived);
  } else {
    method.request(&call->context_, &call->request_, &call->writer_, arrived);
  }
}

void StreamCall::Arrived(bool ok) {
  if (!ok) {
    delete ended_tag_;
    return;
  }
  Await(stream_, environment());
  absl::Status admitted = Admit();
  environment().streams->Add(this);
  MutexLock lock(&mutex_);
  moved_ = absl::Now();
  if (admitted.ok() && both_ways()) {
    waiting_ = true;
    return Read();
  }
  if (admitted.ok()) {
    working_ = true;
    if (environment().workers->TrySubmit([self = shared_from_this()] { self->Work(); })) return;
    working_ = false;
    admitted = Overloaded("too many calls wait for the server");
  }
  EndWith(admitted);
  SendReady();
}

void StreamCall::Read() {
  request_ready_ = false;
  both_ways_.Read(&receiving_, NewTag(&StreamCall::Received));
}

void StreamCall::Received(bool ok) {
  {
    MutexLock lock(&mutex_);
    moved_ = absl::Now();
    request_ready_ = ok;
    requests_ended_ = !ok;
    if (finishing_) return;
  }
  Schedule();
}

StreamCall::Incoming StreamCall::TakeRequest(grpc::ByteBuffer* request) {
  MutexLock lock(&mutex_);
  if (requests_ended_) return Incoming::kEnd;
  if (!request_ready_) return Incoming::kNotYet;
  request->Swap(&receiving_);
  receiving_.Clear();
  Read();
  return Incoming::kMessage;
}

std::function<void()> StreamCall::MakeWaker() {
  return [weak = weak_from_this()] {
    if (const auto call = weak.lock()) call->Schedule();
  };
}

void StreamCall::Schedule() {
  MutexLock lock(&mutex_);
  if (working_) {
    again_ = true;
    return;
  }
  working_ = true;
  environment().workers->Submit([self = shared_from_this()] { self->Work(); });
}

void StreamCall::OnRevoke() {
  auto self = weak_from_this().lock();
  // Null for one that is being destroyed.
  if (self == nullptr) return;
  CallEnvironment& shared = environment();
  // Elsewhere, since this may be the last to hold the call, and whoever calls holds the database's
  // connections.
  shared.workers->Submit([self = std::move(self)] {
    {
      MutexLock lock(&self->mutex_);
      if (self->finishing_) return;
      self->EndWith(Revoked(self->revoked_for()));
    }
    self->Schedule();
  });
}

absl::StatusOr<Progress> StreamCall::MakeNext(wire::Buffer* message) {
  if (source_ == nullptr) {
    if (both_ways()) {
      const Incoming first = TakeRequest(&request_);
      if (first == Incoming::kNotYet) return Progress::kWait;
      if (first == Incoming::kEnd) return Progress::kEnd;
    }
    auto source = stream_.handler(*this);
    if (!source.ok()) return source.status();
    source_ = *std::move(source);
  }
  return source_->Next(message);
}

void StreamCall::Work() {
  bool more = true;
  while (more) {
    {
      MutexLock lock(&mutex_);
      waiting_ = false;
      if (ready_.size() >= ReadyMax() || end_ready_) break;
    }
    wire::Buffer message;
    const absl::StatusOr<Progress> progress = MakeNext(&message);
    MutexLock lock(&mutex_);
    more = Take(progress, std::move(message));
    SendReady();
  }
  bool ended = false;
  {
    MutexLock lock(&mutex_);
    ended = end_ready_;
  }
  // Gives back what the stream held (a connection, a place) without waiting for the receiver.
  if (ended) source_.reset();
  StopWorking();
}

void StreamCall::StopWorking() {
  bool rerun = false;
  {
    MutexLock lock(&mutex_);
    working_ = false;
    rerun = std::exchange(again_, false) || (WantsMore() && !waiting_);
    SendReady();
  }
  if (rerun) Schedule();
}

bool StreamCall::Take(const absl::StatusOr<Progress>& progress, wire::Buffer message) {
  if (!progress.ok()) {
    EndWith(progress.status());
    return false;
  }
  if (*progress == Progress::kWait) {
    waiting_ = true;
    return false;
  }
  if (*progress != Progress::kEnd) {
    ready_.push_back(std::move(message));
  }
  if (*progress != Progress::kMessage) EndWith(absl::OkStatus());
  return !end_ready_;
}

size_t StreamCall::ReadyMax() const { return taken_ < kTakenBeforeAhead ? 1 : kAheadMax; }

bool StreamCall::WantsMore() const { return !end_ready_ && ready_.size() <= ReadyMax() / 2; }

void StreamCall::EndWith(absl::Status status) {
  if (end_ready_) return;
  end_ready_ = true;
  end_ = std::move(status);
}

void StreamCall::SendReady() {
  if (in_flight_ || finishing_) return;
  if (!ready_.empty()) {
    in_flight_ = true;
    CountMessage();
    // Not WriteAndFinish for the last one: gRPC's in-process transport can lose a message that
    // comes with the status.
    const grpc::ByteBuffer bytes = ToByteBuffer(std::move(ready_.front()));
    ready_.pop_front();
    Completion* const written = NewTag(&StreamCall::Written);
    both_ways() ? both_ways_.Write(bytes, written) : writer_.Write(bytes, written);
  } else if (end_ready_ && !working_) {
    finishing_ = true;
    Completion* const finished = NewTag(&StreamCall::Finished);
    const grpc::Status status = Conclude(end_);
    both_ways() ? both_ways_.Finish(status, finished) : writer_.Finish(status, finished);
  }
}

void StreamCall::Written(bool ok) {
  bool schedule = false;
  {
    MutexLock lock(&mutex_);
    in_flight_ = false;
    rests_ = false;
    moved_ = absl::Now();
    if (ok) {
      ++taken_;
    } else {
      ready_.clear();
      EndWith(GoneAway());
    }
    SendReady();
    schedule = !working_ && !finishing_ && (end_ready_ || WantsMore());
  }
  if (schedule) Schedule();
}

void StreamCall::Finished(bool) {}

void StreamCall::Ended(bool) {
  if (!context_.IsCancelled()) return;
  SetCancelled();
  {
    MutexLock lock(&mutex_);
    if (finishing_) return;
    ready_.clear();
    EndWith(GoneAway());
  }
  // On a worker, since the source has to go.
  Schedule();
}

void StreamCall::EndIfStalledSince(absl::Time before) {
  MutexLock lock(&mutex_);
  if (finishing_ || moved_ >= before) return;
  if (in_flight_) {
    // A message is on its way and cannot be taken back: the receiver sees CANCELLED.
    context_.TryCancel();
  } else if (waiting_ && (source_ == nullptr || !source_->waits_for_ever())) {
    EndWith(source_ == nullptr || source_->waits_for_caller()
                ? Error(absl::StatusCode::kCancelled, reason::kCancelled,
                        "the caller sent nothing for too long")
                : Overloaded("the call waited too long for its turn"));
    environment().workers->Submit([self = shared_from_this()] { self->Schedule(); });
  }
}

bool StreamCall::RestIfStalledSince(absl::Time before) {
  MutexLock lock(&mutex_);
  const bool stands = in_flight_ && !ready_.empty() && !end_ready_ && !working_;
  if (!stands || rests_ || moved_ >= before) return false;
  rests_ = true;
  working_ = true;
  environment().workers->Submit([self = shared_from_this()] {
    self->source_->Rest();
    self->StopWorking();
  });
  return true;
}

}  // namespace sluice::rpc
