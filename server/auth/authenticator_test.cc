#include "server/auth/authenticator.h"

#include <gtest/gtest.h>

#include "server/base/error.h"

namespace sluice::auth {
namespace {

const Authenticator& Open() {
  static const Authenticator authenticator(
      {.admin_token = "sluice_secret", .anonymous_reads = true, .anonymous_writes = false});
  return authenticator;
}

TEST(AuthenticatorTest, LetsNobodyReadAndTheAdminWrite) {
  const auto anonymous = Open().Authenticate("");
  EXPECT_TRUE(CheckPermission(*anonymous, Permission::kQuery, "query").ok());
  const absl::Status denied = CheckPermission(*anonymous, Permission::kRowInsert, "row.insert");
  EXPECT_EQ(denied.code(), absl::StatusCode::kUnauthenticated);
  EXPECT_EQ(MetadataOf(denied, "permission"), "row.insert");

  const auto admin = Open().Authenticate("Bearer sluice_secret");
  EXPECT_EQ(admin->name, "admin");
  EXPECT_TRUE(CheckPermission(*admin, Permission::kRowInsert, "row.insert").ok());
}

TEST(AuthenticatorTest, RefusesACredentialThatIsNotValid) {
  for (const char* authorization : {"Bearer wrong", "Bearer sluice_secre", "Bearer sluice_secret2",
                                    "Bearer ", "Basic abc", "x"}) {
    EXPECT_EQ(Open().Authenticate(authorization).status().code(),
              absl::StatusCode::kUnauthenticated)
        << authorization;
  }
}

TEST(AuthenticatorTest, ClosesEverythingToNobodyWhenToldSo) {
  const Authenticator closed({.admin_token = "t"});
  EXPECT_FALSE(
      CheckPermission(*closed.Authenticate(""), Permission::kCatalogRead, "catalog.read").ok());
}

TEST(CheckPermissionTest, DeniesAKnownCallerWithoutAskingForACredential) {
  const Principal reader{"reader", Grants{Permission::kQuery}, /*anonymous=*/false};
  EXPECT_EQ(CheckPermission(reader, Permission::kRowInsert, "row.insert").code(),
            absl::StatusCode::kPermissionDenied);
}

}  // namespace
}  // namespace sluice::auth
