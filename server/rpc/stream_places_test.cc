#include "server/rpc/stream_places.h"

#include <gtest/gtest.h>

#include "server/base/error.h"

namespace sluice::rpc {
namespace {

TEST(StreamPlacesTest, CountsByServerDatabaseAndCaller) {
  engine::Settings settings;
  settings.ceilings.streams = 3;
  settings.databases["d"].ceilings.streams = 2;
  settings.callers["anonymous"].streams = 1;
  StreamPlaces places(&settings);
  auto first = places.Take({"d"}, "anonymous");
  ASSERT_TRUE(first.ok());
  EXPECT_EQ(ReasonOf(places.Take({"other"}, "anonymous").status()), reason::kLimit);
  auto second = places.Take({"d"}, "admin");
  ASSERT_TRUE(second.ok());
  EXPECT_EQ(ReasonOf(places.Take({"d"}, "admin").status()), reason::kLimit);
  auto third = places.Take({"other"}, "admin");
  ASSERT_TRUE(third.ok());
  EXPECT_EQ(ReasonOf(places.Take({"other"}, "admin").status()), reason::kLimit);
  first->reset();
  EXPECT_TRUE(places.Take({"d"}, "anonymous").ok());
}

TEST(StreamPlacesTest, CountsAStreamOverSeveralDatabasesForEach) {
  engine::Settings settings;
  settings.ceilings.streams = 2;
  settings.databases["b"].ceilings.streams = 1;
  StreamPlaces places(&settings);
  const auto both = places.Take({"a", "b"}, "admin");
  ASSERT_TRUE(both.ok());
  EXPECT_EQ(ReasonOf(places.Take({"b"}, "admin").status()), reason::kLimit);
  EXPECT_EQ(ReasonOf(places.Take({"a", "b"}, "admin").status()), reason::kLimit);
  EXPECT_TRUE(places.Take({"a"}, "admin").ok());
}

TEST(StreamPlacesTest, CountsNothingWhereNothingIsSaid) {
  const engine::Settings settings;
  StreamPlaces places(&settings);
  std::vector<StreamPlaces::Place> taken;
  for (int i = 0; i < 1'000; ++i) taken.push_back(*places.Take({"d"}, "anonymous"));
}

}  // namespace
}  // namespace sluice::rpc
