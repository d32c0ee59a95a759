#include "server/rpc/large_messages.h"

#include <gtest/gtest.h>

#include "server/base/error.h"

namespace sluice::rpc {
namespace {

TEST(LargeMessagesTest, RefusesWhatWouldBeTooMuchTogether) {
  const LargeMessages messages(100);
  auto first = messages.Take(60);
  ASSERT_TRUE(first.ok());
  const auto refused = messages.Take(41);
  EXPECT_EQ(refused.status().code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(ReasonOf(refused.status()), reason::kLimit);
  EXPECT_GT(RetryAfterOf(refused.status()), absl::ZeroDuration());
  // What was refused holds nothing.
  const auto second = messages.Take(40);
  EXPECT_TRUE(second.ok());
  first->reset();
  EXPECT_TRUE(messages.Take(60).ok());
}

TEST(LargeMessagesTest, DoesNotCallBackForWhatNeverFits) {
  const LargeMessages messages(100);
  const auto refused = messages.Take(101);
  EXPECT_EQ(ReasonOf(refused.status()), reason::kLimit);
  EXPECT_EQ(RetryAfterOf(refused.status()), absl::ZeroDuration());
  EXPECT_TRUE(messages.Take(100).ok());
}

TEST(LargeMessagesTest, IsOutlivedByItsPlaces) {
  LargeMessages::Place place;
  {
    const LargeMessages messages(100);
    place = *messages.Take(100);
  }
  place.reset();
}

}  // namespace
}  // namespace sluice::rpc
