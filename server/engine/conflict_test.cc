#include <gtest/gtest.h>

#include "server/base/error.h"
#include "server/engine/mutation.h"
#include "server/engine/test_write.h"

namespace sluice::engine {
namespace {

using sqlite::ValueView;
using Action = ConflictPolicy::Action;
using Return = Mutation::Return;

constexpr char kSchema[] =
    "CREATE TABLE t(a INTEGER PRIMARY KEY, b TEXT UNIQUE, c INTEGER DEFAULT 7, d AS (a * 2));\n"
    "CREATE TABLE pair(x TEXT COLLATE NOCASE, y, z, PRIMARY KEY (x, y)) WITHOUT ROWID;\n"
    "CREATE TABLE bare(a);\n"
    "CREATE TABLE log(what);\n"
    "CREATE TABLE strict_one(a INTEGER PRIMARY KEY, b INTEGER NOT NULL DEFAULT 5) STRICT;\n"
    "CREATE TRIGGER u AFTER UPDATE ON t BEGIN INSERT INTO log VALUES ('update'); END;\n"
    "CREATE TABLE child(a REFERENCES t ON DELETE CASCADE);\n"
    "CREATE VIEW v AS SELECT a FROM t;\n"
    "CREATE VIRTUAL TABLE docs USING fts5(body);\n"
    "INSERT INTO t(a, b) VALUES (1, 'one'), (2, 'two');\n"
    "INSERT INTO child VALUES (1);\n"
    "INSERT INTO pair VALUES ('k', 1, 'old')";

ValueView I(int64_t value) { return ValueView::Integer(value); }
ValueView T(absl::string_view value) { return ValueView::Text(value); }

class ConflictTest : public testing::Test {
 protected:
  ConflictTest() : database_(kSchema) {}

  Mutation Insert(absl::string_view table, std::vector<absl::string_view> columns,
                  std::vector<std::vector<ValueView>> rows, ConflictPolicy conflict) {
    Mutation mutation{.table = table, .sink = &sink_};
    mutation.column_sets = {std::move(columns)};
    for (auto& values : rows) mutation.rows.push_back({.values = std::move(values)});
    mutation.conflict = std::move(conflict);
    return mutation;
  }
  Mutation Upsert(absl::string_view table, std::vector<absl::string_view> columns,
                  std::vector<std::vector<ValueView>> rows) {
    Mutation mutation =
        Insert(table, std::move(columns), std::move(rows), {.action = Action::kUpdate});
    mutation.whole_target = true;
    return mutation;
  }
  absl::StatusOr<MutationOutcome> Write(Mutation mutation) {
    return WriteNow(database_.served, std::move(mutation));
  }
  std::string Counts(const absl::StatusOr<MutationOutcome>& outcome) {
    if (!outcome.ok()) return outcome.status().ToString();
    return absl::StrCat(outcome->inserted_count, " ", outcome->updated_count, " ",
                        outcome->ignored_count);
  }
  std::string Keys() const {
    return absl::StrJoin(sink_.keys, ";", [](std::string* out, const RowKey& key) {
      absl::StrAppend(out, TextOf(key.parts));
    });
  }
  std::string Rows() { return Ask(database_.file, "SELECT a, b, c FROM t ORDER BY a"); }

  ServedDatabase database_;
  CollectingSink sink_;
};

TEST_F(ConflictTest, IgnoresRowsThatClashAndTellsTheirPlaces) {
  const auto rows = [] {
    return std::vector<std::vector<ValueView>>{{I(1), T("x")}, {I(3), T("two")}, {I(4), T("four")}};
  };
  EXPECT_EQ(Counts(Write(Insert("t", {"a", "b"}, rows(), {.action = Action::kIgnore}))), "1 0 2");
  EXPECT_EQ(Keys(), ";;4");
  EXPECT_EQ(Rows(), "1,'one',7;2,'two',7;4,'four',7");
}

TEST_F(ConflictTest, IgnoresOnlyTheConstraintThatIsNamed) {
  const ConflictPolicy by_key{.action = Action::kIgnore, .target = {"a"}};
  EXPECT_EQ(Counts(Write(Insert("t", {"a", "b"}, {{I(1), T("x")}}, by_key))), "0 0 1");
  const auto clash = Write(Insert("t", {"a", "b"}, {{I(3), T("two")}}, by_key)).status();
  EXPECT_EQ(ReasonOf(clash), reason::kUnique);
  EXPECT_EQ(MetadataOf(clash, "columns"), "t.b");
  // Other constraints are never ignored.
  const auto null = Write(Insert("strict_one", {"a", "b"}, {{I(1), ValueView::Null()}},
                                 {.action = Action::kIgnore}))
                        .status();
  EXPECT_EQ(ReasonOf(null), reason::kNotNull);
}

TEST_F(ConflictTest, ReplacesEveryRowThatClashes) {
  EXPECT_EQ(
      Counts(Write(Insert("t", {"a", "b"}, {{I(1), T("two")}}, {.action = Action::kReplace}))),
      "1 0 0");
  EXPECT_EQ(Rows(), "1,'two',7");
  // As for a deletion.
  EXPECT_EQ(Ask(database_.file, "SELECT count(*) FROM child"), "0");
}

TEST_F(ConflictTest, UpdatesTheColumnsThatAreNamed) {
  const ConflictPolicy by_b{.action = Action::kUpdate, .target = {"B"}, .update_columns = {"c"}};
  EXPECT_EQ(Counts(Write(Insert("t", {"a", "b", "c"},
                                {{I(8), T("two"), I(20)}, {I(9), T("nine"), I(90)}}, by_b))),
            "1 1 0");
  EXPECT_EQ(Keys(), "2;9");
  EXPECT_EQ(Rows(), "1,'one',7;2,'two',20;9,'nine',90");
}

TEST_F(ConflictTest, UpsertsByThePrimaryKeyAndKeepsWhatIsNotGiven) {
  EXPECT_EQ(Counts(Write(Upsert("t", {"a", "c"}, {{I(1), I(10)}, {I(5), I(50)}}))), "1 1 0");
  EXPECT_EQ(Rows(), "1,'one',10;2,'two',7;5,null,50");
  EXPECT_EQ(Keys(), "1;5");
  EXPECT_EQ(Ask(database_.file, "SELECT count(*) FROM log"), "1");
  // A child is not touched by an update.
  EXPECT_EQ(Ask(database_.file, "SELECT count(*) FROM child"), "1");
}

TEST_F(ConflictTest, UpsertsWithoutRowidUnderTheKeysCollation) {
  EXPECT_EQ(Counts(Write(Upsert("pair", {"x", "y", "z"},
                                {{T("K"), I(1), T("new")}, {T("m"), I(1), T("m")}}))),
            "1 1 0");
  EXPECT_EQ(Ask(database_.file, "SELECT * FROM pair"), "'k',1,'new';'m',1,'m'");
}

TEST_F(ConflictTest, UpsertsARowThatGivesItsKeyOnly) {
  Mutation upsert = Upsert("t", {"a"}, {{I(1)}, {I(6)}});
  upsert.returned = Return::kRows;
  EXPECT_EQ(Counts(Write(std::move(upsert))), "1 1 0");
  EXPECT_EQ(sink_.text(), "1,'one',7,2;6,null,7,12");
}

TEST_F(ConflictTest, TellsTheSameRowTwiceInABatch) {
  EXPECT_EQ(Counts(Write(Upsert("t", {"a", "c"}, {{I(5), I(1)}, {I(5), I(2)}}))), "1 1 0");
  EXPECT_EQ(Ask(database_.file, "SELECT c FROM t WHERE a = 5"), "2");
}

TEST_F(ConflictTest, RefusesAnUpsertThatDoesNotGiveItsWholeKey) {
  for (const auto& [columns, values] :
       std::vector<std::pair<std::vector<absl::string_view>, std::vector<ValueView>>>{
           {{"x", "z"}, {T("k"), I(1)}}, {{"x", "y"}, {T("k"), ValueView::Null()}}}) {
    const auto status = Write(Upsert("pair", columns, {values})).status();
    EXPECT_EQ(ReasonOf(status), reason::kBadRequest) << status;
    EXPECT_EQ(MetadataOf(status, "row"), "0");
  }
}

TEST_F(ConflictTest, RefusesConflictsWhereNoneCanBe) {
  EXPECT_EQ(ReasonOf(Write(Upsert("bare", {"a"}, {{I(1)}})).status()), reason::kUnsupported);
  EXPECT_EQ(ReasonOf(Write(Upsert("v", {"a"}, {{I(1)}})).status()), reason::kUnsupported);
  EXPECT_EQ(ReasonOf(Write(Upsert("docs", {"body"}, {{T("x")}})).status()), reason::kUnsupported);
  const auto no_column =
      Write(Insert("t", {"a"}, {{I(1)}}, {.action = Action::kIgnore, .target = {"zzz"}})).status();
  EXPECT_EQ(ReasonOf(no_column), reason::kBadRequest);
  // SQLite's own words: the columns are those of no constraint.
  const auto no_constraint =
      Write(Insert("t", {"a"}, {{I(1)}}, {.action = Action::kIgnore, .target = {"c"}})).status();
  EXPECT_EQ(no_constraint.code(), absl::StatusCode::kInvalidArgument);
}

TEST_F(ConflictTest, FillsMissingColumnsWithNullWhenAsked) {
  Mutation insert = Insert("t", {"b"}, {{T("x")}}, {});
  insert.missing_is_null = true;
  EXPECT_EQ(Counts(Write(std::move(insert))), "1 0 0");
  EXPECT_EQ(Ask(database_.file, "SELECT a, c FROM t WHERE b = 'x'"), "3,null");

  Mutation upsert = Upsert("t", {"a"}, {{I(1)}});
  upsert.missing_is_null = true;
  EXPECT_EQ(Counts(Write(std::move(upsert))), "0 1 0");
  EXPECT_EQ(Ask(database_.file, "SELECT * FROM t WHERE a = 1"), "1,null,null,2");
}

}  // namespace
}  // namespace sluice::engine
