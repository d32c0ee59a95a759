// A write that asks for foreign keys to be off around its transaction: they are on again after it,
// whatever becomes of it.
#include <gtest/gtest.h>

#include "server/engine/test_member.h"
#include "server/engine/test_served.h"
#include "server/sqlite/test_fault_vfs.h"

namespace sluice::engine {
namespace {

class ApartMember : public TestMember {
 public:
  using TestMember::TestMember;
  bool alone() const override { return true; }
  bool without_foreign_keys() const override { return true; }
};

class ForeignKeysOffTest : public testing::Test {
 protected:
  ForeignKeysOffTest()
      : file_(
            "CREATE TABLE parent(a INTEGER PRIMARY KEY);\n"
            "CREATE TABLE child(a REFERENCES parent ON DELETE CASCADE);\n"
            "CREATE TABLE t(a INTEGER PRIMARY KEY ON CONFLICT ROLLBACK);\n"
            "INSERT INTO parent VALUES (1);\n"
            "INSERT INTO child VALUES (1);\n"
            "INSERT INTO t VALUES (1)") {
    connection_ = file_.Open();
  }

  bool Run(Work work, const Interrupt& interrupt = Interrupt()) {
    std::vector<PendingWrite> writes;
    answer_ = std::make_unique<Answer>();
    writes.push_back(
        {.member = std::make_unique<ApartMember>(std::move(work), answer_.get(), interrupt),
         .status = {}});
    const bool usable = WriteGroup(*connection_, nullptr).Run(writes);
    EXPECT_EQ(writes[0].member, nullptr);
    EXPECT_EQ(answer_->times, 1);
    return usable;
  }
  void ExpectForeignKeysHold() {
    EXPECT_EQ(*connection_->QueryInteger("PRAGMA foreign_keys"), 1);
    EXPECT_EQ(ReasonOf(connection_->Execute("INSERT INTO child VALUES (77)")), reason::kForeignKey);
  }

  const sqlite::TestDatabase file_;
  // Before the connection, which uses it.
  sqlite::FaultVfs disk_;
  std::unique_ptr<sqlite::Connection> connection_;
  std::unique_ptr<Answer> answer_;
};

TEST_F(ForeignKeysOffTest, AreOffOnlyDuringTheWrite) {
  EXPECT_TRUE(Run(Sql({"DELETE FROM parent"})));
  EXPECT_TRUE(answer_->ok()) << answer_->status;
  EXPECT_EQ(Ask(file_, "SELECT count(*) FROM child"), "1");
  ExpectForeignKeysHold();
}

TEST_F(ForeignKeysOffTest, AreOnAgainWhenTheWriteFails) {
  EXPECT_TRUE(Run(Sql({"DELETE FROM parent", "INSERT INTO nowhere VALUES (1)"})));
  EXPECT_TRUE(answer_->failed(reason::kSqlError)) << answer_->status;
  EXPECT_EQ(Ask(file_, "SELECT count(*) FROM parent"), "1");
  ExpectForeignKeysHold();
}

TEST_F(ForeignKeysOffTest, AreOnAgainWhenTheTransactionIsLost) {
  EXPECT_TRUE(Run(Sql({"DELETE FROM parent", "INSERT INTO t VALUES (1)"})));
  EXPECT_TRUE(answer_->failed(reason::kUnique)) << answer_->status;
  EXPECT_EQ(Ask(file_, "SELECT count(*) FROM parent"), "1");
  ExpectForeignKeysHold();
}

TEST_F(ForeignKeysOffTest, AreOnAgainWhenTheCallerIsGone) {
  EXPECT_TRUE(Run(Sql({"DELETE FROM parent"}), Interrupt(Deadline::After(absl::ZeroDuration()))));
  EXPECT_EQ(answer_->runs, 0);
  ExpectForeignKeysHold();
}

TEST_F(ForeignKeysOffTest, AreOnAgainWhenAnotherProcessHoldsTheDatabase) {
  connection_ = sqlite::Connection::Open({.path = file_.path(),
                                          .mode = sqlite::OpenOptions::Mode::kReadWrite,
                                          .busy_wait = absl::Milliseconds(1)})
                    .value();
  {
    const auto other = file_.Open();
    ASSERT_TRUE(other->Execute("BEGIN IMMEDIATE").ok());
    EXPECT_TRUE(Run(Sql({"DELETE FROM parent"})));
    EXPECT_TRUE(answer_->failed(reason::kOverloaded)) << answer_->status;
  }
  ExpectForeignKeysHold();
}

TEST_F(ForeignKeysOffTest, AreOnAgainOnTheNextConnectionWhenTheCommitFails) {
  EXPECT_FALSE(Run([&](sqlite::Connection& connection) {
    disk_.FailLogSync(1);
    return connection.Execute("DELETE FROM parent");
  }));
  EXPECT_TRUE(answer_->failed(reason::kCommitOutcomeUnknown)) << answer_->status;
  connection_ = file_.Open();
  ExpectForeignKeysHold();
}

}  // namespace
}  // namespace sluice::engine
