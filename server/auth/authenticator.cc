#include "server/auth/authenticator.h"

#include <openssl/crypto.h>

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "server/base/check.h"
#include "server/base/error.h"

namespace sluice::auth {
namespace {

constexpr absl::string_view kAnonymous = "anonymous";
constexpr absl::string_view kScheme = "Bearer ";

Grants AnonymousGrants(const AuthenticatorOptions& options) {
  Grants grants;
  if (options.anonymous_reads) {
    grants = grants.Plus({Permission::kCatalogRead, Permission::kQuery, Permission::kRowRead,
                          Permission::kSnapshotDownload, Permission::kStoredQuery});
  }
  if (options.anonymous_writes) {
    grants = grants.Plus({Permission::kRowInsert, Permission::kRowUpdate, Permission::kRowDelete,
                          Permission::kStoredQueryWrite});
  }
  return grants;
}

bool Equal(absl::string_view a, absl::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

absl::Status Unauthenticated(absl::string_view message) {
  return Error(absl::StatusCode::kUnauthenticated, reason::kUnauthenticated, message);
}

}  // namespace

Authenticator::Authenticator(AuthenticatorOptions options)
    : options_(std::move(options)),
      anonymous_{std::string(kAnonymous), AnonymousGrants(options_), true},
      admin_{"admin", Grants::Everything()} {
  CHECK(!options_.admin_token.empty());
}

absl::StatusOr<Principal> Authenticator::Authenticate(absl::string_view authorization) const {
  if (authorization.empty()) return anonymous_;
  if (!absl::StartsWithIgnoreCase(authorization, kScheme)) {
    return Unauthenticated("the authorization metadata must be `Bearer TOKEN`");
  }
  if (Equal(authorization.substr(kScheme.size()), options_.admin_token)) return admin_;
  return Unauthenticated("the token is not valid here");
}

absl::Status CheckPermission(const Principal& principal, Permission permission,
                             absl::string_view permission_name) {
  if (principal.grants.allows(permission)) return absl::OkStatus();
  if (principal.anonymous) {
    return WithMetadata(Unauthenticated(absl::StrCat("this call needs a token with the permission ",
                                                     permission_name)),
                        "permission", permission_name);
  }
  return WithMetadata(Error(absl::StatusCode::kPermissionDenied, reason::kPermissionDenied,
                            absl::StrCat("the caller lacks the permission ", permission_name)),
                      "permission", permission_name);
}

}  // namespace sluice::auth
