#include "server/engine/load.h"

#include <gtest/gtest.h>

#include "absl/synchronization/notification.h"
#include "server/base/error.h"
#include "server/engine/staging_file.h"
#include "server/engine/test_write.h"

namespace sluice::engine {
namespace {

using sqlite::Value;
using sqlite::ValueView;

constexpr char kSchema[] =
    "CREATE TABLE t(a INTEGER PRIMARY KEY, b CHECK (b <> 'bad'));\n"
    "CREATE TABLE late(a, p REFERENCES t DEFERRABLE INITIALLY DEFERRED);\n"
    "CREATE TABLE loud(a);\n"
    "CREATE TRIGGER l BEFORE INSERT ON loud WHEN new.a = 7 BEGIN SELECT RAISE(ROLLBACK, 'no'); END";

class ListFeed : public RowFeed {
 public:
  explicit ListFeed(std::vector<std::vector<ValueView>> rows) : rows_(std::move(rows)) {}
  absl::Status Rewind() override {
    next_ = 0;
    return absl::OkStatus();
  }
  absl::StatusOr<bool> Next(std::vector<ValueView>* values) override {
    if (next_ == rows_.size()) return false;
    *values = rows_[next_++];
    return true;
  }
  size_t bytes() const override { return 100; }

 private:
  const std::vector<std::vector<ValueView>> rows_;
  size_t next_ = 0;
};

ValueView I(int64_t value) { return ValueView::Integer(value); }
ValueView T(absl::string_view value) { return ValueView::Text(value); }

class LoadTest : public testing::Test {
 protected:
  LoadTest() {
    spec_.mutation.table = "t";
    spec_.mutation.column_sets = {{"a", "b"}};
    spec_.mutation.returned = Mutation::Return::kNone;
    spec_.kept.receipt = ReceiptKey{.caller = "me", .request_id = "load", .fingerprint = "f"};
  }

  using Rows = std::vector<std::vector<ValueView>>;
  absl::StatusOr<LoadOutcome> Write(const LoadProgress& before, Rows rows, bool last = false) {
    absl::StatusOr<LoadOutcome> outcome = absl::UnknownError("not answered");
    absl::Notification done;
    LoadPart part{.before = before, .last = last, .failures_max = 2};
    part.rows = std::make_unique<ListFeed>(std::move(rows));
    const absl::Status queued =
        SubmitLoadPart(database_.served, std::make_shared<const LoadSpec>(spec_), std::move(part),
                       Interrupt(), [&](auto answer) {
                         outcome = std::move(answer);
                         done.Notify();
                       });
    if (!queued.ok()) return queued;
    done.WaitForNotification();
    return outcome;
  }
  LoadProgress Found() {
    const auto found = FindLoad(*database_, spec_, Interrupt());
    EXPECT_TRUE(found.ok()) << found.status();
    return *found;
  }
  std::string Ask(const char* sql) { return engine::Ask(database_.file, sql); }

  ServedDatabase database_{kSchema};
  LoadSpec spec_;
};

TEST(LoadProgressTest, IsReadAsItWasWritten) {
  const LoadProgress progress{
      .rows = 10, .inserted = 5, .updated = 2, .ignored = 2, .failed = 1, .done = true};
  const auto read = LoadProgress::Decode(progress.Encode());
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(read->Encode(), "10 5 2 2 1 1");
  EXPECT_FALSE(LoadProgress::Decode("1 2 3").has_value());
  EXPECT_FALSE(LoadProgress::Decode("1 2 3 4 5 x").has_value());
}

TEST_F(LoadTest, GoesOnWhereItStopped) {
  EXPECT_EQ(Found().rows, 0);
  const auto first = Write(Found(), {{I(1), T("x")}, {I(2), T("y")}});
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_EQ(first->progress.inserted, 2);
  EXPECT_NE(first->commit_token, "");
  EXPECT_EQ(Found().rows, 2);
  const auto last = Write(Found(), {{I(3), T("z")}}, /*last=*/true);
  ASSERT_TRUE(last.ok()) << last.status();
  EXPECT_EQ(last->progress.rows, 3);
  EXPECT_TRUE(Found().done);
  EXPECT_EQ(Ask("SELECT a FROM t"), "1;2;3");
}

TEST_F(LoadTest, AddsNoRowTwice) {
  ASSERT_TRUE(Write({}, {{I(1), T("x")}}).ok());
  const absl::Status twice = Write({}, {{I(2), T("x")}}).status();
  EXPECT_EQ(ReasonOf(twice), reason::kConflict);
  EXPECT_EQ(twice.code(), absl::StatusCode::kAborted);
  EXPECT_EQ(Ask("SELECT a FROM t"), "1");
  ASSERT_TRUE(Write(Found(), {}, /*last=*/true).ok());
  EXPECT_EQ(ReasonOf(Write(Found(), {}, /*last=*/true).status()), reason::kConflict);
  spec_.kept.receipt->fingerprint = "other";
  EXPECT_EQ(ReasonOf(FindLoad(*database_, spec_, Interrupt()).status()), reason::kRequestIdReused);
}

TEST_F(LoadTest, SaysWhenItsProgressIsForgotten) {
  ASSERT_TRUE(Write({}, {{I(1), T("x")}}).ok());
  const LoadProgress before = Found();
  database_.file.Run("DELETE FROM _sluice_receipts");
  const absl::Status status = Write(before, {{I(2), T("x")}}).status();
  EXPECT_EQ(ReasonOf(status), "LOAD_EXPIRED");
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(Ask("SELECT a FROM t"), "1");
}

TEST_F(LoadTest, KeepsNothingOfAPartWithARowThatFails) {
  ASSERT_TRUE(Write({}, {{I(1), T("x")}}).ok());
  const absl::Status status = Write(Found(), {{I(2), T("x")}, {I(3), T("bad")}}).status();
  EXPECT_EQ(ReasonOf(status), reason::kCheck);
  EXPECT_EQ(MetadataOf(status, "row"), "2");
  EXPECT_EQ(Ask("SELECT a FROM t"), "1");
  EXPECT_EQ(Found().rows, 1);
}

TEST_F(LoadTest, LeavesOutRowsThatFailWhenAsked) {
  spec_.continue_on_error = true;
  const auto outcome = Write(
      {}, {{I(1), T("x")}, {I(1), T("y")}, {I(2), T("bad")}, {T("no"), T("z")}, {I(5), T("z")}});
  ASSERT_TRUE(outcome.ok()) << outcome.status();
  EXPECT_EQ(outcome->progress.Encode(), "5 2 0 0 3 0");
  // As many as may be told.
  ASSERT_EQ(outcome->failures.size(), 2u);
  EXPECT_EQ(outcome->failures[0].row, 1u);
  EXPECT_EQ(ReasonOf(outcome->failures[0].status), reason::kUnique);
  EXPECT_EQ(MetadataOf(outcome->failures[0].status, "columns"), "t.a");
  EXPECT_EQ(ReasonOf(outcome->failures[1].status), reason::kCheck);
}

TEST_F(LoadTest, TakesAConflictPolicy) {
  ASSERT_TRUE(Write({}, {{I(1), T("x")}}).ok());
  spec_.mutation.conflict.action = ConflictPolicy::Action::kUpdate;
  const auto outcome = Write(Found(), {{I(1), T("y")}, {I(2), T("z")}});
  ASSERT_TRUE(outcome.ok()) << outcome.status();
  EXPECT_EQ(outcome->progress.Encode(), "3 2 1 0 0 0");
  EXPECT_EQ(Ask("SELECT b FROM t"), "'y';'z'");
}

TEST_F(LoadTest, IsOnlyValidatedWhenAsked) {
  spec_.atomic = true;
  spec_.kept.validate_only = true;
  const auto outcome = Write({}, {{I(1), T("x")}}, /*last=*/true);
  ASSERT_TRUE(outcome.ok()) << outcome.status();
  EXPECT_EQ(outcome->progress.inserted, 1);
  EXPECT_EQ(outcome->commit_token, "");
  EXPECT_EQ(Ask("SELECT count(*) FROM t"), "0");
  EXPECT_EQ(Found().rows, 0);
  spec_.mutation.table = "late";
  spec_.mutation.column_sets = {{"a", "p"}};
  EXPECT_EQ(ReasonOf(Write({}, {{I(1), I(77)}}, true).status()), reason::kForeignKey);
}

TEST_F(LoadTest, EndsWithARowThatEndsTheTransaction) {
  spec_.continue_on_error = true;
  spec_.mutation.table = "loud";
  spec_.mutation.column_sets = {{"a"}};
  const absl::Status status = Write({}, {{I(1)}, {I(7)}}).status();
  EXPECT_EQ(ReasonOf(status), reason::kTrigger);
  EXPECT_EQ(MetadataOf(status, "row"), "1");
  EXPECT_EQ(Ask("SELECT count(*) FROM loud"), "0");
}

TEST_F(LoadTest, RefusesWhatCannotBeWritten) {
  spec_.mutation.column_sets = {{"a", "nope"}};
  EXPECT_EQ(ReasonOf(Write({}, {{I(1), I(1)}}).status()), reason::kBadRequest);
  spec_.mutation.table = "absent";
  EXPECT_EQ(ReasonOf(Write({}, {}).status()), reason::kNoSuchTable);
  spec_.kept.durability = Durability::kReplicated;
  EXPECT_EQ(ReasonOf(FindLoad(*database_, spec_, Interrupt()).status()), reason::kNotReplicated);
}

TEST(StagingFileTest, GivesItsRecordsInOrderAndLeavesNoName) {
  const std::string folder = testing::TempDir();
  const auto file = StagingFile::Create(folder);
  ASSERT_TRUE(file.ok()) << file.status();
  const std::string big(1 << 20, 'x');
  for (const std::string& record : {std::string("one"), std::string(), big}) {
    ASSERT_TRUE((*file)->Append(record).ok());
  }
  EXPECT_EQ((*file)->bytes(), 3 + (1 << 20));
  for (int i = 0; i < 2; ++i) {
    (*file)->Rewind();
    std::string record;
    EXPECT_TRUE(*(*file)->Read(&record));
    EXPECT_EQ(record, "one");
    EXPECT_TRUE(*(*file)->Read(&record));
    EXPECT_EQ(record, "");
    EXPECT_TRUE(*(*file)->Read(&record));
    EXPECT_EQ(record, big);
    EXPECT_FALSE(*(*file)->Read(&record));
  }
  EXPECT_EQ(ReasonOf(StagingFile::Create("/no such folder").status()), reason::kNotServed);
}

}  // namespace
}  // namespace sluice::engine
