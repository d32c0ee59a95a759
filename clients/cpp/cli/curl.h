// The HTTP call that does what a command does, as a line for a shell. Pure functions, safe from any
// thread.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "clients/cpp/endpoint.h"

namespace sluice::cli {

// Quotes a word for a POSIX shell; plain words stay as they are.
std::string ShellQuote(absl::string_view word);

// Percent-encodes everything but unreserved characters, `/` included.
std::string UrlEncode(absl::string_view text);

struct HttpCall {
  // Segments after the address, not encoded; a last one may carry a custom verb in `verb`.
  std::vector<std::string> path;
  std::string verb = {};
  std::vector<std::pair<std::string, std::string>> query = {};
  // JSON; makes it a POST, unless `method` says otherwise.
  std::string body = {};
  // Such as PATCH; empty for GET, or POST with a body.
  std::string method = {};
  // Writes the answer to this file.
  std::string output_file = {};
  // The call changes something, so that it carries the credential even where reads are open.
  bool writes = false;
  // The call reads a state of a database, for which a commit token may be asked.
  bool reads_state = false;
};

// `http` such as `http://127.0.0.1:7072`. A token itself is never part of the line, which lands in
// terminals and histories: the variable or the file that holds it is.
std::string CurlLine(absl::string_view http, const client::Credential& credential,
                     const HttpCall& call);

}  // namespace sluice::cli
