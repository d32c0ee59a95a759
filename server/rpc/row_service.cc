#include <utility>

#include "absl/strings/str_cat.h"
#include "server/base/error.h"
#include "server/base/limits.h"
#include "server/base/status.h"
#include "server/engine/browse.h"
#include "server/rpc/row_writes.h"
#include "server/rpc/services.h"
#include "server/wire/http_body.h"
#include "server/wire/proto_writer.h"
#include "server/wire/requests.h"
#include "server/wire/row_key.h"
#include "server/wire/rows_encoder.h"
#include "server/wire/text_encoder.h"
#include "sluice/v1/row.grpc.pb.h"

namespace sluice::rpc {
namespace {

using Generated = v1::RowService;
template <typename Base>
using RawReads = Generated::WithRawMethod_BrowseRows<
    Generated::WithRawMethod_ListRows<Generated::WithRawMethod_GetRow<Base>>>;
template <typename Base>
using RawWrites = Generated::WithRawMethod_InsertRows<
    Generated::WithRawMethod_UpsertRows<Generated::WithRawMethod_UpdateRows<
        Generated::WithRawMethod_DeleteRows<Generated::WithRawMethod_UpdateRow<
            Generated::WithRawMethod_DeleteRow<Generated::WithRawMethod_Commit<Base>>>>>>>;
using Raw = RawReads<RawWrites<Generated::Service>>;

constexpr char kNextPageTokenHeader[] = "sluice-next-page-token";

std::string PageScope(const std::string& database, const std::string& table) {
  return wire::MakeScope({"rows", database, table});
}

class RowServiceRpc : public RpcService {
 public:
  explicit RowServiceRpc(const ServiceContext& context) : context_(context) {}

  grpc::Service* service() override { return &raw_; }

  void AddMethods(ServerParts& parts) override {
    const char* const name = Generated::service_full_name();
    parts.AddUnary(
        &raw_, name, "BrowseRows", &Raw::RequestBrowseRows, RunOn::kWorkers,
        Unary<v1::BrowseRowsRequest>([this](auto& call, const auto& request, auto* response) {
          return BrowseRows(call, request, response);
        }));
    parts.AddUnary(
        &raw_, name, "ListRows", &Raw::RequestListRows, RunOn::kWorkers,
        Unary<v1::ListRowsRequest>([this](auto& call, const auto& request, auto* response) {
          return ListRows(call, request, response);
        }));
    parts.AddUnary(&raw_, name, "GetRow", &Raw::RequestGetRow, RunOn::kQueue,
                   DeferredUnary<v1::GetRowRequest>(
                       [this](auto& call, const auto& request) { return GetRow(call, request); }));
    AddWrite<v1::InsertRowsRequest>(parts, "InsertRows", &Raw::RequestInsertRows);
    AddWrite<v1::UpsertRowsRequest>(parts, "UpsertRows", &Raw::RequestUpsertRows);
    AddWrite<v1::UpdateRowsRequest>(parts, "UpdateRows", &Raw::RequestUpdateRows);
    AddWrite<v1::DeleteRowsRequest>(parts, "DeleteRows", &Raw::RequestDeleteRows);
    AddWrite<v1::UpdateRowRequest>(parts, "UpdateRow", &Raw::RequestUpdateRow);
    AddWrite<v1::DeleteRowRequest>(parts, "DeleteRow", &Raw::RequestDeleteRow);
    AddWrite<v1::CommitRequest>(parts, "Commit", &Raw::RequestCommit);
  }

 private:
  // A write is handed over on the queue's thread and answered when it is on disk.
  template <typename Request, typename Ask>
  void AddWrite(ServerParts& parts, absl::string_view name, Ask ask) {
    parts.AddUnary(&raw_, Generated::service_full_name(), name, ask, RunOn::kQueue,
                   DeferredUnary<Request>([this](auto& call, const Request& request) {
                     return WriteRows(context_, call, request);
                   }),
                   /*outlives_handler=*/true);
  }

  absl::Status BrowseRows(UnaryCall& call, const v1::BrowseRowsRequest& request,
                          wire::Buffer* response) {
    const std::string scope = PageScope(request.database(), request.table());
    ASSIGN_OR_RETURN(const wire::TextFormat format,
                     wire::ParseTextFormat(request.format(), request.int64(), request.shape()));
    ASSIGN_OR_RETURN(const auto page, wire::ParsePage(request, *context_.tokens, scope));
    ASSIGN_OR_RETURN(const auto database, context_.registry->Find(request.database()));
    const auto encoder = wire::MakeTextEncoder(format);
    ASSIGN_OR_RETURN(const auto end, engine::ListRows(*database, page, call.interrupt(), *encoder));
    std::string next;
    if (end.has_value()) {
      ASSIGN_OR_RETURN(next, context_.tokens->SealPosition(scope, *end));
      call.AddInitialMetadata(kNextPageTokenHeader, next);
    }
    encoder->Finish(absl::StrCat("\"nextPageToken\":\"", next, "\""));
    *response = wire::MakeHttpBody(encoder->content_type(), encoder->buffer().view());
    return absl::OkStatus();
  }

  absl::Status ListRows(UnaryCall& call, const v1::ListRowsRequest& request,
                        wire::Buffer* response) {
    const std::string scope = PageScope(request.database(), request.table());
    ASSIGN_OR_RETURN(const auto page, wire::ParsePage(request, *context_.tokens, scope));
    ASSIGN_OR_RETURN(const auto database, context_.registry->Find(request.database()));
    wire::RowsEncoder encoder(v1::ListRowsResponse::kColumnsFieldNumber,
                              v1::ListRowsResponse::kRowsFieldNumber);
    ASSIGN_OR_RETURN(const auto end, engine::ListRows(*database, page, call.interrupt(), encoder));
    if (end.has_value()) {
      ASSIGN_OR_RETURN(const std::string next, context_.tokens->SealPosition(scope, *end));
      wire::PutBytes(encoder.buffer(), v1::ListRowsResponse::kNextPageTokenFieldNumber, next);
    }
    *response = encoder.Take(0);
    return absl::OkStatus();
  }

  // One look-up: answered on the queue's thread, unless all connections are out.
  absl::Status GetRow(UnaryCall& call, const v1::GetRowRequest& request) {
    if (request.key().size() > limits::kKeyBytesMax) return BadField("key", "is too long");
    ASSIGN_OR_RETURN(engine::RowKey key, wire::DecodeRowKey(request.key()));
    ASSIGN_OR_RETURN(auto database, context_.registry->Find(request.database()));
    ASSIGN_OR_RETURN(auto lease, database->TryAcquire());
    if (lease.has_value()) {
      return AnswerRow(call, request, *database, *std::move(lease), key);
    }
    call.MoveToWorkers(
        [this, &call, &request, key = std::move(key), database = std::move(database)]() mutable {
          absl::Status status;
          auto waited = database->Acquire(call.interrupt());
          status = waited.status();
          if (status.ok()) status = AnswerRow(call, request, *database, *std::move(waited), key);
          if (!status.ok()) call.Finish(status, wire::Buffer());
        });
    return absl::OkStatus();
  }

  absl::Status AnswerRow(UnaryCall& call, const v1::GetRowRequest& request,
                         engine::Database& database, sqlite::ReadLease lease,
                         const engine::RowKey& key) {
    wire::RowsEncoder encoder(v1::GetRowResponse::kColumnsFieldNumber,
                              v1::GetRowResponse::kRowFieldNumber);
    RETURN_IF_ERROR(engine::GetRow(database, std::move(lease), request.table(), key,
                                   context_.etag_secret, call.interrupt(), encoder));
    call.Finish(absl::OkStatus(), encoder.Take(0));
    return absl::OkStatus();
  }

  const ServiceContext& context_;
  Raw raw_;
};

}  // namespace

std::unique_ptr<RpcService> MakeRowService(const ServiceContext& context) {
  return std::make_unique<RowServiceRpc>(context);
}

}  // namespace sluice::rpc
