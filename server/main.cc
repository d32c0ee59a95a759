// sluiced: flags -> Config -> App -> wait for a signal -> drain.
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <string>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "server/app.h"
#include "server/base/log.h"
#include "server/config.h"
#include "server/sqlite/library.h"

namespace {
constexpr int kExitFailure = 1;
constexpr int kExitUsage = 2;

int Fail(int code, absl::string_view message) {
  std::fprintf(stderr, "sluiced: %s\n", std::string(message).c_str());
  return code;
}

// Blocks the signals that end the server in every thread, so that only this one sees them.
sigset_t BlockSignals() {
  sigset_t ending;
  sigemptyset(&ending);
  sigaddset(&ending, SIGTERM);
  sigaddset(&ending, SIGINT);
  pthread_sigmask(SIG_BLOCK, &ending, nullptr);
  signal(SIGPIPE, SIG_IGN);
  return ending;
}

int Serve(sluice::Config config) {
  const sigset_t ending = BlockSignals();
  const auto app = sluice::App::Start(std::move(config));
  if (!app.ok()) {
    return Fail(absl::IsInvalidArgument(app.status()) ? kExitUsage : kExitFailure,
                app.status().message());
  }
  int signal_number = 0;
  sigwait(&ending, &signal_number);
  // A second signal ends the process at once.
  pthread_sigmask(SIG_UNBLOCK, &ending, nullptr);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  // The distribution's abseil is built to look for lock cycles at every Lock, which costs more than
  // the lock.
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
  std::vector<std::string> environment;
  for (char** entry = environ; *entry != nullptr; ++entry) environment.emplace_back(*entry);
  auto loaded = sluice::LoadConfig(std::vector<std::string>(argv + 1, argv + argc), environment);
  if (!loaded.ok()) return Fail(kExitUsage, loaded.status().message());
  for (const std::string& warning : loaded->warnings) {
    sluice::Log(sluice::LogLevel::kWarning, warning);
  }
  switch (loaded->action) {
    case sluice::ConfigAction::kHelp:
    case sluice::ConfigAction::kPrintConfig:
      std::fputs(loaded->text.c_str(), stdout);
      return 0;
    case sluice::ConfigAction::kCheckConfig:
      return 0;
    case sluice::ConfigAction::kVersion:
      std::printf("sluiced %s, SQLite %s\n", SLUICE_VERSION,
                  sluice::sqlite::LibraryVersion().c_str());
      return 0;
    case sluice::ConfigAction::kServe:
      break;
  }
  if (sluice::LogLevel level; sluice::ParseLogLevel(loaded->config.log_level, &level))
    sluice::SetLogLevel(level);
  return Serve(std::move(loaded->config));
}
