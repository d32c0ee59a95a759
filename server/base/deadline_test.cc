#include "server/base/deadline.h"

#include <gtest/gtest.h>

#include "server/base/error.h"

namespace sluice {
namespace {

TEST(DeadlineTest, IsInfiniteUnlessSaid) {
  EXPECT_TRUE(Deadline().infinite());
  EXPECT_FALSE(Deadline().expired());
  EXPECT_EQ(Deadline().remaining(), absl::InfiniteDuration());
  EXPECT_TRUE(Deadline::After(absl::InfiniteDuration()).infinite());
}

TEST(DeadlineTest, ExpiresAndStaysAtZero) {
  const Deadline past = Deadline::After(absl::Seconds(-1));
  EXPECT_TRUE(past.expired());
  EXPECT_EQ(past.remaining(), absl::ZeroDuration());
  EXPECT_TRUE(Deadline().EarlierOf(past).expired());
  EXPECT_TRUE(past.EarlierOf(Deadline()).expired());
}

TEST(InterruptTest, TellsCancellationFromDeadline) {
  std::atomic<bool> cancelled{false};
  const Interrupt interrupt(Deadline::Infinite(), &cancelled);
  EXPECT_TRUE(interrupt.Check().ok());
  EXPECT_EQ(interrupt.Within(Deadline::After(absl::ZeroDuration())).Check().code(),
            absl::StatusCode::kDeadlineExceeded);
  cancelled = true;
  EXPECT_EQ(interrupt.Check().code(), absl::StatusCode::kCancelled);
  EXPECT_EQ(ReasonOf(interrupt.Check()), "CANCELLED");
}

}  // namespace
}  // namespace sluice
