#include "clients/cpp/cli/message_writer.h"

#include <google/protobuf/util/json_util.h>

#include <algorithm>

#include "clients/cpp/cli/display.h"
#include "clients/cpp/cli/natural_json.h"

namespace sluice::cli {

std::string ToJson(const google::protobuf::Message& message) {
  google::protobuf::util::JsonPrintOptions options;
  options.always_print_primitive_fields = true;
  std::string json;
  if (!google::protobuf::util::MessageToJsonString(message, &json, options).ok()) return "null";
  return EscapeJson(json);
}

void WriteFact(Session* session, absl::string_view name, absl::string_view value) {
  if (value.empty()) return;
  const std::string label = EscapeForTerminal(name);
  session->output.Write(absl::StrCat(label,
                                     std::string(14 - std::min<size_t>(13, label.size()), ' '),
                                     EscapeForTerminal(value), "\n"));
}

void WriteAbout(Session* session, const v1::About& about) {
  const auto with_url = [](const std::string& text, const std::string& url) {
    return text.empty() || url.empty() ? absl::StrCat(text, url) : absl::StrCat(text, ", ", url);
  };
  WriteFact(session, "title", about.title());
  WriteFact(session, "description", about.description());
  WriteFact(session, "license", with_url(about.license(), about.license_url()));
  WriteFact(session, "source", with_url(about.source(), about.source_url()));
  WriteFact(session, "about", with_url(about.about(), about.about_url()));
}

}  // namespace sluice::cli
