#include "server/engine/mutation.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "absl/synchronization/blocking_counter.h"
#include "server/base/error.h"
#include "server/engine/test_member.h"
#include "server/engine/test_write.h"
#include "server/sqlite/test_raw.h"

namespace sluice::engine {
namespace {

using sqlite::ValueView;
using Return = Mutation::Return;

constexpr char kSchema[] =
    "CREATE TABLE t(a INTEGER PRIMARY KEY, b TEXT DEFAULT 'none', c, d AS (a * 2),"
    " e AS (a * 3) STORED);\n"
    "CREATE TABLE pair(x, y TEXT, z, PRIMARY KEY (y, x)) WITHOUT ROWID;\n"
    "CREATE TABLE typed(i INTEGER NOT NULL, r REAL) STRICT;\n"
    "CREATE TABLE picky(a CHECK (a > 0));\n"
    "CREATE TABLE sieve(a);\n"
    "CREATE TRIGGER s BEFORE INSERT ON sieve WHEN new.a < 0 BEGIN SELECT RAISE(IGNORE); END;\n"
    "CREATE VIEW plain AS SELECT a, b FROM t;\n"
    "CREATE VIEW door AS SELECT a, b FROM t;\n"
    "CREATE TRIGGER d INSTEAD OF INSERT ON door BEGIN"
    " INSERT INTO t(a, b) VALUES (new.a, upper(new.b)); END;\n"
    "CREATE TABLE loud(a);\n"
    "CREATE TRIGGER l BEFORE INSERT ON loud BEGIN"
    " SELECT RAISE(ABORT, replace(hex(zeroblob(10000)), '00', '\xc3\xa9')); END;\n"
    "CREATE TABLE wide(a, b, c, d, e, f, g, h);\n"
    "CREATE VIRTUAL TABLE docs USING fts5(title, body)";

class InsertTest : public testing::Test {
 protected:
  InsertTest() : database_(kSchema) {}

  using Row = Mutation::Row;
  absl::StatusOr<MutationOutcome> Insert(absl::string_view table,
                                         std::vector<std::vector<absl::string_view>> column_sets,
                                         std::vector<Row> rows, Return returned = Return::kKeys,
                                         const Interrupt& interrupt = Interrupt()) {
    sink_.Clear();
    return WriteNow(database_.served,
                    Mutation{.table = table,
                             .column_sets = std::move(column_sets),
                             .rows = std::move(rows),
                             .returned = returned,
                             .sink = &sink_},
                    interrupt);
  }
  std::string Keys() const {
    return absl::StrJoin(sink_.keys, ";", [](std::string* out, const RowKey& key) {
      absl::StrAppend(out, TextOf(key.parts));
    });
  }

  ServedDatabase database_;
  CollectingSink sink_;
};

ValueView I(int64_t value) { return ValueView::Integer(value); }
ValueView T(absl::string_view value) { return ValueView::Text(value); }

TEST_F(InsertTest, KeepsEveryStorageClassAsItWasGiven) {
  const std::string odd("a\0\xff", 3);
  const auto outcome = Insert("t", {{"a", "c"}},
                              {{0, {I(1), I(INT64_MIN)}},
                               {0, {I(2), ValueView::Real(INFINITY)}},
                               {0, {I(3), T(odd)}},
                               {0, {I(4), ValueView::Blob("")}},
                               {0, {I(5), ValueView::Null()}},
                               {0, {I(6), T("")}}},
                              Return::kRows);
  ASSERT_TRUE(outcome.ok()) << outcome.status();
  EXPECT_EQ(outcome->inserted_count, 6);
  EXPECT_EQ(Ask(database_.file, "SELECT c FROM t ORDER BY a"),
            "-9223372036854775808;inf;'a\\x00\\xff';x'';null;''");
  EXPECT_EQ(sink_.columns(), "a,b,c,d,e");
  EXPECT_EQ(sink_.rows[2], "3,'none','a\\x00\\xff',6,9");
  EXPECT_EQ(Keys(), "1;2;3;4;5;6");
}

TEST_F(InsertTest, TakesRowsWithDifferentColumnsAndFillsDefaults) {
  const auto outcome =
      Insert("T", {{"a"}, {"B", "A"}, {}}, {{0, {I(7)}}, {1, {T("x"), I(8)}}, {2, {}}});
  ASSERT_TRUE(outcome.ok()) << outcome.status();
  EXPECT_EQ(outcome->inserted_count, 3);
  EXPECT_EQ(Keys(), "7;8;9");
  EXPECT_EQ(sink_.columns(), "");
  EXPECT_EQ(sink_.rows[0], "");
  EXPECT_EQ(Ask(database_.file, "SELECT a, b FROM t ORDER BY a"), "7,'none';8,'x';9,'none'");
}

TEST_F(InsertTest, GivesNothingBackWhenNothingIsAsked) {
  const auto outcome = Insert("t", {{"a"}}, {{0, {I(1)}}, {0, {I(2)}}}, Return::kNone);
  EXPECT_EQ(outcome->inserted_count, 2);
  EXPECT_TRUE(sink_.rows.empty());
  EXPECT_EQ(sink_.times_begun, 1);
}

TEST_F(InsertTest, GivesCompoundKeysInTheKeysOrder) {
  const auto outcome =
      Insert("pair", {{"x", "y", "z"}}, {{0, {I(1), T("k"), I(9)}}}, Return::kRows);
  ASSERT_TRUE(outcome.ok()) << outcome.status();
  EXPECT_EQ(Keys(), "'k',1");
  EXPECT_EQ(sink_.text(), "1,'k',9");
}

TEST_F(InsertTest, RefusesColumnsThatCannotBeGiven) {
  const auto code = [&](std::vector<absl::string_view> columns) {
    std::vector<ValueView> values(columns.size(), I(1));
    return Insert("t", {columns}, {{0, values}}).status();
  };
  EXPECT_EQ(ReasonOf(code({"nosuch"})), reason::kBadRequest);
  EXPECT_EQ(ReasonOf(code({"a", "A"})), reason::kBadRequest);
  EXPECT_EQ(ReasonOf(code({"rowid"})), reason::kBadRequest);
  EXPECT_EQ(ReasonOf(code({"d"})), reason::kReadOnly);
  EXPECT_EQ(ReasonOf(code({"e"})), reason::kReadOnly);
  EXPECT_EQ(Ask(database_.file, "SELECT count(*) FROM t"), "0");
}

TEST_F(InsertTest, RefusesTablesThatAreNotThereOrAreHidden) {
  ASSERT_TRUE(Insert("t", {{"a"}}, {{0, {I(1)}}}).ok());
  for (const char* table : {"nosuch", "_sluice_commit", "sqlite_schema", "docs_data", ""}) {
    EXPECT_EQ(ReasonOf(Insert(table, {{"a"}}, {{0, {I(1)}}}).status()), reason::kNoSuchTable)
        << table;
  }
}

TEST_F(InsertTest, LeavesNothingWhenARowInTheMiddleFailsAndNamesIt) {
  const auto outcome =
      Insert("t", {{"a", "b"}}, {{0, {I(1), T("x")}}, {0, {I(1), T("y")}}, {0, {I(3), T("z")}}});
  EXPECT_EQ(ReasonOf(outcome.status()), reason::kUnique);
  EXPECT_EQ(MetadataOf(outcome.status(), "row"), "1");
  EXPECT_EQ(MetadataOf(outcome.status(), "columns"), "t.a");
  EXPECT_EQ(Ask(database_.file, "SELECT count(*) FROM t"), "0");
}

TEST_F(InsertTest, NamesTheRowOfEveryKindOfConstraint) {
  const auto typed = Insert("typed", {{"i"}}, {{0, {I(1)}}, {0, {T("one")}}}).status();
  EXPECT_EQ(ReasonOf(typed), reason::kDatatype);
  EXPECT_EQ(typed.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(MetadataOf(typed, "row"), "1");

  const auto missing = Insert("typed", {{"r"}}, {{0, {I(1)}}}).status();
  EXPECT_EQ(ReasonOf(missing), reason::kNotNull);
  EXPECT_EQ(MetadataOf(missing, "row"), "0");

  const auto check = Insert("picky", {{"a"}}, {{0, {I(1)}}, {0, {I(2)}}, {0, {I(0)}}}).status();
  EXPECT_EQ(ReasonOf(check), reason::kCheck);
  EXPECT_EQ(MetadataOf(check, "row"), "2");

  const auto rowid = Insert("t", {{"a"}}, {{0, {T("one")}}}).status();
  EXPECT_EQ(ReasonOf(rowid), reason::kDatatype);
  EXPECT_EQ(Ask(database_.file, "SELECT (SELECT count(*) FROM typed) + count(*) FROM picky"), "0");
}

TEST_F(InsertTest, CountsNoRowThatATriggerIgnores) {
  for (const Return returned : {Return::kNone, Return::kKeys, Return::kRows}) {
    const auto outcome = Insert("sieve", {{"a"}}, {{0, {I(1)}}, {0, {I(-1)}}}, returned);
    ASSERT_TRUE(outcome.ok()) << outcome.status();
    EXPECT_EQ(outcome->inserted_count, 1);
    EXPECT_EQ(outcome->ignored_count, 1);
    if (returned == Return::kNone) continue;
    ASSERT_EQ(sink_.rows.size(), 2u);
    EXPECT_FALSE(sink_.keys[0].parts.empty());
    EXPECT_TRUE(sink_.keys[1].parts.empty());
    EXPECT_EQ(sink_.rows[1], "-");
  }
}

TEST_F(InsertTest, WritesAViewThroughItsTriggerAndRefusesOneWithout) {
  for (const Return returned : {Return::kNone, Return::kKeys, Return::kRows}) {
    const int64_t a = 10 + static_cast<int64_t>(returned);
    const auto outcome = Insert("door", {{"a", "b"}}, {{0, {I(a), T("x")}}}, returned);
    ASSERT_TRUE(outcome.ok()) << outcome.status();
    EXPECT_EQ(outcome->inserted_count, 1);
    EXPECT_TRUE(sink_.keys.empty());
  }
  EXPECT_EQ(Ask(database_.file, "SELECT DISTINCT b FROM t"), "'X'");
  const auto refused = Insert("plain", {{"a", "b"}}, {{0, {I(1), T("x")}}}).status();
  EXPECT_EQ(ReasonOf(refused), reason::kReadOnly);
  EXPECT_EQ(refused.code(), absl::StatusCode::kFailedPrecondition);
}

TEST_F(InsertTest, WritesAFullTextTableAndReadsItsRowsBack) {
  const auto outcome =
      Insert("docs", {{"title", "body"}}, {{0, {T("a"), T("hello")}}, {0, {T("b"), T("world")}}},
             Return::kRows);
  ASSERT_TRUE(outcome.ok()) << outcome.status();
  EXPECT_EQ(outcome->inserted_count, 2);
  EXPECT_EQ(sink_.text(), "'a','hello';'b','world'");
  EXPECT_EQ(Keys(), "1;2");
  ASSERT_TRUE(Insert("docs", {{"title"}}, {{0, {T("c")}}}, Return::kKeys).ok());
  EXPECT_EQ(Keys(), "3");
  ASSERT_TRUE(Insert("docs", {{"title"}}, {{0, {T("d")}}}, Return::kNone).ok());
  EXPECT_TRUE(sink_.rows.empty());
  EXPECT_EQ(Ask(database_.file, "SELECT title FROM docs WHERE docs MATCH 'world'"), "'b'");
  EXPECT_EQ(ReasonOf(Insert("docs", {{"rank"}}, {{0, {T("x")}}}).status()), reason::kBadRequest);
}

// What waits in memory of a full-text index is written by whom it belongs to.
TEST_F(InsertTest, FailsAloneWhenAFullTextIndexIsDamaged) {
  ASSERT_TRUE(Insert("docs", {{"title"}}, {{0, {T("there")}}}).ok());
  sqlite::RawConnection(database_.file.path())
      .Run("UPDATE docs_data SET block = x'00000000ff' WHERE id = 10");
  database_.Reopen();
  Writer& writer = **database_->FindWriter();
  absl::Notification go;
  Answer blocker;
  ASSERT_TRUE(writer
                  .Submit(std::make_unique<TestMember>(
                      [&](sqlite::Connection&) {
                        go.WaitForNotification();
                        return absl::OkStatus();
                      },
                      &blocker))
                  .ok());
  absl::StatusOr<WriteOutcome> outcomes[3];
  absl::BlockingCounter answered(3);
  CollectingSink sinks[3];
  const char* const tables[] = {"sieve", "docs", "sieve"};
  for (int i = 0; i < 3; ++i) {
    WriteSpec spec;
    spec.success.push_back({.table = tables[i],
                            .column_sets = {{i == 1 ? "title" : "a"}},
                            .rows = {{0, {I(1)}}},
                            .returned = Return::kNone,
                            .sink = &sinks[i]});
    ASSERT_TRUE(SubmitWrite(database_.served, std::move(spec), Interrupt(), [&, i](auto outcome) {
                  outcomes[i] = std::move(outcome);
                  answered.DecrementCount();
                }).ok());
  }
  go.Notify();
  answered.Wait();
  EXPECT_EQ(ReasonOf(outcomes[1].status()), reason::kCorrupt) << outcomes[1].status();
  ASSERT_TRUE(outcomes[0].ok()) << outcomes[0].status();
  ASSERT_TRUE(outcomes[2].ok()) << outcomes[2].status();
  EXPECT_EQ(outcomes[0]->commit_token, outcomes[2]->commit_token);
}

TEST_F(InsertTest, CutsWhatATriggerSaysOfARow) {
  std::vector<Row> rows(40);
  for (Row& row : rows) row.values = {I(1)};
  WriteSpec spec;
  spec.options.continue_on_error = true;
  spec.success.push_back(
      {.table = "loud", .column_sets = {{"a"}}, .rows = std::move(rows), .sink = &sink_});
  const auto outcome = WriteNow(database_.served, std::move(spec));
  ASSERT_TRUE(outcome.ok()) << outcome.status();
  ASSERT_EQ(outcome->results[0].failures.size(), 40u);
  for (const RowFailure& failure : outcome->results[0].failures) {
    EXPECT_EQ(ReasonOf(failure.status), reason::kTrigger);
    EXPECT_LE(failure.status.message().size(), 1'000u);
  }
}

// Counts the statements that a connection keeps, while rows come.
class CountingSink : public CollectingSink {
 public:
  absl::Status OnRow(const RowView& row) override {
    size_t now = 0;
    for (sqlite3_stmt* each = nullptr; (each = sqlite3_next_stmt(db, each)) != nullptr;) ++now;
    most = std::max(most, now);
    return CollectingSink::OnRow(row);
  }
  sqlite3* db = nullptr;
  size_t most = 0;
};

TEST_F(InsertTest, KeepsAFewStatementsHoweverManyShapesRowsHave) {
  CountingSink sink;
  Answer found;
  absl::Notification done;
  ASSERT_TRUE((*database_->FindWriter())
                  ->Submit(std::make_unique<TestMember>(
                      [&](sqlite::Connection& connection) {
                        sink.db = connection.handle();
                        done.Notify();
                        return absl::OkStatus();
                      },
                      &found))
                  .ok());
  done.WaitForNotification();
  Mutation mutation{.table = "wide", .sink = &sink};
  const std::vector<absl::string_view> names = {"a", "b", "c", "d", "e", "f", "g", "h"};
  for (size_t set = 0; set < 256; ++set) {
    auto& columns = mutation.column_sets.emplace_back();
    Row& row = mutation.rows.emplace_back();
    row.columns = set;
    for (size_t i = 0; i < names.size(); ++i) {
      if ((set >> i & 1) == 0) continue;
      columns.push_back(names[i]);
      row.values.push_back(I(1));
    }
  }
  for (size_t i = 0; i < 10; ++i) mutation.rows.push_back(mutation.rows[i]);
  const auto outcome = WriteNow(database_.served, std::move(mutation));
  ASSERT_TRUE(outcome.ok()) << outcome.status();
  EXPECT_EQ(outcome->inserted_count, 266);
  EXPECT_LT(sink.most, 70u);
}

TEST_F(InsertTest, SeesASchemaThatAnotherConnectionHasChanged) {
  ASSERT_TRUE(Insert("sieve", {{"a"}}, {{0, {I(1)}}}, Return::kRows).ok());
  database_.file.Run("ALTER TABLE sieve ADD COLUMN b DEFAULT 'new'");
  ASSERT_TRUE(Insert("sieve", {{"a"}}, {{0, {I(2)}}}, Return::kRows).ok());
  EXPECT_EQ(sink_.columns(), "a,b");
  EXPECT_EQ(sink_.text(), "2,'new'");
  database_.file.Run("ALTER TABLE sieve DROP COLUMN b");
  EXPECT_EQ(ReasonOf(Insert("sieve", {{"b"}}, {{0, {I(2)}}}).status()), reason::kBadRequest);
}

TEST_F(InsertTest, DoesNotRunForACallerWhoIsGone) {
  const std::atomic<bool> cancelled{true};
  const auto outcome = Insert("t", {{"a"}}, {{0, {I(1)}}}, Return::kKeys,
                              Interrupt(Deadline::Infinite(), &cancelled));
  EXPECT_EQ(outcome.status().code(), absl::StatusCode::kCancelled);
  EXPECT_EQ(Ask(database_.file, "SELECT count(*) FROM t"), "0");
}

TEST_F(InsertTest, IsRefusedOnADatabaseThatIsServedReadOnly) {
  database_.Reopen(/*read_only=*/true);
  EXPECT_EQ(ReasonOf(Insert("t", {{"a"}}, {{0, {I(1)}}}).status()), reason::kReadOnly);
}

}  // namespace
}  // namespace sluice::engine
