// Rows that match a filter: changed and deleted.
#include <gtest/gtest.h>

#include <limits>

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
    "CREATE TABLE t(a INTEGER PRIMARY KEY, b TEXT, n INT UNIQUE, c AS (a * 2));\n"
    "CREATE TABLE t0(a, rank);\n"
    "CREATE TABLE pair(x TEXT, y, z, PRIMARY KEY (x, y)) WITHOUT ROWID;\n"
    "CREATE TABLE kept(a INTEGER PRIMARY KEY, b);\n"
    "CREATE TRIGGER k BEFORE DELETE ON kept WHEN old.a < 2 BEGIN SELECT RAISE(IGNORE); END;\n"
    "CREATE TABLE parent(a INTEGER PRIMARY KEY);\n"
    "CREATE TABLE child(a REFERENCES parent ON DELETE CASCADE, name);\n"
    "CREATE VIEW v AS SELECT a, b FROM t;\n"
    "CREATE TRIGGER vu INSTEAD OF UPDATE ON v BEGIN"
    " UPDATE t SET b = new.b || '!' WHERE a = old.a; END;\n"
    "CREATE VIEW closed AS SELECT a FROM t;\n"
    "CREATE VIRTUAL TABLE docs USING fts5(body);\n"
    "INSERT INTO t(a, b, n) VALUES (1, 'one', 1), (2, 'two', 2), (3, 'three', 3);\n"
    "INSERT INTO t0 VALUES (1, 1), (2, 2);\n"
    "INSERT INTO pair VALUES ('k', 1, 'old'), ('k', 2, 'old'), ('l', 1, 'old');\n"
    "INSERT INTO kept VALUES (1, 'x'), (2, 'x'), (3, 'x');\n"
    "INSERT INTO parent VALUES (1), (2), (3);\n"
    "INSERT INTO child VALUES (1, 'ada'), (1, 'bob'), (2, 'bob');\n"
    "INSERT INTO docs VALUES ('hello'), ('world'), ('hello again')";

ValueView I(int64_t value) { return ValueView::Integer(value); }
ValueView T(absl::string_view value) { return ValueView::Text(value); }

Filter Compare(const char* column, Filter::Comparison comparison, const ValueView& value) {
  Filter filter{.kind = Filter::Kind::kCompare, .comparison = comparison, .column = column};
  filter.values.emplace_back(value);
  return filter;
}
Filter Above(const char* column, int64_t value) {
  return Compare(column, Filter::Comparison::kGreater, I(value));
}

class ChangeMatchingTest : public testing::Test {
 protected:
  Mutation Deletion(absl::string_view table, std::optional<Filter> filter,
                    int64_t rows_max = 10'000) {
    Mutation mutation{.kind = Kind::kDelete, .table = table, .sink = &sink_};
    mutation.matching = {.filter = std::move(filter), .rows_max = rows_max};
    return mutation;
  }
  Mutation Change(absl::string_view table, std::optional<Filter> filter,
                  std::vector<absl::string_view> columns, std::vector<ValueView> values) {
    Mutation mutation = Deletion(table, std::move(filter));
    mutation.kind = Kind::kUpdate;
    mutation.column_sets = {std::move(columns)};
    mutation.rows.push_back({.values = std::move(values)});
    return mutation;
  }
  absl::StatusOr<MutationOutcome> Write(Mutation mutation) {
    return WriteNow(database_.served, std::move(mutation));
  }
  std::string Ask(const char* sql) { return engine::Ask(database_.file, sql); }
  std::string Keys() const {
    return absl::StrJoin(sink_.keys, ";", [](std::string* out, const RowKey& key) {
      absl::StrAppend(out, TextOf(key.parts));
    });
  }

  ServedDatabase database_{kSchema};
  CollectingSink sink_;
};

TEST_F(ChangeMatchingTest, UpdatesTheRowsThatMatchAndTellsTheirKeys) {
  const auto outcome = Write(Change("t", Above("n", 1), {"b"}, {T("many")}));
  ASSERT_TRUE(outcome.ok()) << outcome.status();
  EXPECT_EQ(outcome->updated_count, 2);
  EXPECT_EQ(outcome->ignored_count, 0);
  EXPECT_EQ(Keys(), "2;3");
  EXPECT_EQ(Ask("SELECT b FROM t"), "'one';'many';'many'");
}

TEST_F(ChangeMatchingTest, ChangesWhatItFiltersBy) {
  Mutation mutation =
      Change("pair", Compare("x", Filter::Comparison::kEqual, T("k")), {"x"}, {T("m")});
  mutation.returned = Return::kRows;
  const auto outcome = Write(std::move(mutation));
  ASSERT_TRUE(outcome.ok()) << outcome.status();
  EXPECT_EQ(outcome->updated_count, 2);
  EXPECT_EQ(Keys(), "'m',1;'m',2");
  EXPECT_EQ(sink_.text(), "'m',1,'old';'m',2,'old'");
}

TEST_F(ChangeMatchingTest, DeletesTheRowsThatMatchAndTellsWhatTheyWere) {
  Mutation mutation = Deletion("t", Above("a", 2));
  mutation.returned = Return::kRows;
  const auto outcome = Write(std::move(mutation));
  ASSERT_TRUE(outcome.ok()) << outcome.status();
  EXPECT_EQ(outcome->deleted_count, 1);
  EXPECT_EQ(sink_.text(), "3,'three',3,6");
  EXPECT_EQ(Ask("SELECT a FROM t"), "1;2");
}

TEST_F(ChangeMatchingTest, ChangesNothingWhenMoreRowsMatchThanMay) {
  for (const auto& filter : {std::optional<Filter>(Above("a", 0)), std::optional<Filter>()}) {
    const absl::Status status = Write(Deletion("t", filter, 2)).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted);
    EXPECT_EQ(ReasonOf(status), reason::kLimit);
    EXPECT_EQ(MetadataOf(status, "limit"), "2");
  }
  EXPECT_EQ(Ask("SELECT count(*) FROM t"), "3");
  EXPECT_TRUE(Write(Deletion("t", Above("a", 1), 2)).ok());
}

TEST_F(ChangeMatchingTest, TakesEveryRowWithoutAFilterOrALimit) {
  Mutation mutation = Deletion("t", std::nullopt, std::numeric_limits<int64_t>::max());
  mutation.returned = Return::kNone;
  EXPECT_EQ(Write(std::move(mutation))->deleted_count, 3);
  EXPECT_EQ(Write(Deletion("t", std::nullopt))->deleted_count, 0);
  EXPECT_EQ(Write(Change("t0", std::nullopt, {"rank"}, {I(5)}))->updated_count, 2);
  EXPECT_EQ(Ask("SELECT * FROM t0"), "1,5;2,5");
}

TEST_F(ChangeMatchingTest, FindsRowsThroughAnotherTable) {
  Filter through{.kind = Filter::Kind::kThrough, .table = "child"};
  through.parts.push_back(Compare("name", Filter::Comparison::kEqual, T("bob")));
  const auto outcome = Write(Deletion("parent", std::move(through)));
  ASSERT_TRUE(outcome.ok()) << outcome.status();
  EXPECT_EQ(outcome->deleted_count, 2);
  EXPECT_EQ(Ask("SELECT a FROM parent"), "3");
  EXPECT_EQ(Ask("SELECT count(*) FROM child"), "0");
}

TEST_F(ChangeMatchingTest, CountsRowsThatATriggerKeepsAsIgnored) {
  const auto outcome = Write(Deletion("kept", std::nullopt));
  ASSERT_TRUE(outcome.ok()) << outcome.status();
  EXPECT_EQ(outcome->deleted_count, 2);
  EXPECT_EQ(outcome->ignored_count, 1);
  EXPECT_EQ(Keys(), "2;3");
}

TEST_F(ChangeMatchingTest, ChangesAllOrNone) {
  const absl::Status clash = Write(Change("t", std::nullopt, {"n"}, {I(9)})).status();
  EXPECT_EQ(ReasonOf(clash), reason::kUnique);
  EXPECT_EQ(MetadataOf(clash, "columns"), "t.n");
  EXPECT_EQ(Ask("SELECT n FROM t"), "1;2;3");
}

TEST_F(ChangeMatchingTest, WritesViewsByTheirTriggers) {
  const auto outcome = Write(Change("v", Above("a", 1), {"b"}, {T("x")}));
  ASSERT_TRUE(outcome.ok()) << outcome.status();
  EXPECT_EQ(outcome->updated_count, 2);
  EXPECT_EQ(Ask("SELECT b FROM t"), "'one';'x!';'x!'");
  EXPECT_EQ(ReasonOf(Write(Deletion("closed", Above("a", 1))).status()), reason::kReadOnly);
}

TEST_F(ChangeMatchingTest, WritesFullTextTables) {
  Filter filter{.kind = Filter::Kind::kStartsWith, .column = "body"};
  filter.values.emplace_back(T("hello"));
  Mutation update = Change("docs", filter, {"body"}, {T("hello you")});
  update.returned = Return::kRows;
  const auto updated = Write(std::move(update));
  ASSERT_TRUE(updated.ok()) << updated.status();
  EXPECT_EQ(updated->updated_count, 2);
  EXPECT_EQ(sink_.text(), "'hello you';'hello you'");
  Mutation deletion = Deletion("docs", filter);
  deletion.returned = Return::kNone;
  EXPECT_EQ(Write(std::move(deletion))->deleted_count, 2);
  EXPECT_EQ(Ask("SELECT body FROM docs"), "'world'");
}

TEST_F(ChangeMatchingTest, RefusesWhatIsNotThere) {
  EXPECT_EQ(ReasonOf(Write(Deletion("t", Above("x", 1))).status()), reason::kBadRequest);
  EXPECT_EQ(ReasonOf(Write(Change("t", Above("a", 1), {"x"}, {I(1)})).status()),
            reason::kBadRequest);
  EXPECT_EQ(ReasonOf(Write(Change("t", Above("a", 1), {"c"}, {I(1)})).status()), reason::kReadOnly);
  EXPECT_EQ(ReasonOf(Write(Change("t", Above("a", 1), {}, {})).status()), reason::kBadRequest);
  EXPECT_EQ(ReasonOf(Write(Deletion("_sluice_commit", std::nullopt)).status()),
            reason::kNoSuchTable);
}

}  // namespace
}  // namespace sluice::engine
