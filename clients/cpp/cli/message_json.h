// Messages as the HTTP API gives them. Pure but for what they write to the session's output.
#pragma once

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "clients/cpp/cli/session.h"
#include "google/protobuf/util/json_util.h"

namespace sluice::cli {

// Canonical JSON, as the HTTP API gives it.
inline std::string ToJson(const google::protobuf::Message& message) {
  google::protobuf::util::JsonPrintOptions options;
  options.always_print_primitive_fields = true;
  std::string json;
  if (!google::protobuf::util::MessageToJsonString(message, &json, options).ok()) return "null";
  return json;
}

// The messages as an array, or one to a line.
template <typename Message>
void WriteJsonList(Session* session, absl::string_view name, const std::vector<Message>& messages) {
  Output& out = session->output;
  const bool as_lines = session->settings.format == Format::kNdjson;
  if (!as_lines) out.Write(absl::StrCat("{\"", name, "\":["));
  for (size_t i = 0; i < messages.size(); ++i) {
    if (!as_lines) out.Write(i == 0 ? "\n" : ",\n");
    out.Write(ToJson(messages[i]));
    if (as_lines) out.Write("\n");
  }
  if (!as_lines) out.Write("\n]}\n");
}

}  // namespace sluice::cli
