// The `sluice` command: read the command line, run one command, say how it went.
#include <csignal>
#include <iostream>

#include "absl/strings/str_replace.h"
#include "clients/cpp/cli/arguments.h"
#include "clients/cpp/cli/failure.h"
#include "clients/cpp/cli/interrupt.h"
#include "clients/cpp/cli/session.h"

namespace sluice::cli {
namespace {

ClientOptions OptionsOf(const Settings& settings) {
  ClientOptions options;
  options.address = settings.address;
  options.token = settings.token;
  options.allow_plaintext = settings.allow_plaintext;
  options.user_agent = "sluice/" SLUICE_VERSION;
  if (settings.deadline.has_value()) {
    options.deadline = *settings.deadline;
    options.stream_deadline = *settings.deadline;
  }
  return options;
}

int Report(const absl::Status& status, absl::string_view address) {
  if (!status.ok()) std::cerr << DescribeFailure(status, address);
  return ExitCodeOf(status);
}

int Main(int argc, const char* const* argv) {
  // A closed pipe ends the command as it ends any other filter.
  std::signal(SIGPIPE, SIG_DFL);
  const CommandLine line = ParseCommandLine(argc, argv);
  if (line.command == nullptr) return line.exit_code;
  Interrupt interrupt;
  ClientOptions options = OptionsOf(line.settings);
  // Nothing is sent.
  if (line.settings.curl) options.allow_plaintext = true;
  auto client = Client::Connect(options);
  if (!client.ok()) {
    return Report(UsageError(absl::StrReplaceAll(client.status().message(),
                                                 {{"allow_plaintext", "--allow-plaintext"}})),
                  "");
  }
  interrupt.SetAction([copy = *client] { copy.CancelAll(); });
  const std::string& at_least = line.settings.at_least;
  Session session(line.settings, at_least.empty() ? *client : client->AtLeast(at_least));
  absl::Status status = line.command(&session);
  // What came before the error is shown before it.
  if (const auto written = session.output.Flush(); status.ok()) status = written;
  if (!status.ok() && interrupt.interrupted()) return kInterruptedExitCode;
  return Report(status, session.client.address());
}

}  // namespace
}  // namespace sluice::cli

int main(int argc, char** argv) { return sluice::cli::Main(argc, argv); }
