#include <gtest/gtest.h>

#include "server/base/error.h"
#include "server/engine/mutation.h"
#include "server/engine/test_write.h"

namespace sluice::engine {
namespace {

using sqlite::Value;
using sqlite::ValueView;
using Kind = Mutation::Kind;
using Return = Mutation::Return;

constexpr char kSchema[] =
    "CREATE TABLE t(a INTEGER PRIMARY KEY, b TEXT, c AS (a * 2));\n"
    "CREATE TABLE pair(x TEXT COLLATE NOCASE, y, z, PRIMARY KEY (x, y)) WITHOUT ROWID;\n"
    "CREATE TABLE bare(a);\n"
    "CREATE TABLE shouts(a INTEGER PRIMARY KEY, b);\n"
    "CREATE TRIGGER s AFTER UPDATE OF b ON shouts WHEN new.b <> upper(new.b) BEGIN"
    " UPDATE shouts SET b = upper(new.b) WHERE a = new.a; END;\n"
    "CREATE TABLE kept(a INTEGER PRIMARY KEY, b);\n"
    "CREATE TRIGGER k BEFORE DELETE ON kept BEGIN SELECT RAISE(IGNORE); END;\n"
    "CREATE TABLE child(a REFERENCES t ON DELETE CASCADE);\n"
    "CREATE TABLE stays(a REFERENCES bare_key);\n"
    "CREATE TABLE bare_key(a INTEGER PRIMARY KEY);\n"
    "CREATE VIEW v AS SELECT * FROM t;\n"
    "CREATE VIRTUAL TABLE docs USING fts5(body);\n"
    "INSERT INTO t(a, b) VALUES (1, 'one'), (2, 'two'), (3, 'three');\n"
    "INSERT INTO pair VALUES ('k', 1, 'old');\n"
    "INSERT INTO bare VALUES ('x'), ('y');\n"
    "INSERT INTO shouts VALUES (1, 'A');\n"
    "INSERT INTO kept VALUES (1, 'A');\n"
    "INSERT INTO child VALUES (1), (1);\n"
    "INSERT INTO docs VALUES ('hello'), ('world');\n"
    "INSERT INTO bare_key VALUES (1);\n"
    "INSERT INTO stays VALUES (1)";

ValueView I(int64_t value) { return ValueView::Integer(value); }
ValueView T(absl::string_view value) { return ValueView::Text(value); }

RowKey Key(std::vector<ValueView> parts) {
  RowKey key;
  for (const ValueView& part : parts) key.parts.emplace_back(part);
  return key;
}

class ChangeTest : public testing::Test {
 protected:
  ChangeTest() : database_(kSchema) {}

  Mutation Change(Kind kind, absl::string_view table, std::vector<absl::string_view> columns,
                  std::vector<Mutation::Row> rows) {
    Mutation mutation{.kind = kind, .table = table, .sink = &sink_};
    mutation.column_sets = {std::move(columns)};
    mutation.rows = std::move(rows);
    return mutation;
  }
  absl::StatusOr<MutationOutcome> Update(absl::string_view table,
                                         std::vector<absl::string_view> columns,
                                         std::vector<Mutation::Row> rows) {
    return Write(Change(Kind::kUpdate, table, std::move(columns), std::move(rows)));
  }
  absl::StatusOr<MutationOutcome> Delete(absl::string_view table, std::vector<RowKey> keys,
                                         absl::string_view etag = "") {
    Mutation mutation = Change(Kind::kDelete, table, {}, {});
    for (RowKey& key : keys) mutation.rows.push_back({.key = std::move(key), .etag = etag});
    return Write(std::move(mutation));
  }
  absl::StatusOr<MutationOutcome> Write(Mutation mutation, bool continue_on_error = false) {
    WriteSpec spec;
    spec.options = {.etag_secret = kSecret, .continue_on_error = continue_on_error};
    spec.success.push_back(std::move(mutation));
    ASSIGN_OR_RETURN(WriteOutcome outcome, WriteNow(database_.served, std::move(spec)));
    return std::move(outcome.results[0]);
  }
  std::string Keys() const {
    return absl::StrJoin(sink_.keys, ";", [](std::string* out, const RowKey& key) {
      absl::StrAppend(out, TextOf(key.parts));
    });
  }
  std::string EtagNow(absl::string_view table, const RowKey& key) {
    CollectingSink sink;
    EXPECT_TRUE(ReadRow(*database_, table, key, sink).ok());
    return sink.etag;
  }

  ServedDatabase database_;
  CollectingSink sink_;
};

TEST_F(ChangeTest, UpdatesEachRowToItsOwnValues) {
  const auto outcome = Update(
      "t", {"b"},
      {{.values = {T("uno")}, .key = Key({I(1)})}, {.values = {T("dos")}, .key = Key({I(2)})}});
  ASSERT_TRUE(outcome.ok()) << outcome.status();
  EXPECT_EQ(outcome->updated_count, 2);
  EXPECT_EQ(Keys(), "1;2");
  EXPECT_EQ(Ask(database_.file, "SELECT b FROM t"), "'uno';'dos';'three'");
}

TEST_F(ChangeTest, TellsTheNewKeyOfARowWhoseKeyWasChanged) {
  Mutation mutation = Change(Kind::kUpdate, "t", {"a"}, {{.values = {I(20)}, .key = Key({I(2)})}});
  mutation.returned = Return::kRows;
  ASSERT_TRUE(Write(std::move(mutation)).ok());
  EXPECT_EQ(Keys(), "20");
  EXPECT_EQ(sink_.text(), "20,'two',40");
}

TEST_F(ChangeTest, RefusesToReturnMoreThanAnAnswerHolds) {
  const std::string large(limits::kWriteAnswerBytesMax / 2 + 1, 'x');
  Mutation one = Change(Kind::kUpdate, "t", {"b"}, {{.values = {T(large)}, .key = Key({I(1)})}});
  one.returned = Return::kRows;
  EXPECT_TRUE(Write(std::move(one)).ok());
  Mutation two = Change(
      Kind::kUpdate, "t", {"b"},
      {{.values = {T(large)}, .key = Key({I(1)})}, {.values = {T(large)}, .key = Key({I(2)})}});
  two.returned = Return::kRows;
  EXPECT_EQ(ReasonOf(Write(std::move(two)).status()), reason::kLimit);
  EXPECT_EQ(Ask(database_.file, "SELECT a, length(b) FROM t WHERE a = 2"), "2,3");
}

TEST_F(ChangeTest, UpdatesByThePrimaryKeyThatTheRowGivesItself) {
  const auto outcome = Update("pair", {"x", "y", "z"}, {{.values = {T("K"), I(1), T("new")}}});
  ASSERT_TRUE(outcome.ok()) << outcome.status();
  EXPECT_EQ(outcome->updated_count, 1);
  EXPECT_EQ(Ask(database_.file, "SELECT * FROM pair"), "'k',1,'new'");
  EXPECT_EQ(ReasonOf(Update("pair", {"x", "z"}, {{.values = {T("k"), I(1)}}}).status()),
            reason::kBadRequest);
  EXPECT_EQ(ReasonOf(Update("bare", {"a"}, {{.values = {I(1)}}}).status()), reason::kBadRequest);
  EXPECT_EQ(ReasonOf(Update("t", {"a"}, {{.values = {I(1)}}}).status()), reason::kBadRequest);
}

TEST_F(ChangeTest, WritesRowsByTheirRowid) {
  ASSERT_TRUE(Update("bare", {"a"}, {{.values = {T("z")}, .key = Key({I(2)})}}).ok());
  ASSERT_TRUE(Delete("bare", {Key({I(1)})}).ok());
  EXPECT_EQ(Ask(database_.file, "SELECT rowid, a FROM bare"), "2,'z'");
}

TEST_F(ChangeTest, LeavesNothingWhenARowIsNotThere) {
  const auto outcome = Update(
      "t", {"b"},
      {{.values = {T("uno")}, .key = Key({I(1)})}, {.values = {T("x")}, .key = Key({I(9)})}});
  EXPECT_EQ(ReasonOf(outcome.status()), reason::kNoSuchRow);
  EXPECT_EQ(MetadataOf(outcome.status(), "row"), "1");
  EXPECT_EQ(Ask(database_.file, "SELECT b FROM t WHERE a = 1"), "'one'");
  EXPECT_EQ(ReasonOf(Delete("t", {Key({I(1)}), Key({I(9)})}).status()), reason::kNoSuchRow);
  EXPECT_EQ(Ask(database_.file, "SELECT count(*) FROM t"), "3");
}

TEST_F(ChangeTest, LeavesOutRowsThatAreNotThereWhenAllowed) {
  Mutation mutation = Change(Kind::kDelete, "t", {}, {{.key = Key({I(9)})}, {.key = Key({I(2)})}});
  mutation.allow_missing = true;
  const auto outcome = Write(std::move(mutation));
  ASSERT_TRUE(outcome.ok()) << outcome.status();
  EXPECT_EQ(outcome->deleted_count, 1);
  EXPECT_EQ(outcome->ignored_count, 1);
  EXPECT_EQ(Keys(), ";2");
}

TEST_F(ChangeTest, GoesOnBehindRowsThatFailWhenAsked) {
  Mutation mutation = Change(Kind::kUpdate, "t", {"a"},
                             {{.values = {I(10)}, .key = Key({I(3)})},
                              {.values = {I(1)}, .key = Key({I(2)})},
                              {.values = {I(30)}, .key = Key({I(77)})},
                              {.values = {T("x")}, .key = Key({I(2)})},
                              {.values = {I(33)}, .key = Key({I(10)})}});
  const auto outcome = Write(std::move(mutation), /*continue_on_error=*/true);
  ASSERT_TRUE(outcome.ok()) << outcome.status();
  EXPECT_EQ(outcome->updated_count, 2);
  EXPECT_EQ(Keys(), "10;;;;33");
  std::vector<std::string> failed;
  for (const RowFailure& failure : outcome->failures) {
    failed.push_back(absl::StrCat(failure.row, " ", ReasonOf(failure.status)));
  }
  EXPECT_EQ(absl::StrJoin(failed, ", "), "1 UNIQUE, 2 NO_SUCH_ROW, 3 DATATYPE");
  EXPECT_EQ(Ask(database_.file, "SELECT group_concat(a) FROM t"), "'1,2,33'");
}

TEST_F(ChangeTest, TakesBackAnEntryThatAForeignKeyFailsAfterItWasReturned) {
  Mutation insert{.table = "child", .sink = &sink_};
  insert.column_sets = {{"a"}};
  insert.rows = {{.values = {I(99)}}, {.values = {I(2)}}};
  const auto outcome = Write(std::move(insert), /*continue_on_error=*/true);
  ASSERT_TRUE(outcome.ok()) << outcome.status();
  EXPECT_EQ(outcome->inserted_count, 1);
  EXPECT_EQ(Keys(), ";3");
  EXPECT_EQ(Ask(database_.file, "SELECT group_concat(a) FROM child"), "'1,1,2'");
}

TEST_F(ChangeTest, ChangesARowOnlyUnderItsEtag) {
  const std::string etag = EtagNow("t", Key({I(1)}));
  EXPECT_TRUE(Update("t", {"b"}, {{.values = {T("uno")}, .key = Key({I(1)}), .etag = etag}}).ok());
  const auto stale =
      Update("t", {"b"}, {{.values = {T("eins")}, .key = Key({I(1)}), .etag = etag}}).status();
  EXPECT_EQ(ReasonOf(stale), reason::kConflict);
  EXPECT_EQ(stale.code(), absl::StatusCode::kAborted);
  EXPECT_EQ(ReasonOf(Delete("t", {Key({I(1)})}, etag).status()), reason::kConflict);
  EXPECT_TRUE(Delete("t", {Key({I(1)})}, EtagNow("t", Key({I(1)}))).ok());
  EXPECT_EQ(ReasonOf(Delete("t", {Key({I(1)})}, etag).status()), reason::kNoSuchRow);
}

TEST_F(ChangeTest, AnswersTheEtagThatTheRowHasAfterItsTriggers) {
  Mutation mutation =
      Change(Kind::kUpdate, "shouts", {"b"}, {{.values = {T("quiet")}, .key = Key({I(1)})}});
  mutation.returned = Return::kRows;
  mutation.with_etag = true;
  ASSERT_TRUE(Write(std::move(mutation)).ok());
  EXPECT_EQ(sink_.text(), "1,'QUIET'");
  EXPECT_EQ(sink_.etag, EtagNow("shouts", Key({I(1)})));
}

TEST_F(ChangeTest, CountsARowThatATriggerKeepsAsIgnored) {
  const auto outcome = Delete("kept", {Key({I(1)})});
  ASSERT_TRUE(outcome.ok()) << outcome.status();
  EXPECT_EQ(outcome->deleted_count, 0);
  EXPECT_EQ(outcome->ignored_count, 1);
}

TEST_F(ChangeTest, CountsNoRowThatAForeignKeyDeletesWithAnother) {
  EXPECT_EQ(Delete("t", {Key({I(1)})})->deleted_count, 1);
  EXPECT_EQ(Ask(database_.file, "SELECT count(*) FROM child"), "0");
  EXPECT_EQ(ReasonOf(Delete("bare_key", {Key({I(1)})}).status()), reason::kForeignKey);
}

TEST_F(ChangeTest, RefusesWhatCannotBeChanged) {
  EXPECT_EQ(ReasonOf(Update("t", {"c"}, {{.values = {I(1)}, .key = Key({I(1)})}}).status()),
            reason::kReadOnly);
  EXPECT_EQ(ReasonOf(Update("t", {}, {{.key = Key({I(1)})}}).status()), reason::kBadRequest);
  EXPECT_EQ(ReasonOf(Update("v", {"b"}, {{.values = {I(1)}, .key = Key({I(1)})}}).status()),
            reason::kUnsupported);
  EXPECT_EQ(ReasonOf(Delete("v", {Key({I(1)})}).status()), reason::kUnsupported);
  EXPECT_EQ(ReasonOf(Delete("pair", {Key({T("k")})}).status()), reason::kBadRequest);
  EXPECT_EQ(ReasonOf(Delete("_sluice_commit", {Key({I(1)})}).status()), reason::kNoSuchTable);
}

TEST_F(ChangeTest, WritesAFullTextTableByItsRowid) {
  Mutation update =
      Change(Kind::kUpdate, "docs", {"body"}, {{.values = {T("bye")}, .key = Key({I(1)})}});
  update.returned = Return::kRows;
  ASSERT_TRUE(Write(std::move(update)).ok());
  EXPECT_EQ(sink_.text(), "'bye'");
  Mutation one =
      Change(Kind::kUpdate, "docs", {"body"}, {{.values = {T("again")}, .key = Key({I(1)})}});
  one.returned = Return::kRows;
  one.with_etag = true;
  ASSERT_TRUE(Write(std::move(one)).ok());
  EXPECT_EQ(sink_.text(), "'again'");
  EXPECT_EQ(sink_.etag, EtagNow("docs", Key({I(1)})));
  Mutation deletion = Change(Kind::kDelete, "docs", {}, {{.key = Key({I(2)})}});
  deletion.returned = Return::kRows;
  const auto outcome = Write(std::move(deletion));
  ASSERT_TRUE(outcome.ok()) << outcome.status();
  EXPECT_EQ(outcome->deleted_count, 1);
  EXPECT_EQ(sink_.text(), "'world'");
  EXPECT_EQ(Ask(database_.file, "SELECT body FROM docs"), "'again'");
}

}  // namespace
}  // namespace sluice::engine
