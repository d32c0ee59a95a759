#include "server/engine/refresh.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "server/engine/digest.h"

namespace sluice::engine {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

std::string HashesOf(const std::string& bytes, size_t block_bytes) {
  std::string hashes;
  for (size_t at = 0; at < bytes.size(); at += block_bytes) {
    hashes += ShortDigest(absl::string_view(bytes).substr(at, block_bytes));
  }
  return hashes;
}

std::vector<std::pair<size_t, size_t>> Differences(const std::string& now,
                                                   const std::string& hashes) {
  std::vector<std::pair<size_t, size_t>> runs;
  for (const ByteRun& run : FindDifferences(now, 4, hashes)) runs.emplace_back(run.begin, run.size);
  return runs;
}

TEST(RefreshTest, EqualBlocksAreNotSent) {
  EXPECT_THAT(Differences("aaaabbbbcccc", HashesOf("aaaabbbbcccc", 4)), IsEmpty());
}

TEST(RefreshTest, NeighboursThatDifferAreOneRun) {
  EXPECT_THAT(Differences("aaaaXbbbcccXdddd", HashesOf("aaaabbbbccccdddd", 4)),
              ElementsAre(Pair(4, 8)));
  EXPECT_THAT(Differences("Xaaabbbbccccddd", HashesOf("aaaabbbbccccdddd", 4)),
              ElementsAre(Pair(0, 4), Pair(12, 3)));
}

TEST(RefreshTest, BlocksWithoutAHashAreSent) {
  EXPECT_THAT(Differences("aaaabbbbcc", HashesOf("aaaa", 4)), ElementsAre(Pair(4, 6)));
  EXPECT_THAT(Differences("aaaabbbb", ""), ElementsAre(Pair(0, 8)));
}

TEST(RefreshTest, HashesBeyondTheEndSayNothing) {
  EXPECT_THAT(Differences("aaaa", HashesOf("aaaabbbb", 4)), IsEmpty());
}

}  // namespace
}  // namespace sluice::engine
