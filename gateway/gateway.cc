#include "gateway/gateway.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

#include "gateway/backend.h"
#include "gateway/cors.h"
#include "gateway/explorer.h"
#include "gateway/health.h"
#include "gateway/http_server.h"
#include "gateway/metadata.h"
#include "gateway/rpc_exchange.h"
#include "gateway/service_routes.h"
#include "server/base/status.h"

namespace sluice::gateway {
namespace {

constexpr int kInvalidArgument = 3;
constexpr int kNotFound = 5;
constexpr int kPermissionDenied = 7;
constexpr int kUnimplemented = 12;

bool IsSafe(absl::string_view method) {
  return method == "GET" || method == "HEAD" || method == "OPTIONS";
}

}  // namespace

struct Gateway::Parts {
  Parts(const GatewayOptions& options, CorsPolicy policy)
      : require_loopback_host(options.require_loopback_host),
        explorer(options.explorer),
        readiness(options.readiness),
        cors(std::move(policy)),
        tables(options.pool),
        backend(options.channel, options.in_process),
        bodies(options.body_bytes_max) {
    context.in_flight = &in_flight;
    context.tables = &tables;
    context.backend = &backend;
    context.cors = &cors;
    context.bodies = &bodies;
    context.transcode.json.ignore_unknown_fields = options.ignore_unknown_fields;
    context.transcode.json.exact_numbers = options.exact_numbers;
    context.transcode.query.strict = options.refuse_unknown_parameters;
    context.transcode.query.json = context.transcode.json;
    context.unary_deadline = options.unary_deadline;
    context.stream_deadline = options.stream_deadline;
  }

  // Answers what is served besides RPCs; false when `path` is none of it.
  bool AnswerBuiltIn(const http::RequestHead& head, const AnswerHead& answer,
                     const std::shared_ptr<http::ResponseWriter>& writer);
  // Whether the request may go on; else it has been answered.
  bool Admit(const http::RequestHead& head, const AnswerHead& answer,
             http::ResponseWriter* writer) const;
  bool IsBuiltIn(absl::string_view path) const {
    return path == "/livez" || path == "/readyz" || (explorer && FindExplorerFile(path) != nullptr);
  }
  void AnswerOptions(const http::RequestHead& head, const AnswerHead& answer,
                     http::ResponseWriter* writer) const;

  const bool require_loopback_host;
  const bool explorer;
  const std::function<void(std::function<void(bool)>)> readiness;
  const CorsPolicy cors;
  FieldTables tables;
  ServiceRoutes routes;
  Backend backend;
  InFlight in_flight;
  BodyBudget bodies;
  ExchangeContext context;
};

bool Gateway::Parts::Admit(const http::RequestHead& head, const AnswerHead& answer,
                           http::ResponseWriter* writer) const {
  if (require_loopback_host && !http::NamesLoopback(head)) {
    answer.RespondError(writer, 421, kPermissionDenied, http::kForeignHost);
    return false;
  }
  if (!IsSafe(head.method) && IsCrossOrigin(head) && !cors.Allows(head.headers.Get("Origin"))) {
    answer.RespondError(writer, 403, kPermissionDenied,
                        "Requests from web pages of other origins are not allowed");
    return false;
  }
  return true;
}

void Gateway::Parts::AnswerOptions(const http::RequestHead& head, const AnswerHead& answer,
                                   http::ResponseWriter* writer) const {
  std::vector<std::string> methods = {"GET", "HEAD"};
  if (!IsBuiltIn(head.path) && head.path != "*") methods = routes.table.Allowed(head.path);
  if (methods.empty()) return answer.RespondError(writer, 404, kNotFound, "Not Found");
  methods.push_back("OPTIONS");
  http::ResponseHead response;
  if (CorsPolicy::IsPreflight(head) && !cors.empty()) {
    response = cors.Preflight(head, methods);
  } else {
    response.status = 204;
    response.headers.Add("Allow", absl::StrJoin(methods, ", "));
    answer.Complete(&response);
  }
  writer->Start(std::move(response));
  writer->Finish();
}

bool Gateway::Parts::AnswerBuiltIn(const http::RequestHead& head, const AnswerHead& answer,
                                   const std::shared_ptr<http::ResponseWriter>& writer) {
  if (!IsBuiltIn(head.path) || head.method == "OPTIONS") return false;
  if (head.method != "GET" && head.method != "HEAD") {
    answer.RespondError(writer.get(), 405, kUnimplemented, "Method Not Allowed", "GET, HEAD");
  } else if (head.path == "/readyz" && readiness != nullptr) {
    const auto guard = std::make_shared<InFlight::Guard>(&in_flight);
    readiness(
        [answer, writer, guard](bool ready) { RespondReadiness(answer, ready, writer.get()); });
  } else if (head.path == "/readyz") {
    AnswerReadiness(context, answer, writer);
  } else if (head.path == "/livez") {
    http::ResponseHead response;
    response.headers.Add("Content-Type", "application/json");
    response.headers.Add("Cache-Control", "no-store");
    answer.Complete(&response);
    http::Respond(writer.get(), std::move(response), "{\"status\":\"SERVING\"}");
  } else {
    http::ResponseHead response;
    const ExplorerFile* file = FindExplorerFile(head.path);
    AddExplorerHeaders(*file, &response);
    answer.Complete(&response);
    http::Respond(writer.get(), std::move(response), std::string(file->content));
  }
  return true;
}

absl::StatusOr<std::unique_ptr<Gateway>> Gateway::Make(const GatewayOptions& options) {
  ASSIGN_OR_RETURN(CorsPolicy cors, CorsPolicy::Make(options.cors_origins));
  auto parts = std::make_unique<Parts>(options, std::move(cors));
  ASSIGN_OR_RETURN(parts->routes, BuildRoutes(*options.pool, options.services, &parts->tables));
  return std::unique_ptr<Gateway>(new Gateway(std::move(parts)));
}

Gateway::Gateway(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Gateway::~Gateway() { parts_->in_flight.WaitUntilNone(); }

std::shared_ptr<http::Exchange> Gateway::OnRequest(http::RequestHead head,
                                                   std::shared_ptr<http::ResponseWriter> writer) {
  AnswerHead answer(&parts_->cors, std::string(head.headers.Get("Origin")), RequestIdFor(head));
  if (!parts_->Admit(head, answer, writer.get())) return nullptr;
  if (parts_->AnswerBuiltIn(head, answer, writer)) return nullptr;
  if (!parts_->cors.empty() && CorsPolicy::IsPreflight(head)) {
    parts_->AnswerOptions(head, answer, writer.get());
    return nullptr;
  }
  RouteMatch match = parts_->routes.table.Match(head.method, head.path);
  switch (match.kind) {
    case RouteMatch::Kind::kFound:
      break;
    case RouteMatch::Kind::kMalformed:
      answer.RespondError(writer.get(), 400, kInvalidArgument, "Malformed path");
      return nullptr;
    case RouteMatch::Kind::kNotFound:
    case RouteMatch::Kind::kMethodNotAllowed:
      if (head.method == "OPTIONS") {
        parts_->AnswerOptions(head, answer, writer.get());
      } else if (match.kind == RouteMatch::Kind::kNotFound) {
        answer.RespondError(writer.get(), 404, kNotFound, "Not Found");
      } else {
        answer.RespondError(writer.get(), 405, kUnimplemented, "Method Not Allowed",
                            absl::StrJoin(match.allowed, ", "));
      }
      return nullptr;
  }
  auto exchange = std::make_shared<RpcExchange>(
      parts_->context, &parts_->routes.routes[match.route], std::move(match.values),
      std::move(head), std::move(answer), std::move(writer));
  return exchange->Begin() ? exchange : nullptr;
}

}  // namespace sluice::gateway
