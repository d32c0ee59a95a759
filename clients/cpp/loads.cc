// Client::Load.
#include <algorithm>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <random>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "clients/cpp/client.h"
#include "clients/cpp/core.h"
#include "clients/cpp/error_details.h"
#include "clients/cpp/packing.h"
#include "clients/cpp/retry.h"
#include "clients/cpp/rpc_status.h"
#include "clients/cpp/run.h"
#include "clients/cpp/write_messages.h"
#include "sluice/v1/load.pb.h"

namespace sluice {
namespace {

using client::Call;
using client::CheckUtf8;
using Stream = grpc::ClientReaderWriter<v1::LoadRowsRequest, v1::LoadRowsResponse>;

// What goes into one message.
constexpr uint32_t kMessageRowsMax = 5'000;
constexpr size_t kMessageBytesMax = size_t{512} << 10;
// What is kept to be sent again until it is acknowledged; then the load waits.
constexpr size_t kUnacknowledgedBytesMax = size_t{32} << 20;

std::string RandomId() {
  std::random_device random;
  std::string id;
  for (int i = 0; i < 4; ++i) absl::StrAppend(&id, absl::StrFormat("%08x", random()));
  return id;
}

// Whether the connection, and not the load, is at fault: also when the part before the cut was
// still being written while the next call began, and when what became of it is not known, which the
// next call tells.
bool IsCut(const absl::Status& status) {
  // Others send it large rows.
  if (absl::IsResourceExhausted(status)) return DetailsOf(status).retry_delay.has_value();
  return client::StreamWasCut(status) || absl::IsUnknown(status) || absl::IsAborted(status);
}

// One call: writes in the caller's thread, reads in its own.
class LoadCall {
 public:
  explicit LoadCall(client::Core* core)
      : call_(core, core->options.stream_deadline), stream_(core->row->LoadRows(&call_.context)) {}
  ~LoadCall() {
    if (!finished_) call_.context.TryCancel();
    Finish().IgnoreError();
  }
  LoadCall(const LoadCall&) = delete;
  LoadCall& operator=(const LoadCall&) = delete;

  // Sends `start` and gives the first answer; nothing when the call has ended.
  std::optional<v1::LoadRowsResponse> Begin(const v1::LoadRowsStart& start) {
    v1::LoadRowsRequest request;
    *request.mutable_start() = start;
    stream_->Write(request);
    v1::LoadRowsResponse answer;
    if (!stream_->Read(&answer)) return std::nullopt;
    latest_ = answer;
    reader_ = std::thread([this] { Read(); });
    return answer;
  }

  bool Write(const v1::LoadRowsRequest& request) { return stream_->Write(request); }
  void WritesDone() { stream_->WritesDone(); }

  // The latest answer, with all errors since the last look.
  v1::LoadRowsResponse Latest() {
    std::lock_guard<std::mutex> lock(mutex_);
    return TakeLatest();
  }
  // The same once more than `rows` are acknowledged; false when the call ends without.
  bool WaitBeyond(int64_t rows, v1::LoadRowsResponse* latest) {
    std::unique_lock<std::mutex> lock(mutex_);
    changed_.wait(lock, [&] { return ended_ || latest_.acknowledged_rows() > rows; });
    *latest = TakeLatest();
    return latest->acknowledged_rows() > rows;
  }

  // Waits for the end.
  absl::Status Finish() {
    if (reader_.joinable()) reader_.join();
    if (finished_) return status_;
    finished_ = true;
    status_ = client::FromGrpc(stream_->Finish());
    return status_;
  }

 private:
  void Read() {
    v1::LoadRowsResponse answer;
    while (stream_->Read(&answer)) {
      std::lock_guard<std::mutex> lock(mutex_);
      auto errors = std::move(*latest_.mutable_errors());
      errors.MergeFrom(answer.errors());
      latest_ = std::move(answer);
      *latest_.mutable_errors() = std::move(errors);
      changed_.notify_all();
    }
    std::lock_guard<std::mutex> lock(mutex_);
    ended_ = true;
    changed_.notify_all();
  }
  v1::LoadRowsResponse TakeLatest() {
    v1::LoadRowsResponse latest = latest_;
    latest_.clear_errors();
    return latest;
  }

  Call call_;
  const std::unique_ptr<Stream> stream_;
  std::thread reader_;
  std::mutex mutex_;
  std::condition_variable changed_;
  // Guarded by mutex_.
  v1::LoadRowsResponse latest_;
  bool ended_ = false;
  bool finished_ = false;
  absl::Status status_;
};

class Loader {
 public:
  Loader(client::Core* core, const LoadRequest& request, v1::LoadRowsStart start,
         const RowSupplier& next, LoadResult* result)
      : core_(core), request_(request), start_(std::move(start)), next_(next), result_(*result) {}

  absl::Status Run() {
    return client::GoOn({.attempt = [&] { return Attempt(); },
                         .judge =
                             [&](const absl::Status& status) {
                               // What the rows' source says is no matter of the connection.
                               return client::CutIf(supplied_.ok() && !request_.atomic &&
                                                    IsCut(status));
                             },
                         .reached = [&] { return result_.acknowledged_rows; },
                         .given_up = [&] { return core_->cancelled(); },
                         .resumed = request_.resumed});
  }

 private:
  struct Sent {
    v1::LoadRowsRequest message;
    size_t bytes;
  };

  absl::Status Attempt() {
    LoadCall call(core_);
    const auto first = call.Begin(start_);
    if (!first.has_value()) return WhyEnded(&call);
    Take(*first);
    if (SendAll(&call)) call.WritesDone();
    if (!supplied_.ok()) return supplied_;
    const absl::Status status = call.Finish();
    Take(call.Latest());
    if (!status.ok()) return status;
    return done_ ? status
                 : client::ClientError(absl::StatusCode::kUnavailable, client_reason::kCut,
                                       "the load was cut: it ended before it was done");
  }

  static absl::Status WhyEnded(LoadCall* call) {
    const absl::Status status = call->Finish();
    return status.ok() ? client::ClientError(absl::StatusCode::kUnavailable, client_reason::kCut,
                                             "the load was cut: nothing was answered")
                       : status;
  }

  // What is not acknowledged of what was sent before, and then new rows. False when the call ended.
  bool SendAll(LoadCall* call) {
    for (size_t i = 0; i < unacknowledged_.size(); ++i) {
      if (!call->Write(unacknowledged_[i].message)) return false;
    }
    while (!done_ && NextMessage()) {
      if (!call->Write(unacknowledged_.back().message)) return false;
      Take(call->Latest());
      if (request_.atomic) unacknowledged_.clear();
      while (unacknowledged_bytes_ > kUnacknowledgedBytesMax) {
        v1::LoadRowsResponse latest;
        const bool more = call->WaitBeyond(result_.acknowledged_rows, &latest);
        Take(latest);
        if (!more) return false;
      }
    }
    return supplied_.ok();
  }

  // Makes one of the next rows; false when there are none, or the supplier failed.
  bool NextMessage() {
    client::RowPacker packer(request_.columns.size());
    std::vector<Value> row;
    while (packer.row_count() < kMessageRowsMax && packer.bytes() < kMessageBytesMax) {
      row.clear();
      const absl::StatusOr<bool> more = ended_ ? false : next_(&row);
      if (!more.ok()) {
        supplied_ = more.status();
        return false;
      }
      if (!*more) {
        ended_ = true;
        break;
      }
      if (row.size() != request_.columns.size()) {
        supplied_ = absl::InvalidArgumentError(absl::StrCat("row ", next_row_, " has ", row.size(),
                                                            " values for ", request_.columns.size(),
                                                            " columns"));
        return false;
      }
      // An earlier process brought them.
      if (next_row_++ >= result_.acknowledged_rows || packer.row_count() > 0) packer.Add(row);
    }
    if (packer.row_count() == 0) return false;
    Sent sent;
    sent.message.set_first_row(next_row_ - int64_t{packer.row_count()});
    *sent.message.mutable_packed() = packer.Take();
    sent.bytes = sent.message.ByteSizeLong();
    if (!request_.atomic) unacknowledged_bytes_ += sent.bytes;
    unacknowledged_.push_back(std::move(sent));
    return true;
  }

  void Take(const v1::LoadRowsResponse& answer) {
    for (const v1::LoadError& error : answer.errors()) {
      result_.errors.push_back(client::RowErrorOf(error));
    }
    const bool news = answer.acknowledged_rows() > result_.acknowledged_rows;
    result_.acknowledged_rows = answer.acknowledged_rows();
    result_.inserted_count = answer.inserted_count();
    result_.updated_count = answer.updated_count();
    result_.ignored_count = answer.ignored_count();
    result_.failed_count = answer.failed_count();
    if (!answer.commit_token().empty()) result_.commit_token = answer.commit_token();
    done_ = answer.done();
    while (!unacknowledged_.empty() && !request_.atomic &&
           EndOf(unacknowledged_.front().message) <= result_.acknowledged_rows) {
      unacknowledged_bytes_ -= unacknowledged_.front().bytes;
      unacknowledged_.pop_front();
    }
    if (news && request_.progress) request_.progress(result_);
  }
  static int64_t EndOf(const v1::LoadRowsRequest& message) {
    return message.first_row() + message.packed().row_count();
  }

  client::Core* const core_;
  const LoadRequest& request_;
  const v1::LoadRowsStart start_;
  const RowSupplier& next_;
  LoadResult& result_;
  bool done_ = false;
  std::deque<Sent> unacknowledged_;
  size_t unacknowledged_bytes_ = 0;
  // Of the supplier.
  int64_t next_row_ = 0;
  bool ended_ = false;
  absl::Status supplied_;
};

}  // namespace

absl::Status Client::Load(const LoadRequest& request, const RowSupplier& next,
                          LoadResult* result) const {
  *result = LoadResult();
  if (auto status = CheckUtf8({request.database, request.table, request.load_id}); !status.ok()) {
    return status;
  }
  v1::LoadRowsStart start;
  start.set_database(request.database);
  start.set_table(request.table);
  if (auto status = client::SetNames(request.columns, start.mutable_columns()); !status.ok()) {
    return status;
  }
  if (request.conflict != InsertRequest::Conflict::kAbort) {
    auto* const conflict = start.mutable_on_conflict();
    if (auto status =
            client::SetConflict(request.conflict, request.target, request.update_columns, conflict);
        !status.ok()) {
      return status;
    }
  }
  if (request.missing_is_null) start.set_missing_columns(v1::MISSING_COLUMNS_NULL);
  start.set_mode(request.atomic ? v1::LOAD_MODE_ATOMIC : v1::LOAD_MODE_DURABLE);
  start.set_rows_per_commit(request.rows_per_commit);
  start.set_load_id(request.load_id);
  if (request.load_id.empty() && !request.atomic) start.set_load_id(RandomId());
  result->load_id = start.load_id();
  start.set_continue_on_error(request.continue_on_error);
  start.set_validate_only(request.validate_only);
  if (request.replicated) start.set_durability(v1::DURABILITY_REPLICATED);
  return Loader(core_.get(), request, std::move(start), next, result).Run();
}

}  // namespace sluice
