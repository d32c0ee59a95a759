// A load: rows come in, acknowledgements go out.
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "server/base/mutex.h"
#include "server/engine/load.h"
#include "server/engine/registry.h"
#include "server/rpc/services.h"
#include "server/rpc/stream_call.h"
#include "server/wire/load_requests.h"
#include "server/wire/load_rows.h"

namespace sluice::rpc {

// While one part is being written the next one is gathered; when both are there, nothing more is
// taken from the caller.
class LoadSource final : public MessageSource {
 public:
  // `first` lives as long as the call, `large_messages` longer.
  LoadSource(StreamCall& call, std::shared_ptr<engine::Database> database, wire::ParsedLoad load,
             const v1::LoadRowsRequest& first, std::unique_ptr<LoadPlaces::Place> place,
             const LargeMessages& large_messages);

  absl::StatusOr<Progress> Next(wire::Buffer* message) override;
  bool waits_for_caller() const override { return !writing_.load(std::memory_order_relaxed); }

 private:
  // What the writer's thread hands over; may outlive the source.
  struct Written {
    Mutex mutex;
    std::optional<absl::StatusOr<engine::LoadOutcome>> outcome ABSL_GUARDED_BY(mutex);
  };
  // Where the load stands, from earlier calls.
  absl::StatusOr<Progress> Begin(wire::Buffer* message);
  // The outcome of the part that was being written, when it is there.
  std::optional<absl::StatusOr<engine::LoadOutcome>> TakeOutcome();
  // A message that has come, with its place where it is large.
  struct Message {
    std::unique_ptr<v1::LoadRowsRequest> rows = std::make_unique<v1::LoadRowsRequest>();
    LargeMessages::Place place = nullptr;
  };
  absl::StatusOr<Message> ParseMessage();
  absl::Status ParseLarge(Message* message);
  absl::Status TakeMessage(Message message);
  absl::Status SubmitPart();
  bool part_is_full() const;
  int64_t gathered_rows() const;
  Progress Tell(const engine::LoadOutcome& outcome, wire::Buffer* message) const;

  StreamCall& call_;
  const std::shared_ptr<engine::Database> database_;
  const wire::ParsedLoad load_;
  const std::shared_ptr<const engine::LoadSpec> spec_;
  const std::unique_ptr<LoadPlaces::Place> place_;
  const LargeMessages& large_messages_;
  const v1::LoadRowsRequest& first_;
  const std::shared_ptr<Written> written_ = std::make_shared<Written>();
  grpc::ByteBuffer request_;

  bool begun_ = false;
  bool requests_ended_ = false;
  // The part with the end of the load has been handed to the writer.
  bool last_submitted_ = false;
  std::atomic<bool> writing_{false};
  // After the last part that was written, and after what was handed to the writer.
  engine::LoadProgress progress_;
  int64_t rows_submitted_ = 0;
  // Where the last message with rows has ended; nothing before the first.
  std::optional<int64_t> previous_end_;
  size_t failures_told_ = 0;
  // One of them gathers the next part.
  std::unique_ptr<wire::LoadBatch> batch_;
  std::unique_ptr<wire::StagedLoad> staged_;
};

// Begins a load. PERMISSION_DENIED for one that does more than its method asks leave for.
absl::StatusOr<std::unique_ptr<MessageSource>> OpenLoad(const ServiceContext& context,
                                                        StreamCall& call,
                                                        const v1::LoadRowsRequest& first);

}  // namespace sluice::rpc
