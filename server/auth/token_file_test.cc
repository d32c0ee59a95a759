#include "server/auth/token_file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace sluice::auth {
namespace {

class TokenFileTest : public testing::Test {
 protected:
  TokenFileTest() {
    char pattern[] = "/tmp/sluice-token-XXXXXX";
    folder_ = mkdtemp(pattern);
    path_ = folder_ + "/state/sluice/admin-token";
  }
  ~TokenFileTest() override { std::filesystem::remove_all(folder_); }

  std::string folder_;
  std::string path_;
};

TEST_F(TokenFileTest, MakesAPrivateFileOnceAndKeepsIt) {
  const auto first = LoadOrMakeToken(path_);
  ASSERT_TRUE(first.ok()) << first.status();
  struct stat status;
  ASSERT_EQ(stat(path_.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600u);
  EXPECT_EQ(*LoadOrMakeToken(path_), *first);
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder_ + "/state/sluice"), {}), 1);
}

TEST_F(TokenFileTest, RefusesAFileThatOthersMayReadOrThatIsEmpty) {
  ASSERT_TRUE(LoadOrMakeToken(path_).ok());
  chmod(path_.c_str(), 0644);
  EXPECT_EQ(LoadOrMakeToken(path_).status().code(), absl::StatusCode::kFailedPrecondition);
  chmod(path_.c_str(), 0600);
  std::ofstream(path_) << "\n";
  EXPECT_EQ(LoadOrMakeToken(path_).status().code(), absl::StatusCode::kFailedPrecondition);
}

TEST_F(TokenFileTest, SaysWhenTheFolderCannotBeMade) {
  std::ofstream(folder_ + "/state") << "a file";
  EXPECT_EQ(LoadOrMakeToken(path_).status().code(), absl::StatusCode::kUnavailable);
}

TEST(DeriveKeyTest, DiffersByTokenAndByPurpose) {
  EXPECT_EQ(DeriveKey("a", "page").size(), 32u);
  EXPECT_EQ(DeriveKey("a", "page"), DeriveKey("a", "page"));
  EXPECT_NE(DeriveKey("a", "page"), DeriveKey("a", "etag"));
  EXPECT_NE(DeriveKey("a", "page"), DeriveKey("b", "page"));
}

}  // namespace
}  // namespace sluice::auth
