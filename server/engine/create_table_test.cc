#include <gtest/gtest.h>

#include "absl/time/clock.h"
#include "server/base/error.h"
#include "server/engine/test_tables_changed.h"
#include "server/engine/test_write.h"

namespace sluice::engine {
namespace {

using sqlite::Value;
using sqlite::ValueView;

constexpr char kSchema[] =
    "CREATE TABLE parent(id INTEGER PRIMARY KEY, name TEXT, two, UNIQUE (name, two));\n"
    "CREATE VIEW seen AS SELECT 1 AS one;\n"
    "CREATE INDEX by_name ON parent(name);\n"
    "CREATE VIRTUAL TABLE docs USING fts5(body)";

class CreateTableTest : public testing::Test {
 protected:
  CreateTableTest() : database_(kSchema) {}

  std::string Create(TableDefinition table) {
    return Refusal(CreateNow(database_, std::move(table)));
  }
  std::string AskNow(absl::string_view sql) { return Ask(database_.file, sql); }

  ServedDatabase database_;
};

TEST_F(CreateTableTest, MakesColumnsKeysAndConstraints) {
  TableDefinition table{.name = "made"};
  table.columns = {
      {.name = "id", .type = "INTEGER"},
      {.name = "a \"b\"",
       .type = "VARCHAR(30)",
       .not_null = true,
       .default_value = Value(ValueView::Text("it's"))},
      {.name = "group", .type = "DECIMAL(10, 2)", .check = "\"group\" > 0", .collation = "NOCASE"},
      {.name = "at", .type = "TEXT", .default_expression = "CURRENT_TIMESTAMP"},
      {.name = "twice", .type = "INT", .generated_expression = "id * 2", .generated_stored = true},
      {.name = "parent", .type = "INTEGER", .unique = true}};
  table.primary_key = {"id"};
  table.autoincrement = true;
  table.foreign_keys = {{.columns = {"parent"},
                         .parent_table = "PARENT",
                         .on_delete = ReferenceAction::kCascade,
                         .deferred = true}};
  table.unique = {{"at", "group"}};
  table.checks = {"length(at) > 3"};
  const auto made = CreateNow(database_, table);
  ASSERT_TRUE(made.ok()) << made.status();
  EXPECT_TRUE(made->changed);
  EXPECT_FALSE(made->commit_token.empty());
  EXPECT_EQ(made->statements.size(), 1);
  EXPECT_EQ(AskNow("SELECT name, type, \"notnull\", dflt_value, pk, hidden FROM "
                   "pragma_table_xinfo('made')"),
            "'id','INTEGER',0,null,1,0;'a \\\"b\\\"','VARCHAR(30)',1,'\\'it\\'\\'s\\'',0,0;"
            "'group','DECIMAL(10, 2)',0,null,0,0;'at','TEXT',0,'CURRENT_TIMESTAMP',0,0;"
            "'twice','INT',0,null,0,3;'parent','INTEGER',0,null,0,0");
  EXPECT_EQ(AskNow("SELECT \"table\", on_delete FROM pragma_foreign_key_list('made')"),
            "'PARENT','CASCADE'");
  EXPECT_EQ(AskNow("SELECT sql LIKE '%DEFERRED%' AND sql LIKE '%AUTOINCREMENT%' FROM sqlite_schema "
                   "WHERE name = 'made'"),
            "1");
}

TEST_F(CreateTableTest, MakesStrictTablesWithoutRowids) {
  TableDefinition table{.name = "s",
                        .columns = {{.name = "a", .type = "ANY"}, {.name = "b", .type = "int"}},
                        .primary_key = {"b", "a"},
                        .strict = true,
                        .without_rowid = true};
  ASSERT_EQ(Create(table), "done");
  EXPECT_EQ(AskNow("SELECT wr, strict FROM pragma_table_list('s')"), "1,1");
  EXPECT_EQ(AskNow("SELECT name FROM pragma_table_info('s') ORDER BY pk"), "'b';'a'");
}

TEST_F(CreateTableTest, LearnsColumnsAndTypesFromRows) {
  CollectingSink sink;
  Mutation rows{.table = "dogs", .returned = Mutation::Return::kNone, .sink = &sink};
  rows.column_sets = {{"name", "age"}, {"AGE", "weight", "tag", "none"}};
  rows.rows = {{.columns = 0, .values = {ValueView::Text("Cleo"), ValueView::Integer(5)}},
               {.columns = 1,
                .values = {ValueView::Integer(3), ValueView::Real(1.5), ValueView::Blob("x"),
                           ValueView::Null()}},
               {.columns = 1,
                .values = {ValueView::Null(), ValueView::Integer(2), ValueView::Text("t"),
                           ValueView::Null()}}};
  CreateTableSpec spec{.table = {.name = "dogs", .primary_key = {"id"}}, .rows = rows};
  const auto made = ChangeNow(SubmitCreateTable, database_.served, std::move(spec));
  ASSERT_TRUE(made.ok()) << made.status();
  EXPECT_EQ(made->inserted_count, 3);
  EXPECT_EQ(AskNow("SELECT name || ' ' || type FROM pragma_table_info('dogs')"),
            "'id INTEGER';'age INTEGER';'name TEXT';'none ';'tag ';'weight REAL'");
  EXPECT_EQ(AskNow("SELECT id, name, weight FROM dogs"),
            "1,'Cleo',null;2,null,1.5000000000000000;"
            "3,null,2.0000000000000000");
}

TEST_F(CreateTableTest, KeepsNothingWhenARowDoesNotFit) {
  CollectingSink sink;
  Mutation rows{.table = "t", .returned = Mutation::Return::kNone, .sink = &sink};
  rows.column_sets = {{"a"}};
  rows.rows = {{.values = {ValueView::Integer(1)}}, {.values = {ValueView::Integer(1)}}};
  CreateTableSpec spec{.table = {.name = "t", .primary_key = {"a"}}, .rows = rows};
  const auto made = ChangeNow(SubmitCreateTable, database_.served, std::move(spec));
  EXPECT_EQ(Refusal(made), "UNIQUE");
  EXPECT_EQ(MetadataOf(made.status(), "row"), "1");
  EXPECT_EQ(AskNow("SELECT count(*) FROM sqlite_schema WHERE name = 't'"), "0");
}

TEST_F(CreateTableTest, KnowsNamesThatAreTaken) {
  const std::vector<ColumnDefinition> a = {{.name = "a"}};
  for (const char* name : {"parent", "PARENT", "seen", "by_name", "docs", "docs_data"}) {
    EXPECT_EQ(Create({.name = name, .columns = a}), "NAME_TAKEN") << name;
  }
  const auto create = [&](const char* name) {
    return ChangeNow(SubmitCreateTable, database_.served,
                     CreateTableSpec{.table = {.name = name, .columns = a}, .if_not_exists = true});
  };
  const auto there = create("Parent");
  ASSERT_TRUE(there.ok()) << there.status();
  EXPECT_FALSE(there->changed);
  EXPECT_EQ(AskNow("SELECT count(*) FROM pragma_table_info('parent')"), "3");
  EXPECT_EQ(Refusal(create("seen")), "NAME_TAKEN");
  EXPECT_TRUE(create("fresh")->changed);
}

TEST_F(CreateTableTest, RefusesNamesThatAreNoNames) {
  const std::vector<ColumnDefinition> a = {{.name = "a"}};
  for (const std::string& name :
       {std::string(), std::string("a\0b", 3), std::string("sqlite_x"), std::string("_SLUICE_x"),
        std::string("_litestream_seq"), std::string(2000, 'x')}) {
    EXPECT_EQ(Create({.name = name, .columns = a}), "BAD_REQUEST table") << name;
  }
  for (const std::string& name : {std::string(), std::string("\0", 1), std::string(2000, 'x')}) {
    EXPECT_EQ(Create({.name = "n", .columns = {{.name = name}}}), "BAD_REQUEST columns[0].name");
  }
  for (const char* name : {"select", "a b", "\"", "';--", "🐘", "x'y", "[z]", "a`b", "%s", "1"}) {
    EXPECT_EQ(Create({.name = name, .columns = {{.name = name}}}), "done") << name;
  }
}

TEST_F(CreateTableTest, SaysWhatIsWrongWithADefinition) {
  const auto table = [](std::vector<ColumnDefinition> columns) {
    return TableDefinition{.name = "n", .columns = std::move(columns)};
  };
  EXPECT_EQ(Create(table({})), "BAD_REQUEST columns");
  EXPECT_EQ(Create(table(std::vector<ColumnDefinition>(2001, {.name = "a"}))),
            "BAD_REQUEST columns");
  EXPECT_EQ(Create(table({{.name = "a"}, {.name = "A"}})), "BAD_REQUEST columns[1].name");
  for (const char* type : {"INT PRIMARY KEY", "INT NOT NULL", "INT)", "a(1", "a(x)", "a--", "\"a\"",
                           "a;b", "1", "a(1,2,3)", "AS", "a,b"}) {
    EXPECT_EQ(Create(table({{.name = "a", .type = type}})), "BAD_REQUEST columns[0].type") << type;
  }
  EXPECT_EQ(Create(table({{.name = "a", .collation = "UNICODE"}})),
            "BAD_REQUEST columns[0].collation");
  TableDefinition strict = table({{.name = "a", .type = "VARCHAR"}});
  strict.strict = true;
  EXPECT_EQ(Create(strict), "BAD_REQUEST columns[0].type");
  TableDefinition keyed = table({{.name = "a"}});
  keyed.primary_key = {"a", "b"};
  EXPECT_EQ(Create(keyed), "BAD_REQUEST primary_key");
  keyed.primary_key = {"a", "A"};
  EXPECT_EQ(Create(keyed), "BAD_REQUEST primary_key");
  keyed.primary_key = {"a"};
  keyed.autoincrement = true;
  EXPECT_EQ(Create(keyed), "BAD_REQUEST autoincrement");
  TableDefinition without = table({{.name = "a"}});
  without.without_rowid = true;
  EXPECT_EQ(Create(without), "BAD_REQUEST without_rowid");
  TableDefinition unique = table({{.name = "a"}});
  unique.unique = {{"b"}};
  EXPECT_EQ(Create(unique), "BAD_REQUEST unique[0].columns");
  EXPECT_EQ(Create(table({{.name = "a", .generated_stored = true}})),
            "BAD_REQUEST columns[0].generated_stored");
}

TEST_F(CreateTableTest, LooksAtExpressions) {
  const auto with_default = [&](const char* sql) {
    return Create({.name = "n", .columns = {{.name = "a", .default_expression = sql}}});
  };
  for (const char* sql : {"1); DROP TABLE parent; --", "1) CHECK (1", "(1", "'x", "1 -- x", "1;",
                          " ", "/* */ 1", "\"a"}) {
    EXPECT_EQ(with_default(sql), "BAD_REQUEST columns[0].default_expression") << sql;
  }
  for (const char* sql : {"(SELECT 1)", "b", "\"text\"", "load_extension('x')", "nonsense(1)", "?",
                          "last_insert_rowid()", "count(*)", "1, 2"}) {
    EXPECT_EQ(with_default(sql), "SQL_ERROR columns[0].default_expression") << sql;
  }
  const auto with_check = [&](const char* sql) {
    return Create({.name = "n", .columns = {{.name = "a", .check = sql}, {.name = "b"}}});
  };
  for (const char* sql :
       {"(SELECT 1)", "c > 1", "a > ?", "load_extension('x')", "max(a)",
        "EXISTS (SELECT 1 FROM parent)", "random() > 1 AND sqlite_version() > 1"}) {
    EXPECT_EQ(with_check(sql), "SQL_ERROR columns[0].check") << sql;
  }
  EXPECT_EQ(with_check("1) UNIQUE (a"), "BAD_REQUEST columns[0].check");
  EXPECT_EQ(Create({.name = "n",
                    .columns = {{.name = "a", .generated_expression = "random()"}, {.name = "b"}}}),
            "SQL_ERROR columns[0].generated_expression");
  EXPECT_EQ(with_default("unixepoch() + length('x)')"), "done");
}

TEST_F(CreateTableTest, NeverRunsAnExpression) {
  CreateTableSpec spec;
  spec.table = {.name = "n",
                .columns = {{.name = "a",
                             .default_expression =
                                 "(WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) "
                                 "SELECT count(*) FROM n)"}}};
  EXPECT_EQ(Refusal(ChangeNow(SubmitCreateTable, database_.served, std::move(spec),
                              Interrupt(Deadline::After(absl::Seconds(3))))),
            "SQL_ERROR columns[0].default_expression");
}

TEST_F(CreateTableTest, RefusesRowsOfMoreColumnsThanATableHas) {
  std::vector<std::string> names(100'000);
  CollectingSink sink;
  Mutation rows{.table = "n", .sink = &sink};
  for (size_t i = 0; i < names.size(); ++i) {
    names[i] = absl::StrCat("c", i);
    rows.column_sets.push_back({names[i]});
    rows.rows.push_back({.columns = i, .values = {ValueView::Integer(1)}});
  }
  CreateTableSpec spec{.table = {.name = "n"}, .rows = std::move(rows)};
  const absl::Time begun = absl::Now();
  EXPECT_EQ(Refusal(ChangeNow(SubmitCreateTable, database_.served, std::move(spec))),
            "BAD_REQUEST rows");
  EXPECT_LT(absl::Now() - begun, absl::Seconds(2));
}

TEST_F(CreateTableTest, BindsDefaultsAsLiterals) {
  const auto with = [&](const char* name, const ValueView& value) {
    return Create(
        {.name = name, .columns = {{.name = "a"}, {.name = "b", .default_value = Value(value)}}});
  };
  EXPECT_EQ(with("d1", ValueView::Integer(INT64_MIN)), "done");
  EXPECT_EQ(with("d2", ValueView::Text("'); DROP TABLE parent; --")), "done");
  EXPECT_EQ(with("d3", ValueView::Blob(std::string("\0\xff", 2))), "done");
  EXPECT_EQ(with("d4", ValueView::Real(-0.1)), "done");
  EXPECT_EQ(with("d5", ValueView::Real(HUGE_VAL)), "done");
  EXPECT_EQ(with("d6", ValueView::Text(std::string("a\0b", 3))),
            "BAD_REQUEST columns[1].default_value");
  for (const char* table : {"d1", "d2", "d3", "d4", "d5"}) {
    ASSERT_TRUE(InsertNow(database_.served, table, "a", 1).ok());
  }
  EXPECT_EQ(AskNow("SELECT b FROM d1"), "-9223372036854775808");
  EXPECT_EQ(AskNow("SELECT b = '''); DROP TABLE parent; --' FROM d2"), "1");
  EXPECT_EQ(AskNow("SELECT b FROM d2"), "'\\'); DROP TABLE parent; --'");
  EXPECT_EQ(AskNow("SELECT b FROM d3"), "x'00ff'");
  EXPECT_EQ(AskNow("SELECT b = -0.1 FROM d4"), "1");
  EXPECT_EQ(AskNow("SELECT b = 9e999 FROM d5"), "1");
}

TEST_F(CreateTableTest, RefersOnlyToWhatIsThere) {
  const auto refer = [&](ForeignKeyDefinition key) {
    return Create({.name = "child",
                   .columns = {{.name = "a"}, {.name = "b"}},
                   .foreign_keys = {std::move(key)}});
  };
  EXPECT_EQ(refer({.columns = {"a"}, .parent_table = "nowhere"}),
            "BAD_REQUEST foreign_keys[0].parent_table");
  for (const char* table : {"seen", "docs_data", "docs", "sqlite_schema", "_sluice_commit"}) {
    EXPECT_EQ(refer({.columns = {"a"}, .parent_table = table}),
              "BAD_REQUEST foreign_keys[0].parent_table")
        << table;
  }
  EXPECT_EQ(refer({.columns = {"x"}, .parent_table = "parent"}),
            "BAD_REQUEST foreign_keys[0].columns");
  EXPECT_EQ(refer({.columns = {}, .parent_table = "parent"}),
            "BAD_REQUEST foreign_keys[0].columns");
  EXPECT_EQ(refer({.columns = {"a", "b"}, .parent_table = "parent"}),
            "BAD_REQUEST foreign_keys[0].columns");
  EXPECT_EQ(refer({.columns = {"a"}, .parent_table = "parent", .parent_columns = {"x"}}),
            "BAD_REQUEST foreign_keys[0].parent_columns");
  EXPECT_EQ(refer({.columns = {"a"}, .parent_table = "parent", .parent_columns = {"id", "two"}}),
            "BAD_REQUEST foreign_keys[0].parent_columns");
  // Not unique.
  EXPECT_EQ(refer({.columns = {"a"}, .parent_table = "parent", .parent_columns = {"two"}}),
            "SQL_ERROR");
  EXPECT_EQ(
      refer({.columns = {"a", "b"}, .parent_table = "parent", .parent_columns = {"name", "two"}}),
      "done");
}

TEST_F(CreateTableTest, KeepsNothingOfWhatIsOnlyValidated) {
  CreateTableSpec spec{.table = {.name = "n", .columns = {{.name = "a"}}}};
  spec.options.validate_only = true;
  const auto validated = ChangeNow(SubmitCreateTable, database_.served, std::move(spec));
  ASSERT_TRUE(validated.ok()) << validated.status();
  EXPECT_EQ(validated->statements, (std::vector<std::string>{"CREATE TABLE \"n\" (\n  \"a\"\n)"}));
  EXPECT_EQ(validated->commit_token, "");
  EXPECT_EQ(AskNow("SELECT count(*) FROM sqlite_schema WHERE name = 'n'"), "0");
  EXPECT_EQ(Create({.name = "n", .columns = {{.name = "a"}}}), "done");
}

TEST_F(CreateTableTest, AnswersTheSameRequestIdAlike) {
  const auto create = [&] {
    CreateTableSpec spec{.table = {.name = "n", .columns = {{.name = "a"}}}};
    spec.options.receipt = ReceiptKey{.caller = "c", .request_id = "1", .fingerprint = "f"};
    return ChangeNow(SubmitCreateTable, database_.served, std::move(spec));
  };
  const auto first = create();
  const auto again = create();
  ASSERT_TRUE(first.ok() && again.ok()) << first.status() << again.status();
  EXPECT_EQ(again->replayed_response, "kept");
  EXPECT_EQ(again->commit_token, first->commit_token);
}

class DropTableTest : public testing::Test {
 protected:
  DropTableTest()
      : database_(
            "CREATE TABLE parent(id INTEGER PRIMARY KEY);\n"
            "CREATE TABLE child(id INTEGER PRIMARY KEY, p REFERENCES parent ON DELETE CASCADE);\n"
            "CREATE TABLE grandchild(c REFERENCES child ON DELETE SET NULL);\n"
            "CREATE TABLE free(a);\n"
            "CREATE TABLE held(id INTEGER PRIMARY KEY);\n"
            "CREATE TABLE holder(h REFERENCES held);\n"
            "CREATE TABLE viewed(a);\n"
            "CREATE VIEW seen AS SELECT a FROM viewed;\n"
            "CREATE TABLE noted(a);\n"
            "CREATE TABLE notes(a);\n"
            "CREATE TRIGGER note AFTER INSERT ON noted BEGIN INSERT INTO notes VALUES (new.a); "
            "END;\n"
            "CREATE TABLE text(body);\n"
            "CREATE VIRTUAL TABLE text_index USING fts5(body, content='text');\n"
            "CREATE VIRTUAL TABLE docs USING fts5(body);\n"
            "INSERT INTO parent VALUES (1), (2);\n"
            "INSERT INTO child VALUES (1, 1), (2, 1), (3, NULL);\n"
            "INSERT INTO grandchild VALUES (1), (3);\n"
            "INSERT INTO free VALUES (1), (2);\n"
            "INSERT INTO held VALUES (1);\n"
            "INSERT INTO holder VALUES (1), (NULL)") {}

  std::string Drop(std::string table, bool cascade = false) {
    return Refusal(DropNow(database_, std::move(table), cascade));
  }
  std::string AskNow(absl::string_view sql) { return Ask(database_.file, sql); }
  std::string Known(absl::string_view name) {
    return AskNow(absl::StrCat("SELECT count(*) FROM sqlite_schema WHERE name = '", name, "'"));
  }

  ServedDatabase database_;
};

TEST_F(DropTableTest, DropsWhatNothingNeeds) {
  const auto dropped = DropNow(database_, "FREE");
  ASSERT_TRUE(dropped.ok()) << dropped.status();
  EXPECT_EQ(dropped->row_count, 2);
  EXPECT_TRUE(dropped->effects.empty());
  EXPECT_FALSE(dropped->commit_token.empty());
  EXPECT_EQ(Known("free"), "0");
  EXPECT_EQ(Drop("seen"), "done");
  EXPECT_EQ(Drop("docs"), "done");
  EXPECT_EQ(Drop("viewed"), "done");
}

TEST_F(DropTableTest, RefusesWhileRowsReferToItAndSaysHowMany) {
  const absl::Status refused = DropNow(database_, "parent").status();
  EXPECT_EQ(refused.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(ReasonOf(refused), reason::kInUse);
  EXPECT_EQ(MetadataOf(refused, "referring_rows"), "2");
  EXPECT_EQ(MetadataOf(refused, "rows_of.child"), "2 ON DELETE CASCADE");
  EXPECT_EQ(AskNow("SELECT count(*) FROM parent"), "2");
}

TEST_F(DropTableTest, CascadesWhenAskedTo) {
  const auto dropped = DropNow(database_, "parent", /*cascade=*/true);
  ASSERT_TRUE(dropped.ok()) << dropped.status();
  ASSERT_EQ(dropped->effects.size(), 2);
  EXPECT_EQ(dropped->effects[0].table, "child");
  EXPECT_EQ(dropped->effects[0].deleted_count, 2);
  EXPECT_EQ(dropped->effects[1].table, "grandchild");
  EXPECT_EQ(dropped->effects[1].updated_count, 1);
  EXPECT_EQ(AskNow("SELECT id FROM child"), "3");
  EXPECT_EQ(AskNow("SELECT c FROM grandchild"), "null;3");
}

TEST_F(DropTableTest, NeverBreaksAKeyThatLetsNothingGo) {
  EXPECT_EQ(Drop("held"), "IN_USE");
  const absl::Status refused = DropNow(database_, "held", /*cascade=*/true).status();
  EXPECT_EQ(ReasonOf(refused), reason::kForeignKey);
  EXPECT_EQ(MetadataOf(refused, "rows_of.holder"), "1 ON DELETE NO ACTION");
  EXPECT_EQ(AskNow("SELECT count(*) FROM held"), "1");
}

TEST_F(DropTableTest, RefusesWhatViewsAndTriggersNeed) {
  const absl::Status viewed = DropNow(database_, "viewed").status();
  EXPECT_EQ(ReasonOf(viewed), reason::kInUse);
  EXPECT_EQ(MetadataOf(viewed, "needed_by"), "seen");
  EXPECT_EQ(MetadataOf(DropNow(database_, "notes").status(), "needed_by"), "noted");
  EXPECT_EQ(Drop("viewed", /*cascade=*/true), "done");
  EXPECT_EQ(Known("seen"), "1");
}

TEST_F(DropTableTest, TakesTheFullTextIndexAlong) {
  ASSERT_EQ(Drop("text"), "done");
  EXPECT_EQ(Known("text_index"), "0");
}

TEST_F(DropTableTest, DoesNotKnowHiddenTables) {
  ASSERT_TRUE(InsertNow(database_.served, "free", "a", 3).ok());
  for (const char* name : {"nowhere", "sqlite_schema", "docs_data", "_sluice_commit", ""}) {
    EXPECT_EQ(Drop(name), "NO_SUCH_TABLE") << name;
  }
  DropTableSpec spec{.table = "nowhere", .allow_missing = true};
  const auto missing = ChangeNow(SubmitDropTable, database_.served, std::move(spec));
  ASSERT_TRUE(missing.ok()) << missing.status();
  EXPECT_FALSE(missing->changed);
}

}  // namespace
}  // namespace sluice::engine
