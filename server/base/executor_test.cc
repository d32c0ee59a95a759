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

}  // namespace
}  // namespace sluice
