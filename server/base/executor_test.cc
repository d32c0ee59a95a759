#include "server/base/executor.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <memory>
#include <vector>

namespace sluice {
namespace {

TEST(ExecutorTest, RunsEverythingBeforeItEnds) {
  std::atomic<int> ran{0};
  {
    Executor executor("test", 3, 1000);
    for (int i = 0; i < 100; ++i) EXPECT_TRUE(executor.TrySubmit([&] { ++ran; }));
  }
  EXPECT_EQ(ran, 100);
}

TEST(ExecutorTest, RefusesBeyondItsQueueButNotAdmittedWork) {
  std::promise<void> started;
  std::promise<void> release;
  std::atomic<int> ran{0};
  {
    Executor executor("test", 1, 1);
    executor.Submit([&] {
      started.set_value();
      release.get_future().wait();
    });
    started.get_future().wait();
    EXPECT_TRUE(executor.TrySubmit([&] { ++ran; }));
    EXPECT_FALSE(executor.TrySubmit([&] { ran += 100; }));
    executor.Submit([&] { ++ran; });
    EXPECT_EQ(executor.queue_length(), 2u);
    release.set_value();
  }
  EXPECT_EQ(ran, 2);
}

TEST(StrandTest, RunsInOrderAndNeverTwoAtATime) {
  std::vector<int> ran;
  {
    Strand* strand = nullptr;
    std::unique_ptr<Strand> owned;
    Executor executor("test", 4, 1000);
    owned = std::make_unique<Strand>(&executor);
    strand = owned.get();
    std::promise<void> done;
    for (int i = 0; i < 1000; ++i) {
      // No lock: a second thread in here would be a race.
      strand->Post([&ran, i] { ran.push_back(i); });
    }
    strand->Post([&done] { done.set_value(); });
    done.get_future().wait();
  }
  ASSERT_EQ(ran.size(), 1000u);
  for (int i = 0; i < 1000; ++i) EXPECT_EQ(ran[static_cast<size_t>(i)], i);
}

}  // namespace
}  // namespace sluice
