#include "tests/conformance/doors/cpp/json_text.h"

#include <google/protobuf/struct.pb.h>
#include <google/protobuf/util/json_util.h>

#include "clients/cpp/error_details.h"

namespace sluice::conformance {

absl::Status ParseJson(const std::string& text, google::protobuf::Message* out) {
  const auto status = google::protobuf::util::JsonStringToMessage(text, out);
  // The door's own fault, which no case expects.
  return status.ok() ? absl::OkStatus() : absl::InternalError("the door cannot read the request");
}

std::string ToJson(const google::protobuf::Message& message) {
  std::string text;
  if (!google::protobuf::util::MessageToJsonString(message, &text).ok()) return "null";
  return text;
}

std::string ErrorJson(const absl::Status& status) {
  const ErrorDetails details = DetailsOf(status);
  google::protobuf::Struct error;
  auto& fields = *error.mutable_fields();
  fields["code"].set_string_value(absl::StatusCodeToString(status.code()));
  fields["reason"].set_string_value(details.reason);
  fields["message"].set_string_value(std::string(status.message()));
  auto& metadata = *fields["metadata"].mutable_struct_value()->mutable_fields();
  for (const auto& [name, value] : details.metadata) metadata[name].set_string_value(value);
  auto& violations = *fields["fields"].mutable_list_value();
  for (const auto& violation : details.field_violations) {
    violations.add_values()->set_string_value(violation.field);
  }
  return ToJson(error);
}

}  // namespace sluice::conformance
