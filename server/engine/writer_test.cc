#include "server/engine/writer.h"

#include <gtest/gtest.h>

#include <deque>
#include <thread>

#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "server/base/limits.h"
#include "server/engine/test_member.h"
#include "server/engine/test_served.h"
#include "server/sqlite/test_fault_vfs.h"

namespace sluice::engine {
namespace {

class WriterTest : public testing::Test {
 protected:
  WriterTest() : file_("CREATE TABLE t(a INTEGER PRIMARY KEY, b)") {}

  void Start(absl::Duration busy_wait = limits::kBusyWaitMax) {
    auto started = Writer::Start({.path = file_.path(),
                                  .mode = sqlite::OpenOptions::Mode::kReadWrite,
                                  .busy_wait = busy_wait},
                                 metrics_.MakeDatabase("test"));
    ASSERT_TRUE(started.ok()) << started.status();
    writer_ = *std::move(started);
  }
  // The answer of a write that was taken; adds to `refused_` otherwise.
  Answer& Submit(Work work, size_t bytes = 1, uint64_t caller = 0, bool alone = false) {
    Answer& answer = answers_.emplace_back();
    const absl::Status taken = writer_->Submit(
        std::make_unique<TestMember>(std::move(work), &answer, Interrupt(), bytes, caller, alone));
    if (!taken.ok()) refused_.push_back(taken);
    return answer;
  }
  // Keeps the writer busy until `go_` is notified. Returns once it is.
  Answer& SubmitBlocker() {
    absl::Notification running;
    Answer& answer = Submit([this, &running](sqlite::Connection&) {
      running.Notify();
      go_.WaitForNotification();
      return absl::OkStatus();
    });
    running.WaitForNotification();
    return answer;
  }

  const sqlite::TestDatabase file_;
  Metrics metrics_;
  std::deque<Answer> answers_;
  std::vector<absl::Status> refused_;
  absl::Notification go_;
  std::unique_ptr<Writer> writer_;
};

Work Nothing() {
  return [](sqlite::Connection&) { return absl::OkStatus(); };
}

TEST_F(WriterTest, GroupsWhatWaitsWhileItIsBusy) {
  Start();
  Answer& blocker = SubmitBlocker();
  std::vector<Answer*> waiting;
  for (int i = 0; i < 100; ++i) waiting.push_back(&Submit(Sql({"INSERT INTO t(b) VALUES (1)"})));
  go_.Notify();
  writer_->Stop();
  EXPECT_TRUE(blocker.ok());
  for (const Answer* answer : waiting) {
    EXPECT_TRUE(answer->ok()) << answer->status;
    EXPECT_EQ(answer->token, waiting[0]->token);
  }
  EXPECT_EQ(Ask(file_, "SELECT count(*), (SELECT seq FROM _sluice_commit) FROM t"), "100,2");
}

TEST_F(WriterTest, RefusesWhatItsQueueCannotHold) {
  Start();
  SubmitBlocker();
  for (size_t i = 0; i < limits::kWriteQueueMax; ++i) Submit(Nothing());
  EXPECT_TRUE(refused_.empty());
  Answer& beyond = Submit(Nothing());
  ASSERT_EQ(refused_.size(), 1u);
  EXPECT_EQ(refused_[0].code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(ReasonOf(refused_[0]), reason::kOverloaded);
  EXPECT_GT(RetryAfterOf(refused_[0]), absl::ZeroDuration());
  go_.Notify();
  writer_->Stop();
  EXPECT_EQ(beyond.times + beyond.runs, 0);
  answers_.pop_back();
  for (const Answer& answer : answers_) EXPECT_TRUE(answer.ok());
}

TEST_F(WriterTest, RefusesBytesThatItsQueueCannotHold) {
  Start();
  SubmitBlocker();
  Submit(Nothing(), limits::kWriteQueueBytesMax - 1);
  Submit(Nothing(), 1);
  EXPECT_TRUE(refused_.empty());
  Submit(Nothing(), 1);
  ASSERT_EQ(refused_.size(), 1u);
  EXPECT_EQ(ReasonOf(refused_[0]), reason::kOverloaded);
  go_.Notify();
  writer_->Stop();
}

TEST_F(WriterTest, SplitsGroupsByTheirBytes) {
  Start();
  SubmitBlocker();
  Answer& first = Submit(Nothing(), limits::kGroupBytesMax);
  Answer& second = Submit(Nothing(), limits::kGroupBytesMax + 1);
  Answer& third = Submit(Nothing(), 1);
  go_.Notify();
  writer_->Stop();
  EXPECT_TRUE(first.ok() && second.ok() && third.ok());
  EXPECT_NE(first.token, second.token);
  EXPECT_NE(second.token, third.token);
}

TEST_F(WriterTest, GivesAMemberThatMustBeAloneACommitOfItsOwn) {
  Start();
  SubmitBlocker();
  Answer& before = Submit(Nothing());
  Answer& alone = Submit(Sql({"CREATE TABLE made(a)"}), 1, 0, /*alone=*/true);
  Answer& after = Submit(Sql({"INSERT INTO made VALUES (1)"}));
  Answer& last = Submit(Nothing());
  go_.Notify();
  writer_->Stop();
  EXPECT_TRUE(before.ok() && alone.ok() && after.ok() && last.ok());
  EXPECT_NE(before.token, alone.token);
  EXPECT_NE(alone.token, after.token);
  EXPECT_EQ(after.token, last.token);
}

TEST_F(WriterTest, TakesCallersInTurn) {
  Start();
  SubmitBlocker();
  std::string order;
  const auto note = [&order](char who) {
    return [&order, who](sqlite::Connection&) {
      order += who;
      return absl::OkStatus();
    };
  };
  for (int i = 0; i < 4; ++i) Submit(note('a'), 1, 1);
  Submit(note('b'), 1, 2);
  Submit(note('c'), 1, 3);
  go_.Notify();
  writer_->Stop();
  EXPECT_EQ(order, "abcaaa");
}

TEST_F(WriterTest, LeavesRoomForOtherCallersInAFullQueue) {
  Start();
  SubmitBlocker();
  for (size_t i = 0; i < limits::kWriteQueuePerCallerMax; ++i) Submit(Nothing(), 1, 1);
  EXPECT_TRUE(refused_.empty());
  Submit(Nothing(), 1, 1);
  ASSERT_EQ(refused_.size(), 1u);
  EXPECT_EQ(ReasonOf(refused_[0]), reason::kOverloaded);
  EXPECT_GT(RetryAfterOf(refused_[0]), absl::ZeroDuration());
  Answer& other = Submit(Nothing(), 1, 2);
  EXPECT_EQ(refused_.size(), 1u);
  go_.Notify();
  writer_->Stop();
  EXPECT_TRUE(other.ok());
}

TEST_F(WriterTest, LeavesBytesForOtherCallersInAFullQueue) {
  Start();
  SubmitBlocker();
  for (int i = 0; i < 4; ++i) Submit(Nothing(), limits::kWriteQueueBytesMax / 8, 1);
  EXPECT_TRUE(refused_.empty());
  Answer& beyond = Submit(Nothing(), 1, 1);
  Submit(Nothing(), limits::kWriteQueueBytesMax / 2, 2);
  go_.Notify();
  writer_->Stop();
  ASSERT_EQ(refused_.size(), 1u);
  EXPECT_EQ(ReasonOf(refused_[0]), reason::kOverloaded);
  EXPECT_EQ(beyond.times, 0);
  EXPECT_TRUE(answers_.back().ok()) << answers_.back().status;
}

TEST_F(WriterTest, AnswersWhatWaitsForAFileThatIsGoneWithoutWritingIt) {
  Start();
  Answer& begun = SubmitBlocker();
  Answer& queued = Submit(Sql({"INSERT INTO t(b) VALUES (1)"}));
  std::thread stopping([this] { writer_->Stop(/*keep_log=*/true); });
  do {
    Submit(Nothing());
  } while (refused_.empty() || ReasonOf(refused_.back()) != reason::kNotServed);
  go_.Notify();
  stopping.join();
  EXPECT_TRUE(begun.ok()) << begun.status;
  EXPECT_TRUE(queued.failed(reason::kNotServed)) << queued.status;
  EXPECT_EQ(Ask(file_, "SELECT count(*) FROM t"), "0");
}

TEST_F(WriterTest, FinishesWhatIsQueuedWhenItStopsAndRefusesTheRest) {
  Start();
  SubmitBlocker();
  Answer& queued = Submit(Sql({"INSERT INTO t(b) VALUES (1)"}));
  std::thread stopping([this] { writer_->Stop(); });
  // Until Stop is under way writes are taken, or refused because the queue is full.
  do {
    Submit(Nothing());
  } while (refused_.empty() || ReasonOf(refused_.back()) != reason::kNotServed);
  EXPECT_EQ(refused_.back().code(), absl::StatusCode::kUnavailable);
  go_.Notify();
  stopping.join();
  EXPECT_TRUE(queued.ok()) << queued.status;
  EXPECT_EQ(answers_.back().times, 0);
  EXPECT_EQ(Ask(file_, "SELECT count(*) FROM t"), "1");
}

TEST_F(WriterTest, AnswersOverloadedWhileAnotherProcessHoldsTheDatabase) {
  Start(absl::Milliseconds(30));
  const auto other = file_.Open();
  ASSERT_TRUE(other->Execute("BEGIN IMMEDIATE").ok());
  Answer& locked = Submit(Nothing());
  while (locked.times == 0) std::this_thread::yield();
  EXPECT_TRUE(locked.failed(reason::kOverloaded)) << locked.status;
  ASSERT_TRUE(other->Execute("ROLLBACK").ok());
  Answer& good = Submit(Nothing());
  writer_->Stop();
  EXPECT_TRUE(good.ok()) << good.status;
}

TEST_F(WriterTest, TakesWritesFromManyThreadsAndAnswersEachOnce) {
  Start();
  std::vector<std::thread> threads;
  std::vector<Answer> answers(400);
  std::atomic<int> refused{0};
  for (size_t t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (size_t i = t; i < answers.size(); i += 4) {
        auto member = std::make_unique<TestMember>(
            Sql({i % 7 == 0 ? "INSERT INTO nowhere VALUES (1)" : "INSERT INTO t(b) VALUES (1)"}),
            &answers[i]);
        if (!writer_->Submit(std::move(member)).ok()) ++refused;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  writer_->Stop();
  EXPECT_EQ(refused, 0);
  for (size_t i = 0; i < answers.size(); ++i) {
    EXPECT_TRUE(i % 7 == 0 ? answers[i].failed(reason::kSqlError) : answers[i].ok());
  }
  EXPECT_EQ(Ask(file_, "SELECT count(*) FROM t"), "342");
}

TEST_F(WriterTest, CutsTheLogWhenItStopsAndLeavesItWhenTold) {
  Start();
  const Answer& written = Submit(Sql({"INSERT INTO t(b) VALUES (zeroblob(100000))"}));
  while (written.times == 0) std::this_thread::yield();
  writer_->Stop(/*keep_log=*/true);
  EXPECT_GT(WalBytesBeside(file_.path()), 100000);
  Start();
  Submit(Sql({"INSERT INTO t(b) VALUES (1)"}));
  writer_->Stop();
  EXPECT_EQ(WalBytesBeside(file_.path()), 0);
  EXPECT_EQ(Ask(file_, "SELECT count(*) FROM t"), "2");
}

class WriterFaultTest : public WriterTest {
 protected:
  ~WriterFaultTest() override { writer_.reset(); }
  sqlite::FaultVfs disk_;
};

TEST_F(WriterFaultTest, OpensTheDatabaseAnewAfterAFailedCommitAndGoesOn) {
  Start();
  Answer& blocker = SubmitBlocker();
  Answer& unknown = Submit([this](sqlite::Connection& connection) {
    disk_.FailLogSync(1);
    absl::SleepFor(limits::kGroupTimeMax);
    return connection.Execute("INSERT INTO t VALUES (1, 'perhaps')");
  });
  Answer& next = Submit(Sql({"INSERT INTO t VALUES (2, 'kept')"}));
  go_.Notify();
  writer_->Stop();
  EXPECT_TRUE(blocker.ok());
  EXPECT_TRUE(unknown.failed(reason::kCommitOutcomeUnknown)) << unknown.status;
  EXPECT_TRUE(next.ok()) << next.status;
  EXPECT_EQ(Ask(file_, "SELECT count(*) FROM t WHERE a = 2"), "1");
  EXPECT_EQ(Ask(file_, "PRAGMA integrity_check"), "'ok'");
}

TEST_F(WriterFaultTest, TellsWhenACheckpointFailsAndMakesTheNextOneWithAnotherConnection) {
  Start();
  testing::internal::CaptureStderr();
  disk_.FailDatabaseWrite(1);
  Submit(Sql({"INSERT INTO t(b) VALUES (zeroblob(5000000))"}));
  const absl::Time end = absl::Now() + absl::Seconds(30);
  while ((disk_.failures() == 0 || WalBytesBeside(file_.path()) > 0) && absl::Now() < end) {
    absl::SleepFor(absl::Milliseconds(20));
  }
  EXPECT_EQ(disk_.failures(), 1);
  EXPECT_EQ(WalBytesBeside(file_.path()), 0);
  writer_->Stop();
  const std::string log = testing::internal::GetCapturedStderr();
  EXPECT_NE(log.find("warning \"a checkpoint failed"), std::string::npos) << log;
  EXPECT_EQ(Ask(file_, "PRAGMA integrity_check"), "'ok'");
}

}  // namespace
}  // namespace sluice::engine
