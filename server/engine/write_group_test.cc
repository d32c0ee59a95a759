#include "server/engine/write_group.h"

#include <gtest/gtest.h>

#include <deque>

#include "absl/time/clock.h"
#include "server/base/limits.h"
#include "server/engine/test_member.h"
#include "server/engine/test_served.h"
#include "server/sqlite/test_fault_vfs.h"
#include "server/sqlite/test_raw.h"

namespace sluice::engine {
namespace {

constexpr char kSchema[] =
    "CREATE TABLE t(a INTEGER PRIMARY KEY, b);\n"
    "CREATE TABLE breaks(a UNIQUE ON CONFLICT ROLLBACK, b UNIQUE ON CONFLICT FAIL);\n"
    "CREATE TABLE raises(how);\n"
    "CREATE TRIGGER r1 AFTER INSERT ON raises WHEN new.how = 'rollback' BEGIN"
    " SELECT RAISE(ROLLBACK, 'trigger says no'); END;\n"
    "CREATE TRIGGER r2 AFTER INSERT ON raises WHEN new.how = 'fail' BEGIN"
    " SELECT RAISE(FAIL, 'trigger says no'); END;\n"
    "CREATE TRIGGER r3 AFTER INSERT ON raises WHEN new.how = 'abort' BEGIN"
    " SELECT RAISE(ABORT, 'trigger says no'); END;\n"
    "CREATE TABLE parent(a INTEGER PRIMARY KEY);\n"
    "CREATE TABLE child(a REFERENCES parent DEFERRABLE INITIALLY DEFERRED);\n"
    "INSERT INTO breaks VALUES (1, 1)";

constexpr char kEndless[] =
    "INSERT INTO t(b) WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) "
    "SELECT i FROM n LIMIT 100000000";

class WriteGroupTest : public testing::Test {
 protected:
  WriteGroupTest() : file_(kSchema), connection_(file_.Open()) {}

  Answer& Add(Work work, const Interrupt& interrupt = Interrupt()) {
    Answer& answer = answers_.emplace_back();
    writes_.push_back({.member = std::make_unique<TestMember>(std::move(work), &answer, interrupt),
                       .status = {}});
    return answer;
  }
  Answer& AddRow(int a) {
    return Add(Sql({absl::StrCat("INSERT INTO t VALUES (", a, ", 'kept')")}));
  }
  // A write that leaves a row, had it not failed.
  Answer& AddOffender(std::string sql) {
    return Add(Sql({"INSERT INTO t VALUES (1000, 'lost')", std::move(sql)}));
  }
  bool Run() {
    const bool usable = WriteGroup(*connection_, nullptr).Run(writes_);
    for (const PendingWrite& write : writes_) EXPECT_EQ(write.member == nullptr, usable);
    writes_.clear();
    EXPECT_TRUE(connection_->autocommit());
    return usable;
  }
  std::string Rows() { return Ask(file_, "SELECT group_concat(a) FROM t"); }
  void ExpectOnlyTheOffenderFails(const std::string& sql, absl::string_view reason) {
    Answer& first = AddRow(1);
    Answer& offender = AddOffender(sql);
    Answer& last = AddRow(2);
    EXPECT_TRUE(Run());
    EXPECT_TRUE(first.ok()) << first.status;
    EXPECT_TRUE(last.ok()) << last.status;
    EXPECT_TRUE(offender.failed(reason)) << offender.times << offender.status;
    EXPECT_EQ(Rows(), "'1,2'");
    EXPECT_EQ(Ask(file_, "SELECT (SELECT count(*) FROM raises) + (SELECT count(*) FROM child)"),
              "0");
    EXPECT_EQ(Ask(file_, "SELECT * FROM breaks"), "1,1");
  }

  const sqlite::TestDatabase file_;
  std::unique_ptr<sqlite::Connection> connection_;
  std::deque<Answer> answers_;
  std::vector<PendingWrite> writes_;
};

TEST_F(WriteGroupTest, CommitsAllMembersTogetherWithOneToken) {
  Answer& first = AddRow(1);
  Answer& second = AddRow(2);
  EXPECT_TRUE(Run());
  EXPECT_TRUE(first.ok());
  EXPECT_EQ(first.token, second.token);
  Answer& third = AddRow(3);
  EXPECT_TRUE(Run());
  EXPECT_NE(third.token, first.token);
  EXPECT_EQ(Ask(file_, "SELECT lower(hex(epoch)) || '-' || seq FROM _sluice_commit"),
            absl::StrCat("'", third.token, "'"));
  EXPECT_EQ(Ask(file_, "SELECT seq FROM _sluice_commit"), "2");
}

TEST_F(WriteGroupTest, MakesTheCommitTableAtTheFirstWriteThatIsKept) {
  Answer& offender = AddOffender("INSERT INTO nowhere VALUES (1)");
  EXPECT_TRUE(Run());
  EXPECT_TRUE(offender.failed(reason::kSqlError));
  EXPECT_EQ(Ask(file_, "SELECT count(*) FROM sqlite_schema WHERE name = '_sluice_commit'"), "0");
}

TEST_F(WriteGroupTest, KeepsTheOthersWhenAMemberBreaksAConstraint) {
  ExpectOnlyTheOffenderFails("INSERT INTO t VALUES (1, 'again')", reason::kUnique);
}

TEST_F(WriteGroupTest, KeepsTheOthersWhenAConstraintRollsBackTheTransaction) {
  ExpectOnlyTheOffenderFails("INSERT INTO breaks VALUES (1, 2)", reason::kUnique);
}

TEST_F(WriteGroupTest, KeepsTheOthersWhenAConstraintLeavesHalfAStatement) {
  ExpectOnlyTheOffenderFails("INSERT INTO breaks VALUES (7, 7), (8, 1)", reason::kUnique);
}

TEST_F(WriteGroupTest, KeepsTheOthersWhenAStatementSaysOrRollback) {
  ExpectOnlyTheOffenderFails("INSERT OR ROLLBACK INTO t VALUES (1, 'again')", reason::kUnique);
}

TEST_F(WriteGroupTest, KeepsTheOthersWhenATriggerRaisesRollback) {
  ExpectOnlyTheOffenderFails("INSERT INTO raises VALUES ('rollback')", reason::kTrigger);
}

TEST_F(WriteGroupTest, KeepsTheOthersWhenATriggerRaisesFail) {
  ExpectOnlyTheOffenderFails("INSERT INTO raises VALUES ('fine'), ('fail')", reason::kTrigger);
}

TEST_F(WriteGroupTest, KeepsTheOthersWhenATriggerRaisesAbort) {
  ExpectOnlyTheOffenderFails("INSERT INTO raises VALUES ('fine'), ('abort')", reason::kTrigger);
}

TEST_F(WriteGroupTest, KeepsTheOthersWhenAMemberLeavesAForeignKeyBroken) {
  ExpectOnlyTheOffenderFails("INSERT INTO child VALUES (9)", reason::kForeignKey);
}

TEST_F(WriteGroupTest, KeepsAMemberThatMendsItsForeignKeyItself) {
  Answer& good = Add(Sql({"INSERT INTO child VALUES (9)", "INSERT INTO parent VALUES (9)"}));
  EXPECT_TRUE(Run());
  EXPECT_TRUE(good.ok()) << good.status;
}

TEST_F(WriteGroupTest, DoesNotLetALaterMemberMendAForeignKey) {
  Answer& child = Add(Sql({"INSERT INTO child VALUES (9)"}));
  Answer& parent = Add(Sql({"INSERT INTO parent VALUES (9)"}));
  EXPECT_TRUE(Run());
  EXPECT_TRUE(child.failed(reason::kForeignKey));
  EXPECT_TRUE(parent.ok());
}

TEST_F(WriteGroupTest, KeepsTheOthersWhenAMemberCommits) {
  ExpectOnlyTheOffenderFails("COMMIT", reason::kInternal);
}

TEST_F(WriteGroupTest, KeepsTheOthersWhenAMemberRollsBack) {
  ExpectOnlyTheOffenderFails("ROLLBACK", reason::kInternal);
}

TEST_F(WriteGroupTest, KeepsTheOthersWhenAMemberBeginsATransactionOfItsOwn) {
  Answer& first = AddRow(1);
  Answer& offender = Add(Sql({"ROLLBACK", "BEGIN", "INSERT INTO t VALUES (1000, 'lost')"}));
  Answer& last = AddRow(2);
  EXPECT_TRUE(Run());
  EXPECT_TRUE(first.ok()) << first.status;
  EXPECT_TRUE(last.ok()) << last.status;
  EXPECT_EQ(offender.times, 1);
  EXPECT_FALSE(offender.status.ok());
  EXPECT_EQ(Rows(), "'1,2'");
}

TEST_F(WriteGroupTest, KeepsTheOthersWhenAMemberIsCancelledWhileItRuns) {
  std::atomic<bool> cancelled{false};
  Answer& first = AddRow(1);
  Answer& offender = Add(
      [&](sqlite::Connection& connection) {
        RETURN_IF_ERROR(connection.Execute("INSERT INTO t VALUES (1000, 'lost')"));
        cancelled = true;
        return connection.Execute(kEndless);
      },
      Interrupt(Deadline::Infinite(), &cancelled));
  Answer& last = AddRow(2);
  EXPECT_TRUE(Run());
  EXPECT_TRUE(first.ok()) << first.status;
  EXPECT_TRUE(last.ok()) << last.status;
  EXPECT_TRUE(offender.failed(reason::kCancelled)) << offender.status;
  EXPECT_EQ(offender.runs, 1);
  EXPECT_EQ(Rows(), "'1,2'");
}

TEST_F(WriteGroupTest, KeepsTheOthersWhenAMembersDeadlineExpiresWhileItRuns) {
  Answer& first = AddRow(1);
  Answer& offender =
      Add(Sql({kEndless}), Interrupt(Deadline::After(absl::Milliseconds(20)), nullptr));
  Answer& last = AddRow(2);
  EXPECT_TRUE(Run());
  EXPECT_TRUE(first.ok());
  EXPECT_TRUE(last.ok());
  EXPECT_TRUE(offender.failed(reason::kDeadline)) << offender.status;
  EXPECT_EQ(Rows(), "'1,2'");
}

TEST_F(WriteGroupTest, NeverRunsAMemberWhoseCallerIsGoneBeforeItBegins) {
  const std::atomic<bool> cancelled{true};
  Answer& late = Add(Sql({"INSERT INTO t VALUES (1000, 'lost')"}),
                     Interrupt(Deadline::After(absl::ZeroDuration())));
  Answer& gone = Add(Sql({"INSERT INTO t VALUES (1001, 'lost')"}),
                     Interrupt(Deadline::Infinite(), &cancelled));
  Answer& good = AddRow(1);
  EXPECT_TRUE(Run());
  EXPECT_TRUE(late.failed(reason::kDeadline));
  EXPECT_TRUE(gone.failed(reason::kCancelled));
  EXPECT_EQ(late.runs + gone.runs, 0);
  EXPECT_TRUE(good.ok());
  EXPECT_EQ(Rows(), "'1'");
}

TEST_F(WriteGroupTest, KeepsTheOthersWhenTheDiskIsFullForOne) {
  const int64_t pages = *connection_->QueryInteger("PRAGMA page_count");
  ASSERT_TRUE(connection_->QueryInteger(absl::StrCat("PRAGMA max_page_count = ", pages + 20)).ok());
  ExpectOnlyTheOffenderFails("INSERT INTO t VALUES (1001, zeroblob(1000000))", reason::kDiskFull);
}

// FTS5 keeps what is written to it in memory until the next savepoint, or COMMIT.
TEST_F(WriteGroupTest, KeepsTheOthersWhenAFullTextIndexIsDamagedUnderOne) {
  connection_.reset();
  {
    sqlite::RawConnection damages(file_.path());
    damages.Run(
        "CREATE VIRTUAL TABLE docs USING fts5(body); INSERT INTO docs VALUES ('a');"
        "UPDATE docs_data SET block = x'00000000ff' WHERE id = 10");
  }
  connection_ = file_.Open();
  Answer& first = AddRow(1);
  Answer& offender = AddOffender("INSERT INTO docs VALUES ('lost')");
  Answer& last = AddRow(2);
  EXPECT_TRUE(Run());
  EXPECT_TRUE(first.ok()) << first.status;
  EXPECT_TRUE(last.ok()) << last.status;
  EXPECT_TRUE(offender.failed(reason::kCorrupt)) << offender.times << offender.status;
  EXPECT_EQ(Rows(), "'1,2'");
}

TEST_F(WriteGroupTest, KeepsTheOthersWhenManyMembersBreakTheTransaction) {
  std::vector<Answer*> good;
  std::vector<Answer*> bad;
  for (int i = 1; i <= 6; ++i) {
    good.push_back(&AddRow(i));
    bad.push_back(&AddOffender("INSERT INTO breaks VALUES (1, 2)"));
    bad.push_back(&AddOffender("INSERT INTO t VALUES (1, 'again')"));
  }
  EXPECT_TRUE(Run());
  for (const Answer* answer : good) EXPECT_TRUE(answer->ok()) << answer->status;
  for (const Answer* answer : bad) EXPECT_TRUE(answer->failed(reason::kUnique)) << answer->status;
  EXPECT_EQ(Rows(), "'1,2,3,4,5,6'");
}

TEST_F(WriteGroupTest, AnswersAGroupInWhichEveryMemberFails) {
  Answer& first = AddOffender("INSERT INTO breaks VALUES (1, 2)");
  Answer& second = AddOffender("INSERT INTO raises VALUES ('rollback')");
  Answer& third = AddOffender("INSERT INTO nowhere VALUES (1)");
  EXPECT_TRUE(Run());
  EXPECT_TRUE(first.failed(reason::kUnique));
  EXPECT_TRUE(second.failed(reason::kTrigger));
  EXPECT_TRUE(third.failed(reason::kSqlError));
  EXPECT_EQ(Rows(), "null");
}

TEST_F(WriteGroupTest, ResetsTheLastRowidForEveryMember) {
  std::vector<int64_t> seen;
  const auto look = [&](sqlite::Connection& connection) {
    seen.push_back(connection.last_insert_rowid());
    return connection.Execute("INSERT INTO t(b) VALUES ('kept')");
  };
  Add(look);
  Add(look);
  EXPECT_TRUE(Run());
  EXPECT_EQ(seen, (std::vector<int64_t>{0, 0}));
}

TEST_F(WriteGroupTest, EndsATransactionThatHasTakenItsTime) {
  std::vector<Answer*> answers;
  for (int i = 1; i <= 3; ++i) {
    answers.push_back(&Add([i](sqlite::Connection& connection) {
      absl::SleepFor(limits::kGroupTimeMax);
      return connection.Execute(absl::StrCat("INSERT INTO t VALUES (", i, ", 'kept')"));
    }));
  }
  EXPECT_TRUE(Run());
  EXPECT_EQ(Rows(), "'1,2,3'");
  EXPECT_EQ(Ask(file_, "SELECT seq FROM _sluice_commit"), "3");
  for (const Answer* answer : answers) EXPECT_TRUE(answer->ok() && answer->runs == 1);
}

TEST_F(WriteGroupTest, FailsEveryMemberWhenAnotherProcessHoldsTheDatabase) {
  auto opened = sqlite::Connection::Open({.path = file_.path(),
                                          .mode = sqlite::OpenOptions::Mode::kReadWrite,
                                          .busy_wait = absl::Milliseconds(30)});
  connection_ = *std::move(opened);
  const auto other = file_.Open();
  ASSERT_TRUE(other->Execute("BEGIN IMMEDIATE").ok());
  Answer& first = AddRow(1);
  Answer& second = AddRow(2);
  EXPECT_TRUE(Run());
  for (const Answer* answer : {&first, &second}) {
    EXPECT_TRUE(answer->failed(reason::kOverloaded)) << answer->status;
    EXPECT_EQ(answer->status.code(), absl::StatusCode::kUnavailable);
    EXPECT_GT(RetryAfterOf(answer->status), absl::ZeroDuration());
    EXPECT_EQ(answer->runs, 0);
  }
}

// --- a disk that fails ---

class WriteGroupFaultTest : public WriteGroupTest {
 protected:
  WriteGroupFaultTest() { connection_ = file_.Open(); }
  ~WriteGroupFaultTest() override { connection_.reset(); }

  sqlite::FaultVfs disk_;
};

TEST_F(WriteGroupFaultTest, SaysUnknownWhenTheSyncOfACommitFails) {
  AddRow(1);
  ASSERT_TRUE(Run());
  connection_ = file_.Open();
  Answer& unknown = Add([&](sqlite::Connection& connection) {
    disk_.FailLogSync(1);
    return connection.Execute("INSERT INTO t VALUES (2, 'perhaps')");
  });
  Answer& failed = AddOffender("INSERT INTO t VALUES (1, 'again')");
  WriteGroup group(*connection_, nullptr);
  EXPECT_FALSE(group.Run(writes_));
  EXPECT_EQ(disk_.failures(), 1);
  EXPECT_TRUE(unknown.failed(reason::kCommitOutcomeUnknown)) << unknown.status;
  EXPECT_EQ(unknown.status.code(), absl::StatusCode::kUnknown);
  EXPECT_TRUE(failed.failed(reason::kUnique)) << failed.status;
}

TEST_F(WriteGroupFaultTest, SaysUnknownWhenAWriteOfACommitFailsAndLeavesTheRestForAnotherTry) {
  Answer& unknown = Add([&](sqlite::Connection& connection) {
    disk_.FailLogWrite(2);
    absl::SleepFor(limits::kGroupTimeMax);
    return connection.Execute("INSERT INTO t VALUES (1, 'perhaps')");
  });
  Answer& rest = AddRow(2);
  EXPECT_FALSE(WriteGroup(*connection_, nullptr).Run(writes_));
  EXPECT_TRUE(unknown.failed(reason::kCommitOutcomeUnknown)) << unknown.status;
  EXPECT_EQ(rest.times, 0);
  ASSERT_NE(writes_[1].member, nullptr);

  connection_ = file_.Open();
  writes_.erase(writes_.begin());
  EXPECT_TRUE(Run());
  EXPECT_TRUE(rest.ok()) << rest.status;
  EXPECT_EQ(Ask(file_, "PRAGMA integrity_check"), "'ok'");
}

TEST_F(WriteGroupFaultTest, SaysDiskFullWhenACommitFindsNoRoom) {
  Answer& full = Add([&](sqlite::Connection& connection) {
    disk_.FailLogWrite(1, SQLITE_FULL);
    return connection.Execute("INSERT INTO t VALUES (1, 'lost')");
  });
  EXPECT_TRUE(Run());
  EXPECT_TRUE(full.failed(reason::kDiskFull)) << full.status;
  Answer& good = AddRow(2);
  EXPECT_TRUE(Run());
  EXPECT_TRUE(good.ok()) << good.status;
  EXPECT_EQ(Rows(), "'2'");
}

TEST_F(WriteGroupFaultTest, RunsEveryMemberAgainWhenTheDiskFailsUnderOne) {
  Answer& first = AddRow(1);
  bool failed_before = false;
  // More than the page cache holds, so that it writes before COMMIT.
  Answer& large = Add([&](sqlite::Connection& connection) {
    if (!failed_before) disk_.FailLogWrite(1);
    failed_before = true;
    return connection.Execute("INSERT INTO t VALUES (2, zeroblob(8000000))");
  });
  EXPECT_TRUE(Run());
  EXPECT_EQ(disk_.failures(), 1);
  EXPECT_TRUE(first.ok()) << first.status;
  EXPECT_TRUE(large.ok()) << large.status;
  EXPECT_EQ(large.runs, 2);
  EXPECT_EQ(Rows(), "'1,2'");
}

}  // namespace
}  // namespace sluice::engine
