#include "server/sqlite/pool.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

#include "server/base/error.h"
#include "server/base/limits.h"
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

TEST_F(PoolTest, AWaitingCallerThatGoesAwayIsNoticed) {
  const auto first = pool_->Acquire(Interrupt());
  const auto second = pool_->Acquire(Interrupt());
  std::atomic<bool> gone{false};
  const Interrupt caller(Deadline::After(absl::Minutes(1)), &gone);
  std::thread other([&] { gone = true; });
  EXPECT_EQ(pool_->Acquire(caller).status().code(), absl::StatusCode::kCancelled);
  other.join();
}

TEST_F(PoolTest, OnlySoManyWait) {
  const auto first = pool_->Acquire(Interrupt());
  const auto second = pool_->Acquire(Interrupt());
  std::atomic<bool> gone{false};
  const Interrupt caller(Deadline::After(absl::Minutes(1)), &gone);
  std::vector<std::thread> waiters;
  std::atomic<int> refused{0};
  for (int i = 0; i < limits::kLeaseWaitersMax + 1; ++i) {
    waiters.emplace_back([&] {
      refused += ReasonOf(pool_->Acquire(caller).status()) == reason::kOverloaded ? 1 : 0;
      // The one that is refused lets the others go.
      gone = true;
    });
  }
  for (std::thread& waiter : waiters) waiter.join();
  EXPECT_EQ(refused, 1);
}

TEST_F(PoolTest, KeepsTheLastEighthForShortUse) {
  const auto pool = Pool::Make({.path = database_.path()}, 8, nullptr);
  std::vector<ReadLease> scans;
  for (int i = 0; i < 7; ++i) scans.push_back(*pool->Acquire(Interrupt()));
  const Interrupt soon(Deadline::After(absl::Milliseconds(10)));
  EXPECT_EQ(pool->Acquire(soon).status().code(), absl::StatusCode::kDeadlineExceeded);
  EXPECT_FALSE(pool->TryAcquire(Use::kLong)->has_value());
  EXPECT_TRUE(pool->TryAcquire(Use::kShort)->has_value());
  EXPECT_TRUE(pool->Acquire(soon, Use::kShort).ok());
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

TEST_F(PoolTest, RevokesTheOldestLoansFirst) {
  class Holder final : public Revocable {};
  Holder old;
  Holder young;
  const auto never = pool_->TryAcquire(Use::kShort);
  const auto first = pool_->Acquire(Interrupt(Deadline::Infinite(), nullptr, &old));
  EXPECT_EQ(pool_->RevokeOldest(1, absl::Hours(1)), 0);
  EXPECT_EQ(pool_->RevokeOldest(1, absl::ZeroDuration()), 1);
  EXPECT_TRUE(old.revoked());
  EXPECT_EQ(ReasonOf(Interrupt(Deadline::Infinite(), nullptr, &old).Check()), reason::kLogFull);
  // One that is told already is not told again.
  EXPECT_EQ(pool_->RevokeOldest(2, absl::ZeroDuration()), 0);
  EXPECT_FALSE(young.revoked());
}

TEST_F(PoolTest, StopsTheStatementOfALoanThatIsRevoked) {
  class Holder final : public Revocable {};
  Holder holder;
  const Interrupt interrupt(Deadline::Infinite(), nullptr, &holder);
  const auto lease = pool_->Acquire(interrupt);
  std::thread other([&] { pool_->RevokeOldest(1, absl::ZeroDuration()); });
  (*lease)->guard().Arm({.interrupt = interrupt});
  const absl::Status status =
      (*lease)
          ->QueryValue(
              "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) "
              "SELECT count(*) FROM n")
          .status();
  other.join();
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(ReasonOf(status), reason::kLogFull);
}

}  // namespace
}  // namespace sluice::sqlite
