// Where to call and with which credential, when the caller does not say. Reads the environment and
// one file; pure otherwise, safe from any thread.
#pragma once

#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace sluice::client {

inline constexpr absl::string_view kDefaultAddress = "127.0.0.1:7070";

// A bearer token and where it was found.
struct Credential {
  enum class Source { kNone, kGiven, kEnvironment, kFile };
  std::string token;
  Source source = Source::kNone;
  // For Source::kFile.
  std::string path;
};

// `given`, or SLUICE_ADDRESS, or the default.
std::string ResolveAddress(absl::string_view given);

// `given`, or SLUICE_TOKEN, or for a loopback address the admin token's file. A file that cannot be
// read gives no credential: reads are often open, and where they are not the server says so.
Credential FindCredential(const std::optional<std::string>& given, absl::string_view address);

// Whether a gRPC target can only be this machine: a loopback address, `localhost` or a Unix socket.
// A name or a list of addresses is not.
bool IsLoopback(absl::string_view address);

// Whether a header may carry the token: visible ASCII only.
bool IsSendableToken(absl::string_view token);

}  // namespace sluice::client
