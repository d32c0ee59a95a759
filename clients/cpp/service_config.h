// What gRPC is told about retries. Pure, safe from any thread.
#pragma once

#include <string>

namespace sluice::client {

// gRPC's service configuration as JSON: the methods that the contract marks as without side effects
// (`sluice.v1.idempotency`) are tried up to four times when UNAVAILABLE; no other is.
std::string ServiceConfigJson();

}  // namespace sluice::client
