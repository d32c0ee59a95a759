// The admin address: health and metrics over HTTP.
#pragma once

#include <functional>
#include <memory>

#include "gateway/http.h"
#include "server/base/metrics.h"

namespace sluice {

// Serves `GET /metrics`, `/livez` and `/readyz`. Thread-safe. What it is made with outlives it.
class AdminHandler : public http::Handler {
 public:
  AdminHandler(const Metrics* metrics, std::function<bool()> ready)
      : metrics_(metrics), ready_(std::move(ready)) {}

  std::shared_ptr<http::Exchange> OnRequest(http::RequestHead head,
                                            std::shared_ptr<http::ResponseWriter> writer) override;

 private:
  const Metrics* const metrics_;
  const std::function<bool()> ready_;
};

}  // namespace sluice
