#include "server/rpc/status.h"

#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "server/base/error.h"
#include "server/base/log.h"
#include "server/wire/utf8.h"

namespace sluice::rpc {
namespace {

// What of a text goes into an error: names come from callers, and all of a status must fit into
// headers, of which clients take 8 KiB unless told otherwise.
constexpr size_t kTextBytesMax = 1000;

std::string Text(absl::string_view text) {
  if (text.size() <= kTextBytesMax) return wire::ReplaceInvalidUtf8(text);
  return wire::ReplaceInvalidUtf8(text.substr(0, kTextBytesMax)) + "…";
}

void PackErrorInfo(const absl::Status& status, const std::string& reason,
                   google::rpc::Status* message) {
  google::rpc::ErrorInfo error;
  error.set_domain(kErrorDomain);
  error.set_reason(reason);
  VisitMetadata(status, [&](absl::string_view key, absl::string_view value) {
    (*error.mutable_metadata())[std::string(key)] = Text(value);
  });
  message->add_details()->PackFrom(error);
}

void PackBadRequest(const absl::Status& status, google::rpc::Status* message) {
  google::rpc::BadRequest bad_request;
  VisitFields(status, [&](absl::string_view field, absl::string_view what) {
    auto* const violation = bad_request.add_field_violations();
    violation->set_field(Text(field));
    violation->set_description(Text(what));
  });
  if (bad_request.field_violations_size() > 0) message->add_details()->PackFrom(bad_request);
}

void PackRetryInfo(const absl::Status& status, google::rpc::Status* message) {
  const absl::Duration delay = RetryAfterOf(status);
  if (delay == absl::ZeroDuration()) return;
  google::rpc::RetryInfo retry;
  retry.mutable_retry_delay()->set_seconds(absl::ToInt64Seconds(delay));
  retry.mutable_retry_delay()->set_nanos(
      static_cast<int32_t>(absl::ToInt64Nanoseconds(delay % absl::Seconds(1))));
  message->add_details()->PackFrom(retry);
}

}  // namespace

grpc::Status ToGrpcStatus(const absl::Status& status) {
  if (status.ok()) return grpc::Status::OK;
  const std::string reason = ReasonOf(status);
  if (reason.empty()) {
    Log(LogLevel::kError, "an error without a reason", {{"error", status.message()}});
    return ToGrpcStatus(Error(absl::StatusCode::kInternal, reason::kInternal, "the server failed"));
  }
  google::rpc::Status message;
  message.set_code(static_cast<int>(status.code()));
  message.set_message(Text(status.message()));
  PackErrorInfo(status, reason, &message);
  PackBadRequest(status, &message);
  PackRetryInfo(status, &message);
  return grpc::Status(static_cast<grpc::StatusCode>(status.code()), message.message(),
                      message.SerializeAsString());
}

}  // namespace sluice::rpc
