// What gRPC is told about retries. Pure, safe from any thread.
#pragma once

#include <string>

namespace sluice::client {

// gRPC's service configuration as JSON: the methods that the contract marks as without side effects
// (`sluice.v1.idempotency`) are tried up to five times when UNAVAILABLE, those that it marks as
// idempotent twice; no other is.
std::string ServiceConfigJson();

}  // namespace sluice::client
