// The admin address: health and metrics over HTTP/1.1; see rpc/admin_server.h for gRPC there.
#pragma once

#include <functional>
#include <memory>

#include "gateway/http.h"
#include "server/base/metrics.h"

namespace sluice {

// Gives `answer` whether the server is ready, now or soon, from any thread.
using Readiness = std::function<void(std::function<void(bool)> answer)>;

struct AdminOptions {
  Readiness readiness;
  // The Host header must be a loopback name, so that no web page reads through a name of its own
  // that resolves to 127.0.0.1.
  bool require_loopback_host = false;
};

// Serves `GET /metrics`, `/livez` and `/readyz`. Thread-safe. What it is made with outlives it.
class AdminHandler : public http::Handler {
 public:
  AdminHandler(const Metrics* metrics, AdminOptions options)
      : metrics_(metrics), options_(std::move(options)) {}

  std::shared_ptr<http::Exchange> OnRequest(http::RequestHead head,
                                            std::shared_ptr<http::ResponseWriter> writer) override;

 private:
  const Metrics* const metrics_;
  const AdminOptions options_;
};

}  // namespace sluice
