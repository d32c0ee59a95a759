#include <limits>
#include <utility>

#include "google/api/httpbody.pb.h"
#include "server/base/limits.h"
#include "server/base/status.h"
#include "server/engine/query.h"
#include "server/rpc/executes.h"
#include "server/rpc/services.h"
#include "server/wire/http_body.h"
#include "server/wire/message_encoder.h"
#include "server/wire/proto_writer.h"
#include "server/wire/requests.h"
#include "server/wire/text_encoder.h"
#include "sluice/v1/query.grpc.pb.h"

namespace sluice::rpc {
namespace {

using Generated = v1::QueryService;
template <typename Base>
using RawReads = Generated::WithRawMethod_Query<
    Generated::WithRawMethod_StreamQuery<Generated::WithRawMethod_ExportQuery<Base>>>;
template <typename Base>
using RawWrites = Generated::WithRawMethod_Execute<Generated::WithRawMethod_BatchExecute<Base>>;
using Raw = RawReads<RawWrites<Generated::Service>>;
using Progress = MessageSource::Progress;

// Room for the row that passes the target, so that the usual chunk grows no buffer.
constexpr size_t kChunkSlack = size_t{8} << 10;
constexpr int64_t kAnyRows = std::numeric_limits<int64_t>::max();

void PutStats(wire::Buffer& out, int field, const engine::QueryStats& stats) {
  v1::QueryStats message;
  message.set_row_count(stats.row_count);
  message.set_vm_steps(stats.vm_steps);
  message.set_elapsed_us(absl::ToInt64Microseconds(stats.elapsed));
  wire::PutBytes(out, field, message.SerializeAsString());
}

// Rows as StreamQueryResponse messages.
class RowChunks : public MessageSource {
 public:
  RowChunks(wire::ParsedQuery query, std::unique_ptr<engine::Cursor> cursor)
      : query_(std::move(query)),
        cursor_(std::move(cursor)),
        encoder_(wire::MakeEncoder(query_.layout,
                                   {.columns = v1::StreamQueryResponse::kColumnsFieldNumber,
                                    .rows = v1::StreamQueryResponse::kRowsFieldNumber,
                                    .packed = v1::StreamQueryResponse::kPackedFieldNumber})) {}

  absl::StatusOr<Progress> Next(wire::Buffer* message) override {
    ASSIGN_OR_RETURN(const bool more, cursor_->Fill(*encoder_, kAnyRows, target_));
    encoder_->EndRows();
    if (!more) {
      PutStats(encoder_->buffer(), v1::StreamQueryResponse::kStatsFieldNumber, cursor_->stats());
    }
    *message = encoder_->Take(more ? limits::kChunkBytes + kChunkSlack : 0);
    target_ = limits::kChunkBytes;
    return more ? Progress::kMessage : Progress::kLastMessage;
  }

 private:
  const wire::ParsedQuery query_;
  const std::unique_ptr<engine::Cursor> cursor_;
  const std::unique_ptr<wire::MessageEncoder> encoder_;
  size_t target_ = limits::kFirstChunkBytes;
};

// Rows as text in HttpBody messages.
class TextChunks : public MessageSource {
 public:
  TextChunks(wire::ParsedQuery query, std::unique_ptr<engine::Cursor> cursor,
             const wire::TextFormat& format)
      : query_(std::move(query)),
        cursor_(std::move(cursor)),
        encoder_(wire::MakeTextEncoder(format)) {}

  absl::StatusOr<Progress> Next(wire::Buffer* message) override {
    ASSIGN_OR_RETURN(const bool more, cursor_->Fill(*encoder_, kAnyRows, target_));
    if (!more) encoder_->Finish("\"truncated\":false");
    *message = wire::MakeHttpBody(encoder_->content_type(), encoder_->buffer().view());
    encoder_->Clear();
    target_ = limits::kChunkBytes;
    return more ? Progress::kMessage : Progress::kLastMessage;
  }

 private:
  const wire::ParsedQuery query_;
  const std::unique_ptr<engine::Cursor> cursor_;
  const std::unique_ptr<wire::TextEncoder> encoder_;
  size_t target_ = limits::kFirstChunkBytes;
};

class QueryServiceRpc : public RpcService {
 public:
  explicit QueryServiceRpc(const ServiceContext& context) : context_(context) {}

  grpc::Service* service() override { return &raw_; }

  void AddMethods(ServerParts& parts) override {
    const char* const name = Generated::service_full_name();
    parts.AddUnary(&raw_, name, "Query", &Raw::RequestQuery, RunOn::kWorkers,
                   Unary<v1::QueryRequest>([this](auto& call, const auto& request, auto* response) {
                     return Query(call, request, response);
                   }));
    parts.AddStream(&raw_, name, "StreamQuery", &Raw::RequestStreamQuery,
                    Stream<v1::StreamQueryRequest>([this](auto& call, const auto& request) {
                      return StreamQuery(call, request);
                    }));
    parts.AddStream(&raw_, name, "ExportQuery", &Raw::RequestExportQuery,
                    Stream<v1::ExportQueryRequest>([this](auto& call, const auto& request) {
                      return ExportQuery(call, request);
                    }));
    AddWrite<v1::ExecuteRequest>(parts, "Execute", &Raw::RequestExecute);
    AddWrite<v1::BatchExecuteRequest>(parts, "BatchExecute", &Raw::RequestBatchExecute);
  }

 private:
  // A write is handed over on the queue's thread and answered when it is on disk.
  template <typename Request, typename Ask>
  void AddWrite(ServerParts& parts, absl::string_view name, Ask ask) {
    parts.AddUnary(&raw_, Generated::service_full_name(), name, ask, RunOn::kQueue,
                   DeferredUnary<Request>([this](auto& call, const Request& request) {
                     return Execute(context_, call, request);
                   }),
                   /*outlives_handler=*/true);
  }

  using Source = absl::StatusOr<std::unique_ptr<MessageSource>>;

  absl::Status Query(UnaryCall& call, const v1::QueryRequest& request, wire::Buffer* response) {
    ASSIGN_OR_RETURN(wire::ParsedQuery query, wire::ParseQuery(request));
    query.spec.known_caller = !call.principal().anonymous;
    ASSIGN_OR_RETURN(auto database, context_.registry->Find(request.database()));
    ASSIGN_OR_RETURN(const auto cursor,
                     engine::Cursor::Open(std::move(database), query.spec, call.interrupt()));
    const auto encoder =
        wire::MakeEncoder(query.layout, {.columns = v1::QueryResponse::kColumnsFieldNumber,
                                         .rows = v1::QueryResponse::kRowsFieldNumber,
                                         .packed = v1::QueryResponse::kPackedFieldNumber});
    ASSIGN_OR_RETURN(const bool more,
                     cursor->Fill(*encoder, query.rows_max, limits::kPageBytesMax));
    encoder->EndRows();
    wire::PutBool(encoder->buffer(), v1::QueryResponse::kTruncatedFieldNumber, more);
    PutStats(encoder->buffer(), v1::QueryResponse::kStatsFieldNumber, cursor->stats());
    *response = encoder->Take(0);
    return absl::OkStatus();
  }

  Source StreamQuery(StreamCall& call, const v1::StreamQueryRequest& request) {
    ASSIGN_OR_RETURN(wire::ParsedQuery query, wire::ParseQuery(request));
    query.spec.known_caller = !call.principal().anonymous;
    ASSIGN_OR_RETURN(auto database, context_.registry->Find(request.database()));
    ASSIGN_OR_RETURN(auto cursor,
                     engine::Cursor::Open(std::move(database), query.spec, call.interrupt()));
    return std::make_unique<RowChunks>(std::move(query), std::move(cursor));
  }

  Source ExportQuery(StreamCall& call, const v1::ExportQueryRequest& request) {
    ASSIGN_OR_RETURN(wire::ParsedQuery query, wire::ParseQuery(request));
    ASSIGN_OR_RETURN(const wire::TextFormat format,
                     wire::ParseTextFormat(request.format(), request.int64(), request.shape()));
    query.spec.known_caller = !call.principal().anonymous;
    ASSIGN_OR_RETURN(auto database, context_.registry->Find(request.database()));
    ASSIGN_OR_RETURN(auto cursor,
                     engine::Cursor::Open(std::move(database), query.spec, call.interrupt()));
    return std::make_unique<TextChunks>(std::move(query), std::move(cursor), format);
  }

  const ServiceContext& context_;
  Raw raw_;
};

}  // namespace

std::unique_ptr<RpcService> MakeQueryService(const ServiceContext& context) {
  return std::make_unique<QueryServiceRpc>(context);
}

}  // namespace sluice::rpc
