#include "clients/cpp/service_config.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/substitute.h"
#include "sluice/v1/catalog.pb.h"
#include "sluice/v1/options.pb.h"
#include "sluice/v1/query.pb.h"
#include "sluice/v1/row.pb.h"
#include "sluice/v1/snapshot.pb.h"

namespace sluice::client {
namespace {

// The methods of the contract that are so, as gRPC names them.
std::string MethodsThatAre(v1::Idempotency idempotency) {
  std::vector<std::string> names;
  for (const auto* message :
       {v1::Database::descriptor(), v1::QueryRequest::descriptor(), v1::GetRowRequest::descriptor(),
        v1::SnapshotManifest::descriptor()}) {
    const auto& file = *message->file();
    for (int s = 0; s < file.service_count(); ++s) {
      const auto& service = *file.service(s);
      for (int m = 0; m < service.method_count(); ++m) {
        const auto& method = *service.method(m);
        if (method.options().GetExtension(v1::idempotency) != idempotency) continue;
        names.push_back(absl::Substitute(R"({"service":"$0","method":"$1"})", service.full_name(),
                                         method.name()));
      }
    }
  }
  return absl::StrJoin(names, ",");
}

// Waits 0.2, 0.5, 1.2 and 2 s, a fifth more or less: a server is stopped and started in less, and
// nobody waits long for one that is not there.
std::string Retried(v1::Idempotency idempotency, int attempts) {
  return absl::StrCat(R"({"name":[)", MethodsThatAre(idempotency),
                      R"(],"retryPolicy":{"maxAttempts":)", attempts,
                      R"(,"initialBackoff":"0.2s","maxBackoff":"2s","backoffMultiplier":2.5,)",
                      R"("retryableStatusCodes":["UNAVAILABLE"]}})");
}

}  // namespace

std::string ServiceConfigJson() {
  // Those that take effect once are sent again once: a restore may have kept the database from
  // others for a minute before it says UNAVAILABLE. The throttle keeps retries from adding to an
  // overload, and lets a client of some tens of calls at a time ride out a restart.
  return absl::StrCat(R"({"methodConfig":[)", Retried(v1::IDEMPOTENCY_NO_SIDE_EFFECTS, 5), ",",
                      Retried(v1::IDEMPOTENCY_IDEMPOTENT, 2),
                      R"(],"retryThrottling":{"maxTokens":100,"tokenRatio":0.1}})");
}

}  // namespace sluice::client
