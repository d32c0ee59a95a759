#include "server/engine/fair_queue.h"

#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "server/engine/test_member.h"

namespace sluice::engine {
namespace {

class FairQueueTest : public testing::Test {
 protected:
  void Push(uint64_t caller, int times = 1) {
    for (int i = 0; i < times; ++i) {
      queue_.Push(
          {.member = std::make_unique<TestMember>(Sql({}), &answer_, Interrupt(), 1, caller),
           .status = {}});
    }
  }
  // Whose writes come, in order.
  std::string Pop(int times) {
    std::string callers;
    for (int i = 0; i < times; ++i) absl::StrAppend(&callers, queue_.Pop().member->caller());
    return callers;
  }

  Answer answer_;
  FairQueue queue_;
};

TEST_F(FairQueueTest, TakesEachCallerInTurn) {
  Push(1, 5);
  Push(2);
  Push(3, 2);
  EXPECT_EQ(queue_.size(), 8u);
  EXPECT_EQ(queue_.size_of(1), 5u);
  EXPECT_EQ(Pop(4), "1231");
  Push(2);
  EXPECT_EQ(Pop(5), "31211");
  EXPECT_TRUE(queue_.empty());
  EXPECT_EQ(queue_.size(), 0u);
}

TEST_F(FairQueueTest, TakesACallerWhoComesWhileAnotherHasAThousandNext) {
  Push(1, 1000);
  EXPECT_EQ(Pop(3), "111");
  Push(2);
  EXPECT_EQ(Pop(2), "12");
}

TEST_F(FairQueueTest, ForgetsManyCallersWhoHaveNothingWaiting) {
  for (uint64_t caller = 1; caller <= 10'000; ++caller) {
    Push(caller);
    Pop(1);
  }
  Push(7, 2);
  EXPECT_EQ(Pop(2), "77");
}

}  // namespace
}  // namespace sluice::engine
