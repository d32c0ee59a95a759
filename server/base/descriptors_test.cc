#include "server/base/descriptors.h"

#include <sys/resource.h>

#include "gtest/gtest.h"

namespace sluice {
namespace {

class DescriptorsTest : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &before_), 0); }
  void TearDown() override { setrlimit(RLIMIT_NOFILE, &before_); }

  void SetSoft(rlim_t soft) {
    rlimit limit = before_;
    limit.rlim_cur = soft;
    ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &limit), 0);
  }
  static rlim_t Soft() {
    rlimit limit{};
    getrlimit(RLIMIT_NOFILE, &limit);
    return limit.rlim_cur;
  }

  rlimit before_{};
};

TEST_F(DescriptorsTest, ALowSoftLimitIsRaisedAsFarAsItMay) {
  SetSoft(200);
  const rlim_t most = std::min(before_.rlim_max, rlim_t{kDescriptorsMax});
  EXPECT_EQ(static_cast<rlim_t>(RaiseDescriptorLimit()), most);
  EXPECT_EQ(Soft(), most);
}

TEST_F(DescriptorsTest, AHigherLimitIsNotLowered) {
  if (before_.rlim_max <= kDescriptorsMax) GTEST_SKIP() << "the hard limit is lower";
  SetSoft(before_.rlim_max);
  EXPECT_EQ(RaiseDescriptorLimit(), kDescriptorsMax);
  EXPECT_EQ(Soft(), before_.rlim_max);
}

TEST_F(DescriptorsTest, EachDoorLeavesSomethingToTheNextAndTheLastToFiles) {
  for (const int limit : {256, 1024, 16'384}) {
    const DescriptorShares shares = ShareDescriptors(limit);
    EXPECT_LT(static_cast<int>(shares.http_connections), shares.grpc);
    EXPECT_LT(shares.grpc, shares.http);
    EXPECT_LT(shares.http, shares.admin);
    EXPECT_LT(shares.admin, limit);
  }
}

}  // namespace
}  // namespace sluice
