#include "server/rpc/load_places.h"

#include <gtest/gtest.h>

#include <vector>

namespace sluice::rpc {
namespace {

TEST(LoadPlacesTest, LeavesHalfOfThemToOtherCallers) {
  const LoadPlaces places(4);
  std::vector<LoadPlaces::Place> taken;
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

TEST(LoadPlacesTest, AreGivenBackAfterTheyAreGone) {
  LoadPlaces::Place place;
  {
    const LoadPlaces places(1);
    place = *places.Take(1);
    EXPECT_FALSE(places.Take(2).ok());
  }
  place.reset();
}

}  // namespace
}  // namespace sluice::rpc
