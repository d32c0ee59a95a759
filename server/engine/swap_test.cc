#include "server/engine/swap.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>

#include "server/base/error.h"
#include "server/engine/test_files.h"
#include "server/sqlite/test_database.h"

namespace sluice::engine {
namespace {

namespace fs = std::filesystem;

class SwapTest : public testing::Test {
 protected:
  SwapTest() {
    WriteBytes(swap_.target, "before");
    WriteBytes(swap_.next, "after");
  }
  std::string Path(const std::string& name) const { return scratch_.folder() + "/" + name; }
  bool There(const std::string& path) const { return fs::exists(path); }

  const sqlite::TestDatabase scratch_;
  const Swap swap_{.target = Path("data.db"), .next = Path("next.db"), .old = Path("old")};
};

TEST_F(SwapTest, GivesTheNameToTheNextAndASecondOneToTheOld) {
  ASSERT_EQ(chmod(swap_.target.c_str(), 0640), 0);
  ASSERT_TRUE(SwapIn(swap_).ok());
  EXPECT_EQ(BytesOf(swap_.target), "after");
  EXPECT_EQ(BytesOf(swap_.old), "before");
  EXPECT_FALSE(There(swap_.next));
  EXPECT_EQ(fs::status(swap_.target).permissions(), fs::perms(0640));
  EXPECT_TRUE(FinishSwap(swap_));
}

TEST_F(SwapTest, MovesALogAwayWithTheOldFile) {
  WriteBytes(swap_.target + "-wal", "log");
  WriteBytes(swap_.target + "-shm", "index");
  WriteBytes(swap_.target + "-journal", "journal");
  ASSERT_TRUE(SwapIn(swap_).ok());
  for (const char* ending : {"-wal", "-shm", "-journal"})
    EXPECT_FALSE(There(swap_.target + ending));
  EXPECT_EQ(BytesOf(swap_.old + "-wal"), "log");
  EXPECT_EQ(BytesOf(swap_.old + "-journal"), "journal");
}

// Each step of SwapIn, with the server killed after it.
TEST_F(SwapTest, WhatWasKilledBeforeTheRenameNeverWas) {
  WriteBytes(swap_.target + "-wal", "log");
  fs::create_hard_link(swap_.target, swap_.old);
  EXPECT_FALSE(FinishSwap(swap_));
  EXPECT_FALSE(There(swap_.old));
  fs::create_hard_link(swap_.target, swap_.old);
  fs::rename(swap_.target + "-wal", swap_.old + "-wal");
  EXPECT_FALSE(FinishSwap(swap_));
  EXPECT_EQ(BytesOf(swap_.target), "before");
  EXPECT_EQ(BytesOf(swap_.target + "-wal"), "log");
  EXPECT_FALSE(There(swap_.old + "-wal"));
  EXPECT_TRUE(There(swap_.next));
}

TEST_F(SwapTest, WhatWasNotBegunIsNotDone) {
  EXPECT_FALSE(FinishSwap(swap_));
  EXPECT_EQ(BytesOf(swap_.target), "before");
}

TEST_F(SwapTest, ANewFileNeverReplacesOne) {
  const absl::Status status = PutNew(swap_);
  EXPECT_EQ(ReasonOf(status), reason::kDatabaseExists);
  EXPECT_EQ(BytesOf(swap_.target), "before");
  fs::remove(swap_.target);
  // Left by the one that had the name.
  WriteBytes(swap_.target + "-wal", "log");
  ASSERT_TRUE(PutNew(swap_).ok());
  EXPECT_EQ(BytesOf(swap_.target), "after");
  EXPECT_FALSE(There(swap_.target + "-wal"));
  EXPECT_FALSE(There(swap_.next));
}

TEST_F(SwapTest, ANewFileThatHadBothNamesKeepsItsPlace) {
  fs::remove(swap_.target);
  fs::create_hard_link(swap_.next, swap_.target);
  EXPECT_TRUE(FinishSwap(swap_));
  EXPECT_FALSE(There(swap_.next));
  EXPECT_EQ(BytesOf(swap_.target), "after");
}

}  // namespace
}  // namespace sluice::engine
