#include "server/engine/commit_waits.h"

#include <gtest/gtest.h>

#include <thread>

#include "server/base/error.h"
#include "server/engine/test_write.h"

namespace sluice::engine {
namespace {

constexpr char kSchema[] = "CREATE TABLE t(a)";

// A write of its own whose token it gives.
CommitToken Written(const ServedDatabase& database) {
  CollectingSink sink;
  WriteSpec spec;
  spec.success.push_back({.table = "t", .sink = &sink});
  spec.success[0].column_sets = {{"a"}};
  spec.success[0].rows.push_back({.values = {sqlite::ValueView::Integer(1)}});
  const auto outcome = WriteNow(database.served, std::move(spec));
  EXPECT_TRUE(outcome.ok()) << outcome.status();
  return ParseCommitToken(outcome->commit_token).value();
}

TEST(CommitTokenTest, IsReadAsItWasWritten) {
  const auto token = ParseCommitToken("00ff-12");
  ASSERT_TRUE(token.has_value());
  EXPECT_EQ(token->epoch, "00ff");
  EXPECT_EQ(token->sequence, 12);
  for (const char* text :
       {"", "-", "-1", "ab", "ab-", "ab--1", "ab-x", "xy-1", "ab-1-2", "ab-99999999999999999999"}) {
    EXPECT_FALSE(ParseCommitToken(text).has_value()) << text;
  }
}

TEST(CommitWaitsTest, GoOnAtOnceWhenTheCommitIsThere) {
  const ServedDatabase database(kSchema);
  CommitWaits waits(0);
  const CommitToken token = Written(database);
  EXPECT_TRUE(waits.Await(*database, token, Interrupt()).ok());
  Written(database);
  EXPECT_TRUE(waits.Await(*database, token, Interrupt()).ok());
}

TEST(CommitWaitsTest, WaitForACommitThatArrives) {
  const ServedDatabase database(kSchema);
  CommitWaits waits(1);
  CommitToken token = Written(database);
  ++token.sequence;
  absl::Status status;
  std::thread reader([&] { status = waits.Await(*database, token, Interrupt()); });
  Written(database);
  reader.join();
  EXPECT_TRUE(status.ok()) << status;
}

TEST(CommitWaitsTest, EndAtTheDeadline) {
  const ServedDatabase database(kSchema);
  CommitWaits waits(1);
  CommitToken token = Written(database);
  token.sequence += 100;
  const Interrupt interrupt(Deadline::After(absl::Milliseconds(50)), nullptr);
  const absl::Status status = waits.Await(*database, token, interrupt);
  EXPECT_EQ(ReasonOf(status), reason::kCommitNotReached) << status;
  EXPECT_GT(RetryAfterOf(status), absl::ZeroDuration());
}

TEST(CommitWaitsTest, AreBounded) {
  const ServedDatabase database(kSchema);
  CommitWaits waits(0);
  CommitToken token = Written(database);
  ++token.sequence;
  EXPECT_EQ(ReasonOf(waits.Await(*database, token, Interrupt())), reason::kCommitNotReached);
}

TEST(CommitWaitsTest, RefuseATokenOfAnotherHistory) {
  const ServedDatabase database(kSchema);
  CommitWaits waits(1);
  EXPECT_EQ(ReasonOf(waits.Await(*database, {.epoch = "00", .sequence = 1}, Interrupt())),
            reason::kOtherHistory);
  Written(database);
  EXPECT_EQ(ReasonOf(waits.Await(*database, {.epoch = "00", .sequence = 1}, Interrupt())),
            reason::kOtherHistory);
}

}  // namespace
}  // namespace sluice::engine
