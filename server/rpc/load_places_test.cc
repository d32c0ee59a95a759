#include "server/rpc/load_places.h"

#include <gtest/gtest.h>

#include <vector>

namespace sluice::rpc {
namespace {

TEST(LoadPlacesTest, LeavesHalfOfThemToOtherCallers) {
  const LoadPlaces places(4);
  std::vector<std::unique_ptr<LoadPlaces::Place>> taken;
  for (int i = 0; i < 2; ++i) taken.push_back(*places.Take(1));
  EXPECT_EQ(ReasonOf(places.Take(1).status()), reason::kOverloaded);
  EXPECT_GT(RetryAfterOf(places.Take(1).status()), absl::ZeroDuration());
  for (int i = 0; i < 2; ++i) taken.push_back(*places.Take(2));
  EXPECT_EQ(ReasonOf(places.Take(3).status()), reason::kOverloaded);
  taken.erase(taken.begin());
  taken.push_back(*places.Take(1));
  taken.clear();
  EXPECT_TRUE(places.Take(3).ok());
}

TEST(LoadPlacesTest, BoundWhatAllLoadsStage) {
  const LoadPlaces places(4);
  auto first = *places.Take(1);
  const auto second = *places.Take(2);
  EXPECT_TRUE(first->Stage(limits::kStagedBytesMax / 2).ok());
  EXPECT_TRUE(second->Stage(limits::kStagedBytesMax / 2).ok());
  EXPECT_EQ(ReasonOf(second->Stage(1)), reason::kOverloaded);
  first.reset();
  EXPECT_TRUE(second->Stage(1).ok());
}

TEST(LoadPlacesTest, AreGivenBackAfterTheyAreGone) {
  std::unique_ptr<LoadPlaces::Place> place;
  {
    const LoadPlaces places(1);
    place = *places.Take(1);
    EXPECT_FALSE(places.Take(2).ok());
  }
  place.reset();
}

}  // namespace
}  // namespace sluice::rpc
