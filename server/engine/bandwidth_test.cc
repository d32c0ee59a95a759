#include "server/engine/bandwidth.h"

#include <gtest/gtest.h>

#include <future>

namespace sluice::engine {
namespace {

TEST(BandwidthLimitTest, WithoutALimitEverythingMayBeSent) {
  BandwidthLimit none(0);
  for (int i = 0; i < 100; ++i) EXPECT_TRUE(none.TrySpend("a", 1 << 30, [] { FAIL(); }));
}

TEST(BandwidthLimitTest, WhoHasSentItsShareIsWokenLater) {
  BandwidthLimit limit(1'000'000);
  std::promise<void> woken;
  EXPECT_TRUE(limit.TrySpend("a", 1'010'000, [] { FAIL(); }));
  ASSERT_FALSE(limit.TrySpend("a", 1, [&] { woken.set_value(); }));
  // Another caller has its own share.
  EXPECT_TRUE(limit.TrySpend("b", 1'000, [] { FAIL(); }));
  woken.get_future().wait();
  EXPECT_TRUE(limit.TrySpend("a", 1, [] {}));
}

TEST(BandwidthLimitTest, ManyCallersAreForgotten) {
  BandwidthLimit limit(1'000'000);
  for (int i = 0; i < 5'000; ++i) EXPECT_TRUE(limit.TrySpend(std::to_string(i), 10, [] {}));
}

TEST(BandwidthLimitTest, EndsWithWaitersInIt) {
  BandwidthLimit limit(1);
  EXPECT_TRUE(limit.TrySpend("a", 1'000, [] {}));
  EXPECT_FALSE(limit.TrySpend("a", 1, [] {}));
}

}  // namespace
}  // namespace sluice::engine
