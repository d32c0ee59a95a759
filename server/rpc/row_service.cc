#include <utility>

#include "absl/strings/str_cat.h"
#include "server/base/error.h"
#include "server/base/limits.h"
#include "server/base/status.h"
#include "server/engine/browse.h"
#include "server/engine/insert.h"
#include "server/rpc/queue_tasks.h"
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
using Raw = Generated::WithRawMethod_BrowseRows<Generated::WithRawMethod_ListRows<
    Generated::WithRawMethod_GetRow<Generated::WithRawMethod_InsertRows<Generated::Service>>>>;

constexpr char kNextPageTokenHeader[] = "sluice-next-page-token";

std::string PageScope(const std::string& database, const std::string& table) {
  return wire::MakeScope({"rows", database, table});
}

// What an insert needs until it is done.
struct PendingInsert {
  wire::ParsedInsert insert;
  wire::KeysCollector keys;
  wire::RowsEncoder rows{v1::InsertRowsResponse::kColumnsFieldNumber,
                         v1::InsertRowsResponse::kRowsFieldNumber};
  bool returns_rows = false;
  // Keys stand in the rows too, so rows are encoded once and their keys collected beside.
  class Both : public engine::RowSink {
   public:
    explicit Both(PendingInsert* pending) : pending_(pending) {}
    absl::Status OnColumns(const std::vector<engine::ColumnView>& columns) override {
      return pending_->returns_rows ? pending_->rows.OnColumns(columns) : absl::OkStatus();
    }
    absl::Status OnRow(const engine::RowView& row) override {
      RETURN_IF_ERROR(pending_->keys.OnRow(row));
      return pending_->returns_rows ? pending_->rows.OnRow(row) : absl::OkStatus();
    }
    void Clear() override {
      pending_->keys.Clear();
      pending_->rows.Clear();
    }
    size_t bytes() const override { return pending_->keys.bytes() + pending_->rows.bytes(); }

   private:
    PendingInsert* const pending_;
  } sink{this};
};

wire::Buffer MakeInsertResponse(PendingInsert& pending, const engine::InsertOutcome& outcome) {
  v1::InsertRowsResponse response;
  response.set_inserted_count(outcome.inserted_count);
  response.set_commit_token(outcome.commit_token);
  for (const std::string& key : pending.keys.keys()) response.add_keys(key);
  wire::Buffer bytes = Serialize(response);
  bytes.Append(pending.rows.buffer().view());
  return bytes;
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
    parts.AddUnary(&raw_, name, "InsertRows", &Raw::RequestInsertRows, RunOn::kQueue,
                   DeferredUnary<v1::InsertRowsRequest>([this](auto& call, const auto& request) {
                     return InsertRows(call, request);
                   }),
                   /*outlives_handler=*/true);
  }

 private:
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

  absl::Status InsertRows(UnaryCall& call, const v1::InsertRowsRequest& request) {
    const auto pending = std::make_shared<PendingInsert>();
    ASSIGN_OR_RETURN(pending->insert, wire::ParseInsert(request));
    pending->returns_rows = pending->insert.spec.returned == engine::InsertSpec::Return::kRows;
    ASSIGN_OR_RETURN(auto database, context_.registry->Find(request.database()));
    return engine::SubmitInsert(
        std::move(database), std::move(pending->insert.spec), call.interrupt(), &pending->sink,
        [&call, pending](absl::StatusOr<engine::InsertOutcome> outcome) {
          call.environment().answers->Post([&call, pending, outcome = std::move(outcome)] {
            if (!outcome.ok()) return call.Finish(outcome.status(), wire::Buffer());
            call.Finish(absl::OkStatus(), MakeInsertResponse(*pending, *outcome));
          });
        });
  }

  const ServiceContext& context_;
  Raw raw_;
};

}  // namespace

std::unique_ptr<RpcService> MakeRowService(const ServiceContext& context) {
  return std::make_unique<RowServiceRpc>(context);
}

}  // namespace sluice::rpc
