// `/readyz`: whether the service behind the gateway says that it serves.
#pragma once

#include <memory>

#include "gateway/http.h"
#include "gateway/rpc_exchange.h"

namespace sluice::gateway {

// Answers with what somebody else has found: 200 or 503.
void RespondReadiness(const AnswerHead& answer, bool ready, http::ResponseWriter* writer);

// Asks grpc.health.v1 for the server as a whole and answers 200 for SERVING, 503 for everything
// else, the service not answering within a few seconds included.
void AnswerReadiness(const ExchangeContext& context, const AnswerHead& answer,
                     std::shared_ptr<http::ResponseWriter> writer);

}  // namespace sluice::gateway
