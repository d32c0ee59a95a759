// The admin token and the secrets that follow from it.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace sluice::auth {

// `$XDG_STATE_HOME/sluice/admin-token`, or below `$HOME/.local/state` without that variable; empty
// when neither is set.
std::string DefaultTokenPath();

// A new token: `sluice_` and 256 random bits in base64url.
std::string MakeToken();

// The token in the file at `path`, which is made with a new token when it does not exist (folders
// too, mode 0700; the file 0600). Two servers that start at once get the same token.
// FAILED_PRECONDITION for a file that others may read or that holds no token, UNAVAILABLE for what
// the system refuses.
absl::StatusOr<std::string> LoadOrMakeToken(const std::string& path);

// A 32-byte key for one purpose, always the same for the same token: HMAC-SHA256 of `purpose`.
std::string DeriveKey(absl::string_view token, absl::string_view purpose);

}  // namespace sluice::auth
