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

// Adds the methods of a file that may be sent again, as gRPC names them.
void AppendRetriable(const google::protobuf::FileDescriptor& file,
                     std::vector<std::string>* names) {
  for (int s = 0; s < file.service_count(); ++s) {
    const auto& service = *file.service(s);
    for (int m = 0; m < service.method_count(); ++m) {
      const auto& method = *service.method(m);
      if (method.options().GetExtension(v1::idempotency) != v1::IDEMPOTENCY_NO_SIDE_EFFECTS) {
        continue;
      }
      names->push_back(absl::Substitute(R"({"service":"$0","method":"$1"})", service.full_name(),
                                        method.name()));
    }
  }
}

}  // namespace

std::string ServiceConfigJson() {
  std::vector<std::string> names;
  for (const auto* message :
       {v1::Database::descriptor(), v1::QueryRequest::descriptor(), v1::GetRowRequest::descriptor(),
        v1::SnapshotManifest::descriptor()}) {
    AppendRetriable(*message->file(), &names);
  }
  constexpr char kPolicy[] =
      R"({"maxAttempts":4,"initialBackoff":"0.1s","maxBackoff":"1s","backoffMultiplier":2,)"
      R"("retryableStatusCodes":["UNAVAILABLE"]})";
  return absl::StrCat(R"({"methodConfig":[{"name":[)", absl::StrJoin(names, ","),
                      R"(],"retryPolicy":)", kPolicy,
                      R"(}],"retryThrottling":{"maxTokens":10,"tokenRatio":0.1}})");
}

}  // namespace sluice::client
