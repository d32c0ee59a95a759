#include "server/base/log.h"

#include <gtest/gtest.h>

namespace sluice {
namespace {

TEST(LogTest, QuotesWhatWouldBreakALine) {
  EXPECT_EQ(FormatLogLine(LogLevel::kWarning, "file \"x\"\nrefused",
                          {{"database", "a b"}, {"size", 12}, {"empty", ""}, {"plain", "wal"}}),
            "warning \"file \\\"x\\\"\\nrefused\" database=\"a b\" size=12 empty=\"\" plain=wal");
}

TEST(LogTest, KnowsItsLevels) {
  LogLevel level = LogLevel::kInfo;
  EXPECT_TRUE(ParseLogLevel("debug", &level));
  EXPECT_EQ(level, LogLevel::kDebug);
  EXPECT_FALSE(ParseLogLevel("loud", &level));
}

}  // namespace
}  // namespace sluice
