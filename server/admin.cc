#include "server/admin.h"

#include <string>
#include <utility>

#include "gateway/http_server.h"

namespace sluice {
namespace {

constexpr int kCodeUnavailable = 14;
constexpr int kCodeNotFound = 5;
constexpr int kCodePermissionDenied = 7;
constexpr int kCodeUnimplemented = 12;

void RespondText(http::ResponseWriter* writer, const char* content_type, std::string body) {
  http::ResponseHead head;
  head.headers.Set("Content-Type", content_type);
  http::Respond(writer, std::move(head), std::move(body));
}

void RespondServing(http::ResponseWriter* writer) {
  RespondText(writer, "application/json", "{\"status\":\"SERVING\"}\n");
}

}  // namespace

std::shared_ptr<http::Exchange> AdminHandler::OnRequest(
    http::RequestHead head, std::shared_ptr<http::ResponseWriter> writer) {
  if (options_.require_loopback_host && !http::NamesLoopback(head)) {
    http::RespondError(writer.get(), 421, kCodePermissionDenied, http::kForeignHost);
    return nullptr;
  }
  const bool known = head.path == "/metrics" || head.path == "/livez" || head.path == "/readyz";
  if (!known) {
    http::RespondError(writer.get(), 404, kCodeNotFound, "Not Found");
  } else if (head.method != "GET" && head.method != "HEAD") {
    http::ResponseHead refusal;
    refusal.status = 405;
    refusal.headers.Set("Allow", "GET, HEAD");
    refusal.headers.Set("Content-Type", "application/json");
    http::Respond(writer.get(), std::move(refusal),
                  http::ErrorJson(kCodeUnimplemented, "Method Not Allowed"));
  } else if (head.path == "/metrics") {
    RespondText(writer.get(), "text/plain; version=0.0.4; charset=utf-8", metrics_->Serialize());
  } else if (head.path == "/readyz") {
    options_.readiness([writer](bool ready) {
      ready ? RespondServing(writer.get())
            : http::RespondError(writer.get(), 503, kCodeUnavailable, "not ready");
    });
  } else {
    RespondServing(writer.get());
  }
  return nullptr;
}

}  // namespace sluice
