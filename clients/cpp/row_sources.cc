#include "clients/cpp/row_sources.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "clients/cpp/conversion.h"
#include "clients/cpp/error_details.h"
#include "clients/cpp/rpc_status.h"

namespace sluice::client {
namespace {

using Batch = absl::StatusOr<std::optional<std::vector<Row>>>;

class QuerySource : public RowSource {
 public:
  QuerySource(std::shared_ptr<Core> core, const v1::StreamQueryRequest& request)
      : core_(std::move(core)),
        call_(core_.get(), core_->options.stream_deadline),
        reader_(core_->query->StreamQuery(&call_.context, request)) {}

  ~QuerySource() override {
    if (ended_) return;
    // gRPC wants every stream finished; cancelled first, this does not wait for the server.
    call_.context.TryCancel();
    reader_->Finish();
  }

  absl::Status Start() {
    has_message_ = reader_->Read(&message_);
    if (!has_message_) return End();
    columns_ = client::FromProto(std::move(*message_.mutable_columns()));
    return absl::OkStatus();
  }

  Batch NextBatch() override {
    if (ended_) return std::optional<std::vector<Row>>();
    if (!has_message_) has_message_ = reader_->Read(&message_);
    if (!has_message_) {
      if (auto status = End(); !status.ok()) return status;
      return std::optional<std::vector<Row>>();
    }
    has_message_ = false;
    if (message_.has_stats()) stats_ = client::FromProto(message_.stats());
    auto rows = message_.has_packed()
                    ? client::FromProto(std::move(*message_.mutable_packed()), columns_.size())
                    : client::FromProto(std::move(*message_.mutable_rows()), columns_.size());
    if (!rows.ok()) return std::move(rows).status();
    return std::optional<std::vector<Row>>(*std::move(rows));
  }

 private:
  absl::Status End() {
    ended_ = true;
    if (auto status = FromGrpc(reader_->Finish()); !status.ok()) return status;
    if (stats_.has_value()) return absl::OkStatus();
    return ClientError(absl::StatusCode::kDataLoss, client_reason::kCut,
                       "the stream was cut: it ended without its statistics");
  }

  const std::shared_ptr<Core> core_;
  Call call_;
  std::unique_ptr<grpc::ClientReader<v1::StreamQueryResponse>> reader_;
  v1::StreamQueryResponse message_;
  bool has_message_ = false;
  bool ended_ = false;
};

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
    if (columns_.empty()) columns_ = client::FromProto(*page_.mutable_columns());
    has_page_ = true;
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
  bool has_page_ = false;
  bool ended_ = false;
};

}  // namespace

absl::StatusOr<std::unique_ptr<RowSource>> OpenQuery(std::shared_ptr<Core> core,
                                                     const v1::StreamQueryRequest& request) {
  auto source = std::make_unique<QuerySource>(std::move(core), request);
  if (auto status = source->Start(); !status.ok()) return status;
  return source;
}

absl::StatusOr<std::unique_ptr<RowSource>> OpenPages(std::shared_ptr<Core> core,
                                                     v1::ListRowsRequest request) {
  auto source = std::make_unique<PageSource>(std::move(core), std::move(request));
  if (auto status = source->Read(); !status.ok()) return status;
  return source;
}

}  // namespace sluice::client
