#include "server/sqlite/pool.h"

#include <gtest/gtest.h>

#include <thread>

#include "server/base/error.h"
#include "server/sqlite/test_database.h"

namespace sluice::sqlite {
namespace {

class PoolTest : public testing::Test {
 protected:
  const TestDatabase database_{"CREATE TABLE t(a)"};
  const std::shared_ptr<Pool> pool_ = Pool::Make({.path = database_.path()}, 2, nullptr);
};

TEST_F(PoolTest, LendsTheWarmestConnectionFirst) {
  Connection* lent = nullptr;
  {
    const auto lease = pool_->Acquire(Interrupt());
    lent = &**lease;
  }
  EXPECT_EQ(&**pool_->Acquire(Interrupt()), lent);
}

TEST_F(PoolTest, AcquireFailsAtItsDeadline) {
  const auto first = pool_->Acquire(Interrupt());
  const auto second = pool_->Acquire(Interrupt());
  const Interrupt soon(Deadline::After(absl::Milliseconds(10)));
  EXPECT_EQ(pool_->Acquire(soon).status().code(), absl::StatusCode::kDeadlineExceeded);
}

TEST_F(PoolTest, AcquireGetsAConnectionThatComesBack) {
  auto first = pool_->Acquire(Interrupt());
  const auto second = pool_->Acquire(Interrupt());
  std::thread other(
      [lease = *std::move(first)]() mutable { const ReadLease gone = std::move(lease); });
  EXPECT_TRUE(pool_->Acquire(Interrupt()).ok());
  other.join();
}

TEST_F(PoolTest, AReturnedConnectionHoldsNoTransactionAndNoPolicy) {
  {
    const auto lease = pool_->Acquire(Interrupt());
    ASSERT_TRUE((*lease)->Execute("BEGIN").ok());
    (*lease)->guard().Arm({.interrupt = Interrupt(Deadline::After(absl::ZeroDuration()))});
  }
  const auto lease = pool_->Acquire(Interrupt());
  EXPECT_TRUE((*lease)->autocommit());
  EXPECT_FALSE((*lease)->guard().spec().interrupt.raised());
}

TEST_F(PoolTest, ClosesEverythingOnceLeasesAreBack) {
  auto lease = pool_->Acquire(Interrupt());
  pool_->Close();
  EXPECT_EQ(ReasonOf(pool_->Acquire(Interrupt()).status()), "NOT_SERVED");
  EXPECT_FALSE(pool_->WaitUntilIdle(Deadline::After(absl::Milliseconds(1))));
  {
    const ReadLease gone = *std::move(lease);
  }
  EXPECT_TRUE(pool_->WaitUntilIdle(Deadline::After(absl::Seconds(10))));
}

}  // namespace
}  // namespace sluice::sqlite
