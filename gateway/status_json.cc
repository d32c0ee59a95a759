#include "gateway/status_json.h"

#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"

#include "gateway/http.h"
#include "gateway/utf8.h"
#include "gateway/wire_to_json.h"
#include "server/base/error.h"

namespace sluice::gateway {
namespace {

constexpr int64_t kRetrySecondsMax = 24 * 60 * 60;

// The details that came with the status, if they belong to it; else the status without any.
google::rpc::Status RichStatus(const grpc::Status& status) {
  google::rpc::Status rich;
  const std::string& details = status.error_details();
  if (!details.empty() && rich.ParseFromString(details) &&
      rich.code() == static_cast<int>(status.error_code()) &&
      rich.message() == status.error_message()) {
    return rich;
  }
  rich.Clear();
  rich.set_code(static_cast<int>(status.error_code()));
  rich.set_message(ReplaceInvalidUtf8(status.error_message()));
  return rich;
}

}  // namespace

int HttpStatusOf(grpc::StatusCode code) {
  switch (code) {
    case grpc::StatusCode::OK:
      return 200;
    case grpc::StatusCode::CANCELLED:
      return 499;
    case grpc::StatusCode::INVALID_ARGUMENT:
    case grpc::StatusCode::FAILED_PRECONDITION:  // Not 412, which speaks of the request's headers.
    case grpc::StatusCode::OUT_OF_RANGE:
      return 400;
    case grpc::StatusCode::DEADLINE_EXCEEDED:
      return 504;
    case grpc::StatusCode::NOT_FOUND:
      return 404;
    case grpc::StatusCode::ALREADY_EXISTS:
    case grpc::StatusCode::ABORTED:
      return 409;
    case grpc::StatusCode::PERMISSION_DENIED:
      return 403;
    case grpc::StatusCode::UNAUTHENTICATED:
      return 401;
    case grpc::StatusCode::RESOURCE_EXHAUSTED:
      return 429;
    case grpc::StatusCode::UNIMPLEMENTED:
      return 501;
    case grpc::StatusCode::UNAVAILABLE:
      return 503;
    default:
      return 500;
  }
}

grpc::Status ToGrpcStatus(const absl::Status& status) {
  google::rpc::ErrorInfo info;
  info.set_domain(kErrorDomain);
  info.set_reason(ReasonOf(status));
  if (info.reason().empty()) info.set_reason(std::string(reason::kInternal));
  VisitMetadata(status, [&](absl::string_view key, absl::string_view value) {
    (*info.mutable_metadata())[std::string(key)] = ReplaceInvalidUtf8(value);
  });
  google::rpc::BadRequest bad_request;
  VisitFields(status, [&](absl::string_view field, absl::string_view what) {
    auto* const violation = bad_request.add_field_violations();
    violation->set_field(ReplaceInvalidUtf8(field));
    violation->set_description(ReplaceInvalidUtf8(what));
  });
  google::rpc::Status rich;
  rich.set_code(static_cast<int>(status.code()));
  rich.set_message(ReplaceInvalidUtf8(status.message()));
  rich.add_details()->PackFrom(info);
  if (bad_request.field_violations_size() > 0) rich.add_details()->PackFrom(bad_request);
  if (const absl::Duration delay = RetryAfterOf(status); delay > absl::ZeroDuration()) {
    google::rpc::RetryInfo retry;
    retry.mutable_retry_delay()->set_seconds(
        absl::ToInt64Seconds(absl::Ceil(delay, absl::Seconds(1))));
    rich.add_details()->PackFrom(retry);
  }
  return grpc::Status(static_cast<grpc::StatusCode>(status.code()), rich.message(),
                      rich.SerializeAsString());
}

std::string StatusJson(FieldTables* tables, const grpc::Status& status) {
  const google::rpc::Status rich = RichStatus(status);
  std::string json;
  const absl::Status written = WireToJson(tables, *tables->For(google::rpc::Status::descriptor()),
                                          rich.SerializeAsString(), &json);
  return written.ok() ? json : http::ErrorJson(13, "failed to marshal error message");
}

std::optional<int64_t> RetryAfterSeconds(const grpc::Status& status) {
  const google::rpc::Status rich = RichStatus(status);
  for (const auto& detail : rich.details()) {
    google::rpc::RetryInfo retry;
    if (!detail.Is<google::rpc::RetryInfo>() || !detail.UnpackTo(&retry)) continue;
    const auto& delay = retry.retry_delay();
    const int64_t seconds = delay.seconds() + (delay.nanos() > 0 ? 1 : 0);
    return std::min(std::max(seconds, int64_t{1}), kRetrySecondsMax);
  }
  return std::nullopt;
}

}  // namespace sluice::gateway
