#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/clock.h"
#include "google/api/httpbody.pb.h"
#include "server/base/error.h"
#include "server/base/limits.h"
#include "server/base/status.h"
#include "server/engine/describe.h"
#include "server/engine/query.h"
#include "server/engine/stored_query.h"
#include "server/rpc/executes.h"
#include "server/rpc/query_streams.h"
#include "server/rpc/reads.h"
#include "server/rpc/services.h"
#include "server/wire/message_encoder.h"
#include "server/wire/proto_writer.h"
#include "server/wire/query_messages.h"
#include "server/wire/requests.h"
#include "server/wire/settings_messages.h"
#include "sluice/v1/query.grpc.pb.h"

namespace sluice::rpc {
namespace {

using Generated = v1::QueryService;
template <typename Base>
using RawReads = Generated::WithRawMethod_Query<Generated::WithRawMethod_StreamQuery<
    Generated::WithRawMethod_Describe<Generated::WithRawMethod_ExportQuery<Base>>>>;
template <typename Base>
using RawStored = Generated::WithRawMethod_ListQueries<Generated::WithRawMethod_GetQuery<
    Generated::WithRawMethod_ExportStoredQuery<Generated::WithRawMethod_RunQuery<Base>>>>;
template <typename Base>
using RawWrites = Generated::WithRawMethod_Execute<Generated::WithRawMethod_BatchExecute<Base>>;
using Raw = RawStored<RawReads<RawWrites<Generated::Service>>>;

engine::CallFacts FactsOf(const Call& call) {
  return {.actor = call.principal().anonymous ? "" : call.principal().name,
          .now = absl::Now(),
          .header = [&call](absl::string_view name) { return call.FindHeader(name); }};
}

class QueryServiceRpc : public RpcService {
 public:
  explicit QueryServiceRpc(const ServiceContext& context) : context_(context) {}

  grpc::Service* service() override { return &raw_; }

  void AddMethods(ServerParts& parts) override {
    const char* const name = Generated::service_full_name();
    const auto unary = [&](const char* method, auto request, UnaryHandler handler) {
      parts.AddUnary(&raw_, name, method, request, RunOn::kWorkers, std::move(handler));
    };
    const auto stream = [&](const char* method, auto request, StreamHandler handler) {
      parts.AddStream(&raw_, name, method, request, std::move(handler));
    };
    unary("Query", &Raw::RequestQuery,
          Unary<v1::QueryRequest>([this](auto& call, const auto& request, auto* response) {
            return Query(call, request, response);
          }));
    stream("StreamQuery", &Raw::RequestStreamQuery,
           Stream<v1::StreamQueryRequest>(
               [this](auto& call, const auto& request) { return StreamQuery(call, request); }));
    unary("Describe", &Raw::RequestDescribe,
          Unary<v1::DescribeRequest>([this](auto& call, const auto& request, auto* response) {
            return Describe(call, request, response);
          }));
    stream("ExportQuery", &Raw::RequestExportQuery,
           Stream<v1::ExportQueryRequest>(
               [this](auto& call, const auto& request) { return ExportQuery(call, request); }));
    unary("ListQueries", &Raw::RequestListQueries,
          Unary<v1::ListQueriesRequest>([this](auto& call, const auto& request, auto* response) {
            return ListQueries(call, request, response);
          }));
    unary("GetQuery", &Raw::RequestGetQuery,
          Unary<v1::GetQueryRequest>([this](auto& call, const auto& request, auto* response) {
            return GetQuery(call, request, response);
          }));
    stream("ExportStoredQuery", &Raw::RequestExportStoredQuery,
           Stream<v1::ExportStoredQueryRequest>([this](auto& call, const auto& request) {
             return ExportStoredQuery(call, request);
           }));
    parts.AddUnary(&raw_, name, "RunQuery", &Raw::RequestRunQuery, RunOn::kQueue,
                   DeferredUnary<v1::RunQueryRequest>(
                       [this](auto& call, const auto& request) { return RunQuery(call, request); }),
                   /*outlives_handler=*/true);
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

  // Opens the statement under the ceilings that hold for the caller.
  template <typename Request>
  absl::StatusOr<RunningQuery> Open(const Call& call, const Request& request,
                                    wire::ParsedQuery query, engine::OtherDatabases others) {
    RunningQuery running;
    running.query = std::move(query);
    const std::string& caller = call.principal().name;
    running.ceilings = context_.settings->CeilingsFor(request.database(), caller);
    for (const auto& other : others) {
      running.ceilings =
          running.ceilings.And(context_.settings->CeilingsFor(other->name(), caller));
    }
    running.query.spec.others = std::move(others);
    running.query.spec.known_caller = !call.principal().anonymous;
    running.query.spec.time_max = running.ceilings.statement_time;
    ASSIGN_OR_RETURN(auto served, FindForRead(context_, call, request));
    ASSIGN_OR_RETURN(running.cursor,
                     engine::Cursor::Open(std::move(served), running.query.spec, call.interrupt()));
    return running;
  }

  // The same for a stream, which takes a place.
  template <typename Request>
  absl::StatusOr<RunningQuery> OpenStream(const Call& call, const Request& request,
                                          wire::ParsedQuery query, engine::OtherDatabases others) {
    std::vector<absl::string_view> names{request.database()};
    for (const auto& other : others) names.push_back(other->name());
    ASSIGN_OR_RETURN(auto place, context_.stream_places->Take(names, call.principal().name));
    ASSIGN_OR_RETURN(RunningQuery running,
                     Open(call, request, std::move(query), std::move(others)));
    running.place = std::move(place);
    return running;
  }

  // A whole answer, as a QueryResponse or a RunQueryResponse.
  template <typename Response>
  static absl::Status Answer(const RunningQuery& running, wire::Buffer* response) {
    const auto encoder =
        wire::MakeEncoder(running.query.layout, {.columns = Response::kColumnsFieldNumber,
                                                 .rows = Response::kRowsFieldNumber,
                                                 .packed = Response::kPackedFieldNumber});
    ASSIGN_OR_RETURN(
        const bool more,
        running.cursor->Fill(*encoder, std::min(running.query.rows_max, running.ceilings.rows),
                             static_cast<size_t>(running.ceilings.bytes)));
    encoder->EndRows();
    PutStats(encoder->buffer(), Response::kStatsFieldNumber, running.cursor->stats(), 0);
    wire::PutBool(encoder->buffer(), Response::kTruncatedFieldNumber, more);
    *response = encoder->Take(0);
    return absl::OkStatus();
  }

  absl::Status Query(UnaryCall& call, const v1::QueryRequest& request, wire::Buffer* response) {
    ASSIGN_OR_RETURN(wire::ParsedQuery query, wire::ParseQuery(request));
    ASSIGN_OR_RETURN(auto others, FindOthers(context_, request));
    ASSIGN_OR_RETURN(const auto running, Open(call, request, std::move(query), std::move(others)));
    return Answer<v1::QueryResponse>(running, response);
  }

  Source StreamQuery(StreamCall& call, const v1::StreamQueryRequest& request) {
    ASSIGN_OR_RETURN(wire::ParsedQuery query,
                     wire::ParseQuery(request, *context_.tokens, call.principal().name));
    ASSIGN_OR_RETURN(auto others, FindOthers(context_, request));
    ASSIGN_OR_RETURN(auto running, OpenStream(call, request, std::move(query), std::move(others)));
    return MakeRowChunks(std::move(running), context_.tokens);
  }

  absl::Status Describe(UnaryCall& call, const v1::DescribeRequest& request,
                        wire::Buffer* response) {
    RETURN_IF_ERROR(wire::CheckSql(request.sql()));
    ASSIGN_OR_RETURN(const auto others, FindOthers(context_, request));
    ASSIGN_OR_RETURN(const auto database, context_.registry->Find(request.database()));
    ASSIGN_OR_RETURN(const auto description,
                     engine::DescribeStatement(*database, others, request.sql(), call.interrupt()));
    v1::DescribeResponse message;
    wire::FillDescription(description, &message);
    *response = Serialize(message);
    return absl::OkStatus();
  }

  Source ExportQuery(StreamCall& call, const v1::ExportQueryRequest& request) {
    ASSIGN_OR_RETURN(wire::ParsedQuery query, wire::ParseQuery(request));
    ASSIGN_OR_RETURN(const wire::TextFormat format,
                     wire::ParseTextFormat(request.format(), request.int64(), request.shape()));
    ASSIGN_OR_RETURN(auto others, FindOthers(context_, request));
    ASSIGN_OR_RETURN(auto running, OpenStream(call, request, std::move(query), std::move(others)));
    return MakeTextChunks(std::move(running), format);
  }

  absl::Status ListQueries(UnaryCall&, const v1::ListQueriesRequest& request,
                           wire::Buffer* response) {
    const std::string scope = wire::MakeScope({"ListQueries", request.database()});
    ASSIGN_OR_RETURN(
        const int64_t page_size,
        wire::ParsePageSize(request.page_size(), limits::kPageRowsDefault, limits::kPageRowsMax));
    std::string after;
    if (!request.page_token().empty()) {
      ASSIGN_OR_RETURN(after, context_.tokens->Open(scope, request.page_token()));
    }
    RETURN_IF_ERROR(context_.registry->Describe(request.database()).status());
    v1::ListQueriesResponse message;
    const auto& queries = context_.settings->Database(request.database()).queries;
    for (auto it = queries.upper_bound(after); it != queries.end(); ++it) {
      if (message.queries_size() == page_size) {
        message.set_next_page_token(
            context_.tokens->Seal(scope, message.queries().rbegin()->name()));
        break;
      }
      wire::FillQuery(it->second, message.add_queries());
    }
    *response = Serialize(message);
    return absl::OkStatus();
  }

  absl::Status GetQuery(UnaryCall& call, const v1::GetQueryRequest& request,
                        wire::Buffer* response) {
    ASSIGN_OR_RETURN(const auto database, context_.registry->Find(request.database()));
    ASSIGN_OR_RETURN(const auto* const query,
                     engine::FindQuery(*context_.settings, request.database(), request.query()));
    v1::GetQueryResponse message;
    wire::FillQuery(*query, DescribeStored(call, *database, *query), message.mutable_query());
    *response = Serialize(message);
    return absl::OkStatus();
  }

  absl::StatusOr<engine::StatementDescription> DescribeStored(const Call& call,
                                                              engine::Database& database,
                                                              const engine::StoredQuery& query) {
    ASSIGN_OR_RETURN(const auto others, FindOthers(context_, database.name(), query.databases));
    return engine::DescribeStatement(database, others, query.sql, call.interrupt());
  }

  Source ExportStoredQuery(StreamCall& call, const v1::ExportStoredQueryRequest& request) {
    RETURN_IF_ERROR(context_.registry->Find(request.database()).status());
    ASSIGN_OR_RETURN(const auto* const stored,
                     engine::FindQuery(*context_.settings, request.database(), request.query()));
    if (stored->writes) return BadField("query", "it writes, which takes a POST of RunQuery");
    ASSIGN_OR_RETURN(wire::ParsedQuery query, wire::ParseQuery(request, *stored, FactsOf(call)));
    ASSIGN_OR_RETURN(const wire::TextFormat format,
                     wire::ParseTextFormat(request.format(), request.int64(), request.shape()));
    ASSIGN_OR_RETURN(auto others, FindOthers(context_, request.database(), stored->databases));
    ASSIGN_OR_RETURN(auto running, OpenStream(call, request, std::move(query), std::move(others)));
    return MakeTextChunks(std::move(running), format);
  }

  // One that writes is handed over here, one that reads runs on a worker.
  absl::Status RunQuery(UnaryCall& call, const v1::RunQueryRequest& request) {
    ASSIGN_OR_RETURN(const auto database, context_.registry->Find(request.database()));
    ASSIGN_OR_RETURN(const auto* const stored,
                     engine::FindQuery(*context_.settings, request.database(), request.query()));
    if (stored->writes) {
      return ExecuteStored(
          call, request, *stored, database, FactsOf(call),
          context_.settings->CeilingsFor(request.database(), call.principal().name));
    }
    call.MoveToWorkers([this, &call, &request, stored] {
      wire::Buffer response;
      const absl::Status status = RunReading(call, request, *stored, &response);
      call.Finish(status, std::move(response));
    });
    return absl::OkStatus();
  }

  absl::Status RunReading(UnaryCall& call, const v1::RunQueryRequest& request,
                          const engine::StoredQuery& stored, wire::Buffer* response) {
    ASSIGN_OR_RETURN(wire::ParsedQuery query, wire::ParseQuery(request, stored, FactsOf(call)));
    ASSIGN_OR_RETURN(auto others, FindOthers(context_, request.database(), stored.databases));
    ASSIGN_OR_RETURN(const auto running, Open(call, request, std::move(query), std::move(others)));
    return Answer<v1::RunQueryResponse>(running, response);
  }

  const ServiceContext& context_;
  Raw raw_;
};

}  // namespace

std::unique_ptr<RpcService> MakeQueryService(const ServiceContext& context) {
  return std::make_unique<QueryServiceRpc>(context);
}

}  // namespace sluice::rpc
