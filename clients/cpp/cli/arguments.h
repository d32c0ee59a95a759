// The command line, read. The only place that knows CLI11.
#pragma once

#include <functional>

#include "absl/status/status.h"
#include "clients/cpp/cli/session.h"

namespace sluice::cli {

struct CommandLine {
  Settings settings;
  // The command with its arguments; empty when there is nothing left to do (help, version, wrong
  // usage, all of which have been told) and `exit_code` is what the process ends with.
  std::function<absl::Status(Session*)> command;
  int exit_code = 0;
};

CommandLine ParseCommandLine(int argc, const char* const* argv);

}  // namespace sluice::cli
