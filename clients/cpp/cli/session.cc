#include "clients/cpp/cli/session.h"

#include <cstdio>
#include <cstdlib>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "clients/cpp/cli/display.h"
#include "clients/cpp/cli/natural_json.h"
#include "clients/cpp/endpoint.h"

namespace sluice::cli {

Session::Session(Settings session_settings, Client session_client)
    : settings(std::move(session_settings)), client(std::move(session_client)), output(1) {}

std::unique_ptr<RowWriter> Session::MakeWriter() {
  return MakeRowWriter(settings.format, &output, TerminalWidth());
}

absl::Status Session::PrintCurl(const HttpCall& call) {
  if (!settings.at_least.empty() && call.reads_state) {
    HttpCall with_token = call;
    with_token.reads_state = false;
    if (call.body.empty()) {
      with_token.query.emplace_back("min_commit_token", settings.at_least);
    } else {
      std::string field = R"({"minCommitToken":)";
      AppendJsonText(settings.at_least, &field);
      with_token.body = absl::StrCat(field, ",", call.body.substr(1));
    }
    return PrintCurl(with_token);
  }
  const auto credential = client::FindCredential(settings.token, client.address());
  const std::string line = CurlLine(settings.http, credential, call);
  output.Write(line + "\n");
  const char* const variable = std::getenv("SLUICE_TOKEN");
  if (credential.source == client::Credential::Source::kGiven &&
      absl::StrContains(line, "$SLUICE_TOKEN") &&
      (variable == nullptr || credential.token != variable)) {
    Note("the line reads the token from SLUICE_TOKEN, which does not hold that of --token");
  }
  return absl::OkStatus();
}

void Note(absl::string_view text) {
  const std::string line = absl::StrCat(EscapeForTerminal(text), "\n");
  static_cast<void>(std::fwrite(line.data(), 1, line.size(), stderr));
}

}  // namespace sluice::cli
