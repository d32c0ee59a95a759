#include "clients/cpp/row_sources.h"

#include <algorithm>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "clients/cpp/conversion.h"
#include "clients/cpp/error_details.h"
#include "clients/cpp/retry.h"
#include "clients/cpp/rpc_status.h"

namespace sluice::client {
namespace {

// Values of other columns would stand under the wrong ones.
absl::Status CheckColumns(const std::vector<Column>& before, const std::vector<Column>& now) {
  const auto same = [](const Column& a, const Column& b) {
    return a.name == b.name && a.declared_type == b.declared_type;
  };
  if (std::equal(before.begin(), before.end(), now.begin(), now.end(), same)) {
    return absl::OkStatus();
  }
  return ClientError(absl::StatusCode::kAborted, client_reason::kColumnsChanged,
                     "the columns changed while the rows were read");
}

using Batch = absl::StatusOr<std::optional<std::vector<Row>>>;

// One call that streams messages.
template <typename Request, typename Response>
class Part {
 public:
  using Start = std::unique_ptr<grpc::ClientReader<Response>> (*)(Core&, grpc::ClientContext*,
                                                                  const Request&);
  Part(Core* core, Start start, const Request& request)
      : call_(core, core->options.stream_deadline),
        reader_(start(*core, &call_.context, request)) {}
  ~Part() {
    if (ended_) return;
    // gRPC wants every stream finished; cancelled first, this does not wait for the server.
    call_.context.TryCancel();
    reader_->Finish();
  }
  Part(const Part&) = delete;
  Part& operator=(const Part&) = delete;

  bool Read(Response* message) { return reader_->Read(message); }
  absl::Status End() {
    ended_ = true;
    return FromGrpc(reader_->Finish());
  }

 private:
  Call call_;
  std::unique_ptr<grpc::ClientReader<Response>> reader_;
  bool ended_ = false;
};

// A stream of rows, of a query or of a table.
template <typename Request, typename Response>
class StreamSource : public RowSource {
 public:
  using Start = typename Part<Request, Response>::Start;
  StreamSource(std::shared_ptr<Core> core, Start start, Request request)
      : core_(std::move(core)), start_(start), request_(std::move(request)) {
    Open();
  }

  absl::Status Begin() {
    has_message_ = part_->Read(&message_);
    if (!has_message_) return End();
    columns_ = client::FromProto(std::move(*message_.mutable_columns()));
    return absl::OkStatus();
  }

  Batch NextBatch() override {
    if (ended_) return std::optional<std::vector<Row>>();
    if (!has_message_) {
      if (auto status = Read(); !status.ok()) return status;
    }
    if (!has_message_) return std::optional<std::vector<Row>>();
    has_message_ = false;
    if (message_.has_stats()) stats_ = client::FromProto(message_.stats());
    truncated_ = message_.truncated();
    auto rows = message_.has_packed()
                    ? client::FromProto(std::move(*message_.mutable_packed()), columns_.size())
                    : client::FromProto(std::move(*message_.mutable_rows()), columns_.size());
    if (!rows.ok()) return std::move(rows).status();
    Remember(static_cast<int64_t>(rows->size()));
    return std::optional<std::vector<Row>>(*std::move(rows));
  }

 private:
  void Open() { part_ = std::make_unique<Part<Request, Response>>(core_.get(), start_, request_); }

  // The next message, of a new call when this one was cut and can be resumed.
  absl::Status Read() {
    has_message_ = part_->Read(&message_);
    if (has_message_) return absl::OkStatus();
    auto status = End();
    const bool was_cut = StreamWasCut(status) && !absl::IsDataLoss(status) && !core_->cancelled();
    if (!was_cut || !may_resume_) return status;
    // Once, until something has come again.
    may_resume_ = false;
    ended_ = false;
    Open();
    has_message_ = part_->Read(&message_);
    if (!has_message_) return End();
    return CheckColumns(columns_, client::FromProto(*message_.mutable_columns()));
  }

  absl::Status End() {
    ended_ = true;
    if (auto status = part_->End(); !status.ok()) return status;
    if (stats_.has_value() && truncated_) {
      return ClientError(absl::StatusCode::kResourceExhausted, client_reason::kTruncated,
                         "the result is larger than the server's configuration allows");
    }
    if (stats_.has_value()) return absl::OkStatus();
    return ClientError(absl::StatusCode::kDataLoss, client_reason::kCut,
                       "the stream was cut: it ended without its statistics");
  }

  // Where the stream goes on after this message.
  void Remember(int64_t row_count) {
    request_.set_resume_token(message_.resume_token());
    may_resume_ = !message_.resume_token().empty();
    if constexpr (std::is_same_v<Request, v1::ReadRowsRequest>) {
      if (request_.row_limit() > 0) request_.set_row_limit(request_.row_limit() - row_count);
    }
  }

  const std::shared_ptr<Core> core_;
  const Start start_;
  Request request_;
  std::unique_ptr<Part<Request, Response>> part_;
  Response message_;
  bool has_message_ = false;
  bool may_resume_ = false;
  bool truncated_ = false;
  bool ended_ = false;
};

template <typename Request, typename Response>
absl::StatusOr<std::unique_ptr<RowSource>> OpenStream(
    std::shared_ptr<Core> core, typename StreamSource<Request, Response>::Start start,
    Request request) {
  auto source =
      std::make_unique<StreamSource<Request, Response>>(std::move(core), start, std::move(request));
  if (auto status = source->Begin(); !status.ok()) return status;
  return source;
}

class PageSource : public RowSource {
 public:
  PageSource(std::shared_ptr<Core> core, v1::ListRowsRequest request)
      : core_(std::move(core)), request_(std::move(request)) {}

  // Reads the page of request_ into page_.
  absl::Status Read() {
    Call call(core_.get(), core_->options.deadline);
    page_.Clear();
    auto status = FromGrpc(core_->row->ListRows(&call.context, request_, &page_));
    if (!status.ok()) return status;
    auto columns = client::FromProto(*page_.mutable_columns());
    has_page_ = true;
    if (!first_) return CheckColumns(columns_, columns);
    first_ = false;
    columns_ = std::move(columns);
    return absl::OkStatus();
  }

  Batch NextBatch() override {
    if (!has_page_) {
      if (ended_) return std::optional<std::vector<Row>>();
      if (auto status = Read(); !status.ok()) return status;
    }
    has_page_ = false;
    if (auto status = Turn(); !status.ok()) return status;
    auto rows = client::FromProto(std::move(*page_.mutable_rows()), columns_.size());
    if (!rows.ok()) return std::move(rows).status();
    return std::optional<std::vector<Row>>(*std::move(rows));
  }

 private:
  absl::Status Turn() {
    ended_ = page_.next_page_token().empty();
    // A server that gives the same page for ever must not hold the caller for ever.
    if (!ended_ && page_.next_page_token() == request_.page_token()) {
      return ClientError(absl::StatusCode::kDataLoss, client_reason::kMalformedAnswer,
                         "malformed answer: a page names itself as the next");
    }
    request_.set_page_token(page_.next_page_token());
    return absl::OkStatus();
  }

  const std::shared_ptr<Core> core_;
  v1::ListRowsRequest request_;
  v1::ListRowsResponse page_;
  bool first_ = true;
  bool has_page_ = false;
  bool ended_ = false;
};

}  // namespace

absl::StatusOr<std::unique_ptr<RowSource>> OpenQuery(std::shared_ptr<Core> core,
                                                     const v1::StreamQueryRequest& request) {
  return OpenStream<v1::StreamQueryRequest, v1::StreamQueryResponse>(
      std::move(core),
      [](Core& from, grpc::ClientContext* context, const v1::StreamQueryRequest& asked) {
        return from.query->StreamQuery(context, asked);
      },
      request);
}

absl::StatusOr<std::unique_ptr<RowSource>> OpenTable(std::shared_ptr<Core> core,
                                                     v1::ReadRowsRequest request) {
  return OpenStream<v1::ReadRowsRequest, v1::ReadRowsResponse>(
      std::move(core),
      [](Core& from, grpc::ClientContext* context, const v1::ReadRowsRequest& asked) {
        return from.row->ReadRows(context, asked);
      },
      std::move(request));
}

absl::StatusOr<std::unique_ptr<RowSource>> OpenPages(std::shared_ptr<Core> core,
                                                     v1::ListRowsRequest request) {
  auto source = std::make_unique<PageSource>(std::move(core), std::move(request));
  if (auto status = source->Read(); !status.ok()) return status;
  return source;
}

}  // namespace sluice::client
