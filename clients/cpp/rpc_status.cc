#include "clients/cpp/rpc_status.h"

#include "absl/strings/cord.h"
#include "clients/cpp/error_details.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"

namespace sluice {
namespace client {
namespace {

constexpr absl::string_view kInfoUrl = "type.googleapis.com/google.rpc.ErrorInfo";
constexpr absl::string_view kFieldsUrl = "type.googleapis.com/google.rpc.BadRequest";
constexpr absl::string_view kRetryUrl = "type.googleapis.com/google.rpc.RetryInfo";
// Details come from the network: what is kept of them is bounded.
constexpr int kDetailsMax = 32;

// Parses the payload under `url` into `message`; false when there is none or it is malformed.
template <typename Message>
bool ParsePayload(const absl::Status& status, absl::string_view url, Message* message) {
  const auto payload = status.GetPayload(url);
  return payload.has_value() && message->ParseFromString(std::string(*payload));
}

absl::Duration ToDuration(const google::protobuf::Duration& duration) {
  return absl::Seconds(duration.seconds()) + absl::Nanoseconds(duration.nanos());
}

}  // namespace

absl::Status FromGrpc(const grpc::Status& status) {
  if (status.ok()) return absl::OkStatus();
  absl::Status result(static_cast<absl::StatusCode>(status.error_code()), status.error_message());
  google::rpc::Status details;
  if (!details.ParseFromString(status.error_details())) return result;
  int kept = 0;
  for (const auto& detail : details.details()) {
    if (++kept > kDetailsMax) break;
    result.SetPayload(detail.type_url(), absl::Cord(detail.value()));
  }
  return result;
}

absl::Status ClientError(absl::StatusCode code, absl::string_view reason,
                         absl::string_view message) {
  google::rpc::ErrorInfo info;
  info.set_reason(std::string(reason));
  info.set_domain(std::string(kClientDomain));
  absl::Status status(code, message);
  status.SetPayload(kInfoUrl, absl::Cord(info.SerializeAsString()));
  return status;
}

}  // namespace client

ErrorDetails DetailsOf(const absl::Status& status) {
  ErrorDetails details;
  if (google::rpc::ErrorInfo info; client::ParsePayload(status, client::kInfoUrl, &info)) {
    details.reason = info.reason();
    details.domain = info.domain();
    details.metadata.insert(info.metadata().begin(), info.metadata().end());
  }
  if (google::rpc::BadRequest fields; client::ParsePayload(status, client::kFieldsUrl, &fields)) {
    for (const auto& violation : fields.field_violations()) {
      details.field_violations.push_back({violation.field(), violation.description()});
    }
  }
  if (google::rpc::RetryInfo retry; client::ParsePayload(status, client::kRetryUrl, &retry)) {
    if (retry.has_retry_delay()) details.retry_delay = client::ToDuration(retry.retry_delay());
  }
  return details;
}

}  // namespace sluice
