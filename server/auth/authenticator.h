// Who is calling: from a call's credential to a principal with grants.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "server/auth/grants.h"

namespace sluice::auth {

struct Principal {
  // For logs: "anonymous" or "admin".
  std::string name;
  Grants grants;
  bool anonymous = false;
};

struct AuthenticatorOptions {
  // Whoever holds it may do everything. Never empty.
  std::string admin_token;
  bool anonymous_reads = false;
  bool anonymous_writes = false;
};

// Immutable after construction; thread-safe.
class Authenticator {
 public:
  explicit Authenticator(AuthenticatorOptions options);

  // `authorization` is the call's metadata of that name: `Bearer TOKEN`, or empty. UNAUTHENTICATED
  // for a credential that is there and not valid: a mistyped token must not pass as nobody.
  absl::StatusOr<Principal> Authenticate(absl::string_view authorization) const;

 private:
  const AuthenticatorOptions options_;
  const Principal anonymous_;
  const Principal admin_;
};

// OK when the grants allow it; else PERMISSION_DENIED, or UNAUTHENTICATED for an anonymous caller,
// whom a credential might help. `permission_name` is for the message, such as "row.insert".
absl::Status CheckPermission(const Principal& principal, Permission permission,
                             absl::string_view permission_name);

}  // namespace sluice::auth
