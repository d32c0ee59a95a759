#include "server/rpc/load_source.h"

#include <algorithm>

#include "grpcpp/support/proto_buffer_reader.h"
#include "server/base/limits.h"
#include "server/base/status.h"
#include "server/wire/parsed_size.h"

namespace sluice::rpc {

using Progress = MessageSource::Progress;

LoadSource::LoadSource(StreamCall& call, std::shared_ptr<engine::Database> database,
                       wire::ParsedLoad load, const v1::LoadRowsRequest& first,
                       std::unique_ptr<LoadPlaces::Place> place,
                       const LargeMessages& large_messages)
    : call_(call),
      database_(std::move(database)),
      load_(std::move(load)),
      spec_(std::make_shared<engine::LoadSpec>(load_.spec)),
      place_(std::move(place)),
      large_messages_(large_messages),
      first_(first) {}

absl::StatusOr<Progress> LoadSource::Next(wire::Buffer* message) {
  if (!begun_) return Begin(message);
  while (true) {
    if (auto outcome = TakeOutcome(); outcome.has_value()) {
      RETURN_IF_ERROR(outcome->status());
      return Tell(**outcome, message);
    }
    if (!writing_ && (part_is_full() || requests_ended_)) RETURN_IF_ERROR(SubmitPart());
    if (last_submitted_ || part_is_full()) return Progress::kWait;
    switch (call_.TakeRequest(&request_)) {
      case StreamCall::Incoming::kNotYet:
        return Progress::kWait;
      case StreamCall::Incoming::kEnd:
        requests_ended_ = true;
        if (writing_) return Progress::kWait;
        break;
      case StreamCall::Incoming::kMessage: {
        ASSIGN_OR_RETURN(Message next, ParseMessage());
        if (next.rows->has_start()) return BadField("start", "comes once");
        RETURN_IF_ERROR(TakeMessage(std::move(next)));
        break;
      }
    }
  }
}

absl::StatusOr<Progress> LoadSource::Begin(wire::Buffer* message) {
  begun_ = true;
  ASSIGN_OR_RETURN(progress_, engine::FindLoad(*database_, *spec_, call_.interrupt()));
  rows_submitted_ = progress_.rows;
  engine::LoadOutcome outcome;
  outcome.progress = progress_;
  if (!progress_.done && wire::LoadRowCount(first_) > 0) {
    Message rows;
    *rows.rows = first_;
    rows.rows->clear_start();
    RETURN_IF_ERROR(TakeMessage(std::move(rows)));
  }
  return Tell(outcome, message);
}

absl::StatusOr<LoadSource::Message> LoadSource::ParseMessage() {
  Message message;
  if (IsLarge(request_)) {
    RETURN_IF_ERROR(ParseLarge(&message));
  } else {
    RETURN_IF_ERROR(ParseRequest(request_, message.rows.get()));
  }
  // gRPC counts what it received until nobody holds it.
  request_.Clear();
  return message;
}

absl::Status LoadSource::ParseLarge(Message* message) {
  grpc::ProtoBufferReader reader(&request_);
  const size_t size = wire::ParsedSize(*v1::LoadRowsRequest::descriptor(), request_.Length(),
                                       &reader, large_messages_.bytes_max());
  ASSIGN_OR_RETURN(message->place, large_messages_.Take(size));
  return ParseLargeRequest(&request_, message->rows.get());
}

Progress LoadSource::Tell(const engine::LoadOutcome& outcome, wire::Buffer* message) const {
  *message = Serialize(wire::MakeLoadAnswer(outcome));
  return outcome.progress.done ? Progress::kLastMessage : Progress::kMessage;
}

std::optional<absl::StatusOr<engine::LoadOutcome>> LoadSource::TakeOutcome() {
  std::optional<absl::StatusOr<engine::LoadOutcome>> outcome;
  {
    MutexLock lock(&written_->mutex);
    outcome.swap(written_->outcome);
  }
  if (!outcome.has_value()) return outcome;
  writing_ = false;
  if (outcome->ok()) {
    progress_ = (*outcome)->progress;
    failures_told_ += (*outcome)->failures.size();
  }
  return outcome;
}

absl::Status LoadSource::TakeMessage(Message message) {
  RETURN_IF_ERROR(wire::CheckLoadRows(*message.rows, load_.columns));
  const int64_t next = rows_submitted_ + gathered_rows();
  ASSIGN_OR_RETURN(const int64_t skip, wire::RowsToSkip(*message.rows, next, previous_end_));
  const int64_t count = wire::LoadRowCount(*message.rows);
  if (count > 0) previous_end_ = message.rows->first_row() + count;
  if (skip == count) return absl::OkStatus();
  if (load_.spec.atomic) {
    if (skip > 0) return BadField("first_row", "goes back into rows that have come already");
    if (staged_ == nullptr) staged_ = std::make_unique<wire::StagedLoad>();
    const std::string bytes = message.rows->SerializeAsString();
    RETURN_IF_ERROR(place_->Stage(static_cast<int64_t>(bytes.size())));
    return staged_->Add(database_->folder(), bytes, count);
  }
  if (batch_ == nullptr) batch_ = std::make_unique<wire::LoadBatch>();
  batch_->Add(std::move(message.rows), skip, std::move(message.place));
  return absl::OkStatus();
}

int64_t LoadSource::gathered_rows() const {
  if (batch_ != nullptr) return batch_->row_count();
  return staged_ != nullptr ? staged_->row_count() : 0;
}

bool LoadSource::part_is_full() const {
  return batch_ != nullptr && (batch_->row_count() >= load_.rows_per_part ||
                               batch_->bytes() >= limits::kLoadPartBytesMax);
}

absl::Status LoadSource::SubmitPart() {
  engine::LoadPart part{.before = progress_, .last = requests_ended_};
  part.failures_max = limits::kLoadErrorsMax - std::min(failures_told_, limits::kLoadErrorsMax);
  rows_submitted_ += gathered_rows();
  if (load_.spec.atomic) {
    if (staged_ == nullptr) staged_ = std::make_unique<wire::StagedLoad>();
    part.rows = std::move(staged_);
  } else {
    if (batch_ == nullptr) batch_ = std::make_unique<wire::LoadBatch>();
    part.rows = std::move(batch_);
  }
  last_submitted_ = part.last;
  writing_ = true;
  // Holds the call, whose flag and first message the write looks at.
  auto done = [written = written_, call = call_.shared_from_this(),
               wake = call_.MakeWaker()](absl::StatusOr<engine::LoadOutcome> outcome) {
    {
      MutexLock lock(&written->mutex);
      written->outcome = std::move(outcome);
    }
    wake();
  };
  return engine::SubmitLoadPart(database_, spec_, std::move(part), call_.interrupt(),
                                std::move(done));
}

absl::StatusOr<std::unique_ptr<MessageSource>> OpenLoad(const ServiceContext& context,
                                                        StreamCall& call,
                                                        const v1::LoadRowsRequest& first) {
  ASSIGN_OR_RETURN(wire::ParsedLoad load, wire::ParseLoadStart(first, call.principal().name));
  load.spec.kept.caller = call.caller();
  if (load.updates) {
    RETURN_IF_ERROR(
        auth::CheckPermission(call.principal(), auth::Permission::kRowUpdate, "row.update"));
  }
  ASSIGN_OR_RETURN(auto place, context.load_places->Take(call.caller()));
  ASSIGN_OR_RETURN(auto database, context.registry->Find(first.start().database()));
  return std::make_unique<LoadSource>(call, std::move(database), std::move(load), first,
                                      std::move(place), *context.large_messages);
}

}  // namespace sluice::rpc
