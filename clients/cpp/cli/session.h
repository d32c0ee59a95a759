// What every command gets: the settings, a client and the output. Threads: one. Owns the client and
// the output.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "clients/cpp/cli/curl.h"
#include "clients/cpp/cli/output.h"
#include "clients/cpp/cli/row_writer.h"
#include "clients/cpp/client.h"

namespace sluice::cli {

struct Settings {
  // Empty and absent as in ClientOptions.
  std::string address;
  std::optional<std::string> token;
  bool allow_plaintext = false;
  std::optional<absl::Duration> deadline;
  Format format = Format::kNdjson;
  // The commit token that reads ask for.
  std::string at_least;
  // Print the HTTP call instead of calling.
  bool curl = false;
  std::string http;
};

class Session {
 public:
  // `client` must be OK.
  Session(Settings session_settings, Client session_client);

  const Settings settings;
  const Client client;
  Output output;

  std::unique_ptr<RowWriter> MakeWriter();
  bool as_json() const {
    return settings.format == Format::kJson || settings.format == Format::kNdjson;
  }
  // Prints the line for `--curl`.
  absl::Status PrintCurl(const HttpCall& call);
};

// One line for people, on the standard error; what moves a terminal is escaped.
void Note(absl::string_view text);

}  // namespace sluice::cli
