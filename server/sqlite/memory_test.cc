#include "server/sqlite/memory.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "absl/strings/str_cat.h"
#include "server/base/error.h"
#include "server/base/limits.h"
#include "server/sqlite/test_database.h"

namespace sluice::sqlite {
namespace {

// Each expression names the one before twice.
std::string Doubling(int levels) {
  std::string sql = "WITH c0(a) AS (SELECT 1)";
  for (int i = 1; i <= levels; ++i) {
    absl::StrAppend(&sql, ", c", i, "(a) AS (SELECT x.a FROM c", i - 1, " x, c", i - 1, " y)");
  }
  return absl::StrCat(sql, " SELECT count(*) FROM c", levels);
}

// Sorts more and more.
constexpr char kSortsForEver[] =
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) "
    "SELECT randomblob(500000) FROM n ORDER BY 1";

class MemoryTest : public testing::Test {
 protected:
  void Arm(const Interrupt& interrupt = Interrupt()) {
    connection_->guard().Arm({.interrupt = interrupt, .profile = LimitProfile::kCaller});
  }

  const TestDatabase database_;
  const std::unique_ptr<Connection> connection_ = database_.Open(OpenOptions::Mode::kReadOnly);
};

TEST_F(MemoryTest, AStatementThatDoublesWhileItIsPreparedIsRefused) {
  Arm();
  const absl::Status status = connection_->Execute(Doubling(24));
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted) << status;
  EXPECT_EQ(MetadataOf(status, "limit"), absl::StrCat(limits::kRequestMemoryBytesMax));
  // The connection is as good as before.
  EXPECT_TRUE(connection_->Execute("SELECT 1").ok());
}

TEST_F(MemoryTest, TheDeadlineHoldsWhileAStatementIsPrepared) {
  Arm(Interrupt(Deadline::After(absl::Milliseconds(10))));
  const absl::Status status = connection_->Execute(Doubling(24));
  EXPECT_EQ(status.code(), absl::StatusCode::kDeadlineExceeded) << status;
}

TEST_F(MemoryTest, AStatementThatSortsMoreThanItsShareIsRefused) {
  for (int round = 0; round < 5; ++round) {
    Arm();
    const absl::Status status = connection_->Execute(kSortsForEver);
    EXPECT_EQ(ReasonOf(status), reason::kLimit) << status;
    connection_->guard().Disarm();
  }
  // What was taken has been given back: five times its share is more than all may take together.
  Arm();
  EXPECT_TRUE(connection_
                  ->Execute("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n "
                            "LIMIT 100000) SELECT i FROM n ORDER BY -i")
                  .ok());
}

TEST_F(MemoryTest, ManyTogetherAreRefusedAndSmallOnesAreNot) {
  // Eight shares are twice what all may take together.
  constexpr int kHogs = 8;
  std::vector<std::unique_ptr<Connection>> connections;
  for (int i = 0; i < kHogs; ++i) {
    connections.push_back(database_.Open(OpenOptions::Mode::kReadOnly));
  }
  std::atomic<int> running{kHogs};
  std::vector<std::thread> hogs;
  for (const auto& connection : connections) {
    hogs.emplace_back([&running, &connection] {
      const Interrupt interrupt;
      connection->guard().Arm({.interrupt = interrupt, .profile = LimitProfile::kCaller});
      EXPECT_EQ(ReasonOf(connection->Execute(kSortsForEver)), reason::kLimit);
      connection->guard().Disarm();
      --running;
    });
  }
  Arm();
  int rounds = 0;
  for (; running > 0; ++rounds) EXPECT_TRUE(connection_->Execute("SELECT 1 ORDER BY 1").ok());
  EXPECT_GT(rounds, 0);
  for (std::thread& hog : hogs) hog.join();
}

TEST_F(MemoryTest, OurOwnStatementsAreNotCounted) {
  EXPECT_FALSE(connection_->guard().memory().begun());
  EXPECT_TRUE(connection_->Execute("SELECT length(zeroblob(60000000))").ok());
}

}  // namespace
}  // namespace sluice::sqlite
