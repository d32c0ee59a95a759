// What commands write of the server's messages: JSON, and facts for people.
#pragma once

#include <google/protobuf/message.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "clients/cpp/cli/session.h"
#include "sluice/v1/about.pb.h"

namespace sluice::cli {

// Canonical JSON, as the HTTP API gives it.
std::string ToJson(const google::protobuf::Message& message);

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

// `name  value`, the value only when there is one.
void WriteFact(Session* session, absl::string_view name, absl::string_view value);
void WriteAbout(Session* session, const v1::About& about);

}  // namespace sluice::cli
