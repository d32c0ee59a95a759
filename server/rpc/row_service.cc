#include <utility>

#include "server/base/error.h"
#include "server/base/status.h"
#include "server/engine/browse.h"
#include "server/rpc/load_source.h"
#include "server/rpc/reads.h"
#include "server/rpc/row_streams.h"
#include "server/rpc/row_writes.h"
#include "server/rpc/services.h"
#include "server/wire/http_body.h"
#include "server/wire/page_extras.h"
#include "server/wire/proto_writer.h"
#include "server/wire/requests.h"
#include "server/wire/row_requests.h"
#include "server/wire/rows_encoder.h"
#include "server/wire/text_encoder.h"
#include "sluice/v1/row.grpc.pb.h"

namespace sluice::rpc {
namespace {

using Generated = v1::RowService;
template <typename Base>
using RawReads = Generated::WithRawMethod_BrowseRows<
    Generated::WithRawMethod_ListRows<Generated::WithRawMethod_ReadRows<
        Generated::WithRawMethod_ReadValue<Generated::WithRawMethod_GetRow<Base>>>>>;
template <typename Base>
using RawWrites = Generated::WithRawMethod_InsertRows<
    Generated::WithRawMethod_UpsertRows<Generated::WithRawMethod_UpdateRows<
        Generated::WithRawMethod_DeleteRows<Generated::WithRawMethod_UpdateRow<
            Generated::WithRawMethod_DeleteRow<Generated::WithRawMethod_Commit<Base>>>>>>>;
using Raw = Generated::WithRawMethod_LoadRows<RawReads<RawWrites<Generated::Service>>>;

constexpr char kNextPageTokenHeader[] = "sluice-next-page-token";
// Clients take 8 KiB of headers together unless told otherwise.
constexpr size_t kNextPageTokenHeaderBytesMax = 4096;

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
    parts.AddStream(&raw_, name, "ReadRows", &Raw::RequestReadRows,
                    Stream<v1::ReadRowsRequest>([this](auto& call, const auto& request) {
                      return ReadRows(call, request);
                    }));
    parts.AddStream(&raw_, name, "ReadValue", &Raw::RequestReadValue,
                    Stream<v1::ReadValueRequest>([this](auto& call, const auto& request) {
                      return ReadValue(call, request);
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
    parts.AddBothWays(&raw_, name, "LoadRows", &Raw::RequestLoadRows,
                      Stream<v1::LoadRowsRequest>([this](auto& call, const auto& request) {
                        return OpenLoad(context_, call, request);
                      }));
  }

 private:
  template <typename Request>
  wire::RowRules RulesFor(const Call& call, const Request& request) const {
    return {.database = &context_.settings->Database(request.database()),
            .table = &context_.settings->Table(request.database(), request.table()),
            .ceilings = context_.settings->CeilingsFor(request.database(), call.principal().name)};
  }

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
    ASSIGN_OR_RETURN(const wire::TextFormat format,
                     wire::ParseTextFormat(request.format(), request.int64(), request.shape()));
    ASSIGN_OR_RETURN(
        const auto page,
        wire::ParsePage(request, *context_.tokens, call.principal().name, RulesFor(call, request)));
    ASSIGN_OR_RETURN(const auto database, FindForRead(context_, call, request));
    const auto encoder = wire::MakeTextEncoder(format);
    ASSIGN_OR_RETURN(const auto outcome,
                     engine::ListRows(*database, page.spec, call.interrupt(), *encoder));
    ASSIGN_OR_RETURN(const std::string next, SealNext(page, outcome));
    RETURN_IF_ERROR(AddNextPageToken(call, format, next));
    encoder->Finish(
        wire::PageMembers(outcome, next, page.spec.suggest_facets, format.int64_as_string));
    *response = wire::MakeHttpBody(encoder->content_type(), encoder->buffer().view());
    return absl::OkStatus();
  }

  absl::Status ListRows(UnaryCall& call, const v1::ListRowsRequest& request,
                        wire::Buffer* response) {
    ASSIGN_OR_RETURN(
        const auto page,
        wire::ParsePage(request, *context_.tokens, call.principal().name, RulesFor(call, request)));
    ASSIGN_OR_RETURN(const auto database, FindForRead(context_, call, request));
    wire::RowsEncoder encoder(v1::ListRowsResponse::kColumnsFieldNumber,
                              v1::ListRowsResponse::kRowsFieldNumber);
    ASSIGN_OR_RETURN(const auto outcome,
                     engine::ListRows(*database, page.spec, call.interrupt(), encoder));
    ASSIGN_OR_RETURN(const std::string next, SealNext(page, outcome));
    if (!next.empty()) {
      wire::PutBytes(encoder.buffer(), v1::ListRowsResponse::kNextPageTokenFieldNumber, next);
    }
    wire::PutPageExtras(outcome, encoder.buffer());
    *response = encoder.Take(0);
    return absl::OkStatus();
  }

  // Beside the body, where formats without a place for it have it.
  static absl::Status AddNextPageToken(UnaryCall& call, const wire::TextFormat& format,
                                       const std::string& next) {
    if (next.empty()) return absl::OkStatus();
    if (next.size() <= kNextPageTokenHeaderBytesMax) {
      call.AddInitialMetadata(kNextPageTokenHeader, next);
    } else if (format.kind != wire::TextFormat::Kind::kJson) {
      return Error(absl::StatusCode::kResourceExhausted, reason::kLimit,
                   "the next page's token is too long for a header: ask for format=json");
    }
    return absl::OkStatus();
  }

  // The token of the next page; empty after the last.
  absl::StatusOr<std::string> SealNext(const wire::ParsedPage& page,
                                       const engine::PageOutcome& outcome) const {
    if (!outcome.next.has_value()) return std::string();
    return context_.tokens->SealPosition(page.scope, *outcome.next);
  }

  using Source = absl::StatusOr<std::unique_ptr<MessageSource>>;

  Source ReadRows(StreamCall& call, const v1::ReadRowsRequest& request) {
    const wire::RowRules rules = RulesFor(call, request);
    ASSIGN_OR_RETURN(wire::ParsedRead read,
                     wire::ParseRead(request, *context_.tokens, call.principal().name, rules));
    ASSIGN_OR_RETURN(auto place, TakePlace(call, request));
    ASSIGN_OR_RETURN(auto database, FindForRead(context_, call, request));
    return OpenRows(call, std::move(read), std::move(database), *context_.tokens,
                    {rules.ceilings, std::move(place)});
  }

  Source ReadValue(StreamCall& call, const v1::ReadValueRequest& request) {
    ASSIGN_OR_RETURN(engine::ValueSpec value, wire::ParseReadValue(request));
    const engine::Ceilings ceilings =
        context_.settings->CeilingsFor(request.database(), call.principal().name);
    value.time_max = ceilings.statement_time;
    ASSIGN_OR_RETURN(auto place, TakePlace(call, request));
    ASSIGN_OR_RETURN(auto database, FindForRead(context_, call, request));
    return OpenValue(call, value, std::move(database), {ceilings, std::move(place)});
  }

  template <typename Request>
  absl::StatusOr<StreamPlaces::Place> TakePlace(const Call& call, const Request& request) {
    return context_.stream_places->Take({request.database()}, call.principal().name);
  }

  // Whether a look-up in the table can neither wait nor scan. A virtual table finds its rows as it
  // likes, and a view's look-up is a statement of its author.
  static bool IsQuick(engine::Database& database, absl::string_view table) {
    const auto schema = database.CachedSchema();
    const engine::Table* const found = schema->Find(table);
    return found != nullptr && found->kind == engine::TableKind::kTable && !database.reads_wait();
  }

  // One look-up: answered on the queue's thread, unless all connections are out or more is asked.
  absl::Status GetRow(UnaryCall& call, const v1::GetRowRequest& request) {
    ASSIGN_OR_RETURN(engine::OneRowSpec row, wire::ParseGetRow(request));
    if (row.labels.empty() && !row.references && request.min_commit_token().empty()) {
      ASSIGN_OR_RETURN(auto database, context_.registry->Find(request.database()));
      std::optional<sqlite::ReadLease> lease;
      if (IsQuick(*database, row.table)) {
        ASSIGN_OR_RETURN(lease, database->TryAcquire(sqlite::Use::kShort));
      }
      if (lease.has_value()) return AnswerRow(call, *database, *std::move(lease), row);
    }
    row.settings = &context_.settings->Database(request.database());
    row.time_max =
        context_.settings->CeilingsFor(request.database(), call.principal().name).statement_time;
    call.MoveToWorkers([this, &call, &request, row = std::move(row)] {
      const absl::Status status = WaitForRow(call, request, row);
      if (!status.ok()) call.Finish(status, wire::Buffer());
    });
    return absl::OkStatus();
  }

  absl::Status WaitForRow(UnaryCall& call, const v1::GetRowRequest& request,
                          const engine::OneRowSpec& row) {
    ASSIGN_OR_RETURN(const auto database, FindForRead(context_, call, request));
    ASSIGN_OR_RETURN(auto lease, database->Acquire(call.interrupt(), sqlite::Use::kShort));
    return AnswerRow(call, *database, std::move(lease), row);
  }

  absl::Status AnswerRow(UnaryCall& call, engine::Database& database, sqlite::ReadLease lease,
                         const engine::OneRowSpec& row) {
    wire::RowsEncoder encoder(v1::GetRowResponse::kColumnsFieldNumber,
                              v1::GetRowResponse::kRowFieldNumber);
    ASSIGN_OR_RETURN(const auto references,
                     engine::GetRow(database, std::move(lease), row, context_.etag_secret,
                                    call.interrupt(), encoder));
    if (!references.empty()) wire::PutReferences(references, encoder.buffer());
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
