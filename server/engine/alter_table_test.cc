#include <gtest/gtest.h>

#include "server/base/error.h"
#include "server/engine/test_tables_changed.h"
#include "server/engine/test_write.h"
#include "server/sqlite/test_raw.h"

namespace sluice::engine {
namespace {

using sqlite::Value;
using sqlite::ValueView;

constexpr char kSchema[] =
    "CREATE TABLE other(id INTEGER PRIMARY KEY, code TEXT UNIQUE);\n"
    "CREATE TABLE t(\n"
    "  id INTEGER PRIMARY KEY AUTOINCREMENT, -- the key\n"
    "  a TEXT CONSTRAINT a_is CHECK (a <> 'no') COLLATE NOCASE DEFAULT ('x' || 'y'),\n"
    "  b VARCHAR(10) NOT NULL ON CONFLICT IGNORE DEFAULT -1.5e-3,\n"
    "  c REFERENCES other ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED,\n"
    "  d UNIQUE,\n"
    "  \"e,(\" AS (b || ')') VIRTUAL /* made */,\n"
    "  CONSTRAINT both UNIQUE (a, b) CHECK (length(b) < 9)\n"
    ");\n"
    "CREATE INDEX t_b ON t(b) WHERE a IS NOT NULL;\n"
    "CREATE UNIQUE INDEX t_expression ON t(lower(d));\n"
    "CREATE TABLE log(what);\n"
    "CREATE TRIGGER t_log AFTER UPDATE OF b ON t BEGIN INSERT INTO log VALUES (new.b); END;\n"
    "CREATE VIEW v AS SELECT id, b FROM t;\n"
    "CREATE TABLE child(x REFERENCES t ON DELETE CASCADE, y);\n"
    "CREATE TRIGGER child_log AFTER INSERT ON child BEGIN UPDATE t SET b = 'c' WHERE id = new.x; "
    "END;\n"
    "CREATE TABLE plain(a, b);\n"
    "CREATE TABLE pair(x TEXT, y INT, z, PRIMARY KEY (x, y)) WITHOUT ROWID;\n"
    "CREATE TABLE strict(a TEXT, b ANY) STRICT;\n"
    "CREATE VIRTUAL TABLE docs USING fts5(body);\n"
    "INSERT INTO other VALUES (1, 'one'), (2, 'two');\n"
    "INSERT INTO t(id, a, b, c, d) VALUES (1, 'A', '10', 1, 'p'), (5, NULL, '2x', 2, 'q'),"
    " (9, 'z', '3', NULL, 'r');\n"
    "DELETE FROM t WHERE id = 9;\n"
    "INSERT INTO child VALUES (1, 1), (5, 2), (5, 3);\n"
    "DELETE FROM log;\n"
    "UPDATE t SET b = '10' WHERE id = 1;\n"
    "UPDATE t SET b = '2x' WHERE id = 5;\n"
    "DELETE FROM log;\n"
    "INSERT INTO plain(rowid, a, b) VALUES (3, 1, 'x'), (7, '2', NULL);\n"
    "INSERT INTO pair VALUES ('k', 1, 'z'), ('k', 2, NULL);\n"
    "INSERT INTO strict VALUES ('1', 1), ('x', 'y')";

// Everything about the database that an alteration must leave alone.
constexpr char kState[] =
    "SELECT group_concat(type || ' ' || name || ' ' || coalesce(sql, '')) FROM "
    "(SELECT * FROM sqlite_schema WHERE name NOT LIKE '\\_sluice%' ESCAPE '\\' ORDER BY name)";

class AlterTableTest : public testing::Test {
 protected:
  AlterTableTest() : database_(kSchema) {}

  absl::StatusOr<TableOutcome> Alter(std::string table, std::vector<TableChange> changes) {
    return AlterNow(database_, std::move(table), std::move(changes));
  }
  std::string Try(std::string table, std::vector<TableChange> changes) {
    return Refusal(Alter(std::move(table), std::move(changes)));
  }
  std::string AskNow(absl::string_view sql) { return Ask(database_.file, sql); }
  std::string Columns(absl::string_view table) {
    return AskNow(absl::StrCat("SELECT name || ' ' || type FROM pragma_table_info('", table, "')"));
  }
  // Foreign keys hold, as they do when nothing was altered.
  void ExpectForeignKeysHold() {
    EXPECT_EQ(ReasonOf(InsertNow(database_.served, "child", "x", 77)), reason::kForeignKey);
  }

  ServedDatabase database_;
};

TEST_F(AlterTableTest, AddsColumnsPlainlyWhereSqliteCan) {
  const auto outcome = Alter("plain", {AddColumn{{.name = "c",
                                                  .type = "INT",
                                                  .not_null = true,
                                                  .default_value = Value(ValueView::Integer(7))}},
                                       AddColumn{{.name = "d", .generated_expression = "a || b"}}});
  ASSERT_TRUE(outcome.ok()) << outcome.status();
  EXPECT_EQ(outcome->statements,
            (std::vector<std::string>{
                "ALTER TABLE \"plain\" ADD COLUMN \"c\" INT NOT NULL DEFAULT 7",
                "ALTER TABLE \"plain\" ADD COLUMN \"d\" GENERATED ALWAYS AS (a || b) VIRTUAL"}));
  EXPECT_EQ(AskNow("SELECT rowid, a, b, c, d FROM plain"), "3,1,'x',7,'1x';7,'2',null,7,null");
  EXPECT_FALSE(outcome->commit_token.empty());
}

TEST_F(AlterTableTest, AddsOtherColumnsByWritingTheTableAnew) {
  const auto outcome =
      Alter("plain",
            {AddColumn{{.name = "c", .default_expression = "'made ' || upper('up')"}},
             AddColumn{{.name = "d", .unique = true}},
             AddColumn{{.name = "e", .generated_expression = "a || b", .generated_stored = true}},
             AddColumn{{.name = "f", .check = "f IS NULL OR f > a"}}});
  ASSERT_TRUE(outcome.ok()) << outcome.status();
  EXPECT_EQ(AskNow("SELECT rowid, a, b, c, d, e, f FROM plain"),
            "3,1,'x','made UP',null,'1x',null;7,'2',null,'made UP',null,null,null");
  EXPECT_EQ(Try("plain", {AddColumn{{.name = "g", .not_null = true}}}), "NOT_NULL");
  EXPECT_EQ(Try("plain", {AddColumn{{.name = "g", .check = "g > 1", .generated_expression = "0"}}}),
            "CHECK");
}

TEST_F(AlterTableTest, KeepsAllThatNobodyAskedAbout) {
  ASSERT_EQ(Try("t", {AlterColumn{.column = "b", .type = "INTEGER"}, ReorderColumns{{"d", "id"}}}),
            "done");
  EXPECT_EQ(Columns("t"), "'d ';'id INTEGER';'a TEXT';'b INTEGER';'c '");
  EXPECT_EQ(AskNow("SELECT id, a, b, c, d, \"e,(\" FROM t"),
            "1,'A',10,1,'p','10)';5,null,'2x',2,'q','2x)'");
  const std::string sql = AskNow("SELECT sql FROM sqlite_schema WHERE name = 't'");
  for (const char* kept :
       {"CONSTRAINT a_is CHECK (a <> \\'no\\')", "COLLATE NOCASE", "NOT NULL ON CONFLICT IGNORE",
        "DEFAULT -1.5e-3", "DEFERRABLE INITIALLY DEFERRED", "CONSTRAINT both UNIQUE (a, b)",
        "CHECK (length(b) < 9)", "PRIMARY KEY AUTOINCREMENT"}) {
    EXPECT_TRUE(absl::StrContains(sql, kept)) << kept << " in " << sql;
  }
  EXPECT_EQ(AskNow("SELECT name FROM sqlite_schema WHERE tbl_name = 't' AND sql IS NOT NULL "
                   "ORDER BY name"),
            "'t';'t_b';'t_expression';'t_log'");
  EXPECT_EQ(AskNow("SELECT count(*) FROM child"), "3");
  EXPECT_EQ(AskNow("SELECT id FROM v"), "1;5");
  EXPECT_EQ(AskNow("SELECT count(*) FROM log"), "0");
  ExpectForeignKeysHold();
  // AUTOINCREMENT goes on from 9, and triggers and cascades work.
  ASSERT_TRUE(InsertNow(database_.served, "t", "d", 4).ok());
  EXPECT_EQ(AskNow("SELECT max(id) FROM t"), "10");
  ASSERT_TRUE(InsertNow(database_.served, "child", "x", 1).ok());
  EXPECT_EQ(AskNow("SELECT what FROM log"), "'c'");
}

TEST_F(AlterTableTest, KeepsTheNumberOfAnEmptyTable) {
  const auto connection = database_.file.Open();
  ASSERT_TRUE(connection->Execute("DELETE FROM child").ok());
  ASSERT_TRUE(connection->Execute("DELETE FROM t").ok());
  ASSERT_EQ(Try("t", {AlterColumn{.column = "b", .type = "INTEGER"}}), "done");
  ASSERT_TRUE(InsertNow(database_.served, "t", "d", 4).ok());
  EXPECT_EQ(AskNow("SELECT id FROM t"), "10");
}

TEST_F(AlterTableTest, RenamesEverywhere) {
  ASSERT_EQ(Try("t", {RenameColumn{"b", "group"}, RenameTable{"t2"}, RenameColumn{"ID", "key"}}),
            "done");
  EXPECT_EQ(AskNow("SELECT * FROM v ORDER BY 1"), "1,'10';5,'2x'");
  EXPECT_EQ(AskNow("SELECT \"table\" FROM pragma_foreign_key_list('child')"), "'t2'");
  ASSERT_TRUE(InsertNow(database_.served, "child", "x", 1).ok());
  EXPECT_EQ(AskNow("SELECT \"group\" FROM t2 WHERE key = 1"), "'c'");
  ASSERT_EQ(Try("t2", {RenameTable{"T2"}, RenameColumn{"key", "KEY"}}), "done");
  EXPECT_EQ(AskNow("SELECT name FROM sqlite_schema WHERE name LIKE 't2'"), "'T2'");
  EXPECT_EQ(AskNow("SELECT * FROM v ORDER BY 1"), "1,'c';5,'2x'");
  ExpectForeignKeysHold();
}

TEST_F(AlterTableTest, DropsColumnsWithTheirOwnConstraints) {
  ASSERT_EQ(Try("plain", {DropColumn{"a"}}), "done");
  EXPECT_EQ(AskNow("SELECT rowid, * FROM plain"), "3,'x';7,null");
  ASSERT_EQ(Try("t", {DropColumn{"c"}}), "done");
  EXPECT_EQ(AskNow("SELECT count(*) FROM pragma_foreign_key_list('t')"), "0");
  EXPECT_EQ(Try("plain", {DropColumn{"b"}}), "BAD_REQUEST changes[0].drop_column.column");
}

TEST_F(AlterTableTest, RefusesToDropWhatIsNeeded) {
  const std::string before = AskNow(kState);
  const auto needed_by = [&](const char* table, const char* column) {
    const absl::Status status = Alter(table, {DropColumn{column}}).status();
    return absl::StrCat(ReasonOf(status), " ", MetadataOf(status, "needed_by"));
  };
  EXPECT_EQ(needed_by("t", "id"), "IN_USE the primary key");
  EXPECT_EQ(needed_by("pair", "y"), "IN_USE the primary key");
  EXPECT_EQ(needed_by("t", "a"), "IN_USE a constraint with other columns");
  EXPECT_EQ(needed_by("t", "d"), "IN_USE index t_expression");
  EXPECT_EQ(AskNow(kState), before);
  const auto connection = database_.file.Open();
  ASSERT_TRUE(connection->Execute("CREATE VIEW pv AS SELECT a FROM plain").ok());
  EXPECT_EQ(needed_by("plain", "a"), "IN_USE view pv");
  // The same for a table that is written anew.
  EXPECT_EQ(
      ReasonOf(
          Alter("plain", {AlterColumn{.column = "b", .type = "TEXT"}, DropColumn{"a"}}).status()),
      reason::kInUse);
}

TEST_F(AlterTableTest, ChangesWhatAColumnIs) {
  ASSERT_EQ(Try("plain", {AlterColumn{.column = "a",
                                      .type = "INTEGER",
                                      .not_null = true,
                                      .collation = "NOCASE",
                                      .default_value = Value(ValueView::Integer(3))}}),
            "done");
  EXPECT_EQ(AskNow("SELECT a, typeof(a) FROM plain"), "1,'integer';2,'integer'");
  EXPECT_EQ(AskNow("SELECT \"notnull\", dflt_value FROM pragma_table_info('plain') LIMIT 1"),
            "1,'3'");
  ASSERT_EQ(Try("plain", {AlterColumn{.column = "a",
                                      .type = "",
                                      .not_null = false,
                                      .collation = "",
                                      .drop_default = true}}),
            "done");
  EXPECT_EQ(AskNow("SELECT type, \"notnull\", dflt_value FROM pragma_table_info('plain') LIMIT 1"),
            "'',0,null");
  ASSERT_EQ(Try("plain", {AlterColumn{.column = "a", .default_expression = "unixepoch()"}}),
            "done");
  EXPECT_EQ(Try("plain", {AlterColumn{.column = "a", .default_expression = "load_extension('x')"}}),
            "SQL_ERROR changes[0].alter_column.default_expression");
}

TEST_F(AlterTableTest, ChangesThePrimaryKey) {
  ASSERT_EQ(Try("plain", {AlterColumn{.column = "a", .type = "INTEGER"}, SetPrimaryKey{{"a"}}}),
            "done");
  EXPECT_EQ(AskNow("SELECT rowid, a FROM plain"), "1,1;2,2");
  ASSERT_EQ(Try("plain", {SetPrimaryKey{{}}}), "done");
  EXPECT_EQ(AskNow("SELECT rowid, a FROM plain"), "1,1;2,2");
  ASSERT_EQ(Try("plain", {SetPrimaryKey{{"b", "a"}}}), "done");
  EXPECT_EQ(AskNow("SELECT name FROM pragma_table_info('plain') WHERE pk ORDER BY pk"), "'b';'a'");
  ASSERT_EQ(Try("pair", {SetPrimaryKey{{"y"}}}), "done");
  EXPECT_EQ(AskNow("SELECT wr FROM pragma_table_list('pair')"), "1");
  EXPECT_EQ(Try("pair", {SetPrimaryKey{{"x"}}}), "UNIQUE");
  EXPECT_EQ(Try("pair", {SetPrimaryKey{{"z"}}}), "NOT_NULL");
  EXPECT_EQ(Try("pair", {SetPrimaryKey{{}}}), "BAD_REQUEST changes[0].set_primary_key.columns");
  EXPECT_EQ(Try("plain", {SetPrimaryKey{{"b"}, true}}),
            "BAD_REQUEST changes[0].set_primary_key.autoincrement");
  // What child refers to would not be a key any more.
  EXPECT_EQ(Try("t", {SetPrimaryKey{{"d"}}}), "FOREIGN_KEY");
  ExpectForeignKeysHold();
}

TEST_F(AlterTableTest, AddsAndDropsForeignKeys) {
  EXPECT_EQ(Try("plain", {AddForeignKey{{.columns = {"a"}, .parent_table = "other"}}}), "done");
  EXPECT_EQ(
      Try("plain",
          {AddForeignKey{{.columns = {"b"}, .parent_table = "other", .parent_columns = {"code"}}}}),
      "FOREIGN_KEY");
  EXPECT_EQ(
      Try("plain",
          {AddForeignKey{{.columns = {"b"}, .parent_table = "log", .parent_columns = {"what"}}}}),
      "FOREIGN_KEY");
  EXPECT_EQ(ReasonOf(InsertNow(database_.served, "plain", "a", 9)), reason::kForeignKey);
  EXPECT_EQ(Try("plain", {DropForeignKey{{"A"}}}), "done");
  EXPECT_TRUE(InsertNow(database_.served, "plain", "a", 9).ok());
  EXPECT_EQ(Try("plain", {DropForeignKey{{"a"}}}),
            "BAD_REQUEST changes[0].drop_foreign_key.columns");
  EXPECT_EQ(Try("t", {DropForeignKey{{"c"}}}), "done");
  EXPECT_EQ(AskNow("SELECT count(*) FROM pragma_foreign_key_list('t')"), "0");
  EXPECT_EQ(Try("plain", {AddForeignKey{{.columns = {"a"}, .parent_table = "nowhere"}}}),
            "BAD_REQUEST changes[0].add_foreign_key.parent_table");
}

TEST_F(AlterTableTest, SaysWhatIsWrongWithAChange) {
  EXPECT_EQ(Try("nowhere", {DropColumn{"a"}}), "NO_SUCH_TABLE");
  EXPECT_EQ(Try("_sluice_commit", {DropColumn{"a"}}), "NO_SUCH_TABLE");
  EXPECT_EQ(Try("docs_data", {DropColumn{"block"}}), "NO_SUCH_TABLE");
  EXPECT_EQ(Try("v", {DropColumn{"b"}}), "UNSUPPORTED");
  EXPECT_EQ(Try("docs", {DropColumn{"body"}}), "UNSUPPORTED");
  EXPECT_EQ(Try("plain", {AddColumn{{.name = "A"}}}),
            "BAD_REQUEST changes[0].add_column.column.name");
  EXPECT_EQ(Try("plain", {AddColumn{{.name = "c"}}, AddColumn{{.name = "C"}}}),
            "BAD_REQUEST changes[1].add_column.column.name");
  EXPECT_EQ(Try("strict", {AddColumn{{.name = "c"}}}),
            "BAD_REQUEST changes[0].add_column.column.type");
  EXPECT_EQ(Try("strict", {AlterColumn{.column = "a", .type = "VARCHAR"}}),
            "BAD_REQUEST changes[0].alter_column.type");
  EXPECT_EQ(Try("plain", {AlterColumn{.column = "a", .collation = "x"}}),
            "BAD_REQUEST changes[0].alter_column.collation");
  EXPECT_EQ(Try("plain", {RenameColumn{"x", "y"}}), "BAD_REQUEST changes[0].rename_column.column");
  EXPECT_EQ(Try("plain", {RenameColumn{"a", "B"}}),
            "BAD_REQUEST changes[0].rename_column.new_name");
  EXPECT_EQ(Try("plain", {RenameColumn{"a", ""}}), "BAD_REQUEST changes[0].rename_column.new_name");
  for (const char* name : {"", "sqlite_x", "_sluice_x", "_LITESTREAM_x"}) {
    EXPECT_EQ(Try("plain", {RenameTable{name}}), "BAD_REQUEST changes[0].rename_table.new_name");
  }
  for (const char* name : {"T", "v", "t_b", "docs_data"}) {
    EXPECT_EQ(Try("plain", {RenameTable{name}}), "NAME_TAKEN") << name;
  }
  EXPECT_EQ(Try("plain", {ReorderColumns{{"a", "A"}}}),
            "BAD_REQUEST changes[0].reorder_columns.columns");
  EXPECT_EQ(Try("plain", {ReorderColumns{{}}}), "BAD_REQUEST changes[0].reorder_columns.columns");
  EXPECT_EQ(
      MetadataOf(Alter("plain", {AddColumn{{.name = "c"}}, DropColumn{"x"}}).status(), "change"),
      "1");
}

TEST_F(AlterTableTest, LeavesEverythingAsItWasWhenAStepFails) {
  const std::string before = AskNow(kState);
  const std::string rows = AskNow("SELECT * FROM t");
  EXPECT_EQ(Try("t", {RenameColumn{"d", "dd"}, AlterColumn{.column = "a", .not_null = true}}),
            "NOT_NULL");
  EXPECT_EQ(Try("strict", {AlterColumn{.column = "a", .type = "INTEGER"}}), "DATATYPE");
  EXPECT_EQ(Try("t", {RenameTable{"gone"}, AddColumn{{.name = "z"}}, SetPrimaryKey{{"b", "zz"}}}),
            "BAD_REQUEST changes[2].set_primary_key.columns");
  EXPECT_EQ(Try("t", {AddForeignKey{{.columns = {"d"}, .parent_table = "other"}}}), "FOREIGN_KEY");
  EXPECT_EQ(AskNow(kState), before);
  EXPECT_EQ(AskNow("SELECT * FROM t"), rows);
  ExpectForeignKeysHold();
  const absl::Status status = Alter("t", {AlterColumn{.column = "a", .not_null = true}}).status();
  EXPECT_EQ(MetadataOf(status, "columns"), "t.a");
  EXPECT_EQ(status.message(), "NOT NULL constraint failed: t.a");
}

TEST_F(AlterTableTest, IsLeftInPeaceByWhatWasBrokenBefore) {
  {
    const auto connection = database_.file.Open();
    const absl::Status made = connection->Execute("CREATE VIEW broken AS SELECT x FROM nowhere");
    ASSERT_TRUE(made.ok()) << made;
    ASSERT_TRUE(connection->Execute("PRAGMA foreign_keys = OFF").ok());
    ASSERT_TRUE(connection->Execute("INSERT INTO child VALUES (77, 1)").ok());
  }
  EXPECT_EQ(Try("t", {AlterColumn{.column = "b", .type = "TEXT"}}), "done");
  EXPECT_EQ(AskNow("SELECT count(*) FROM child"), "4");
}

TEST_F(AlterTableTest, ShowsItsStatementsAndKeepsNothingWhenOnlyValidated) {
  const std::string before = AskNow(kState);
  AlterTableSpec spec{.table = "pair", .changes = {ReorderColumns{{"z"}}}};
  spec.options.validate_only = true;
  const auto outcome = ChangeNow(SubmitAlterTable, database_.served, std::move(spec));
  ASSERT_TRUE(outcome.ok()) << outcome.status();
  EXPECT_EQ(outcome->statements.size(), 4);
  EXPECT_TRUE(absl::StartsWith(outcome->statements[1], "INSERT OR ABORT INTO _sluice_new"));
  EXPECT_TRUE(absl::StrContains(outcome->sql, "\"z\",\n  \"x\" TEXT"));
  EXPECT_EQ(outcome->commit_token, "");
  EXPECT_EQ(AskNow(kState), before);
  ExpectForeignKeysHold();
}

TEST_F(AlterTableTest, SaysWhoNeedsWhatWouldGoOrCannotBeWritten) {
  database_.file.Run(
      "CREATE TABLE needs(a UNIQUE, b AS (a + 1), c);\n"
      "CREATE TABLE says(a, b, CHECK (says.a > 0));\n"
      "CREATE TABLE named(a CONSTRAINT has_a NOT NULL ON CONFLICT IGNORE)");
  EXPECT_EQ(Try("needs", {DropColumn{"a"}}), "IN_USE");
  EXPECT_EQ(Try("says", {ReorderColumns{{"b"}}}), "UNSUPPORTED");
  EXPECT_EQ(Try("named", {AlterColumn{.column = "a", .type = "TEXT", .not_null = true}}), "done");
  EXPECT_NE(AskNow("SELECT sql FROM sqlite_schema WHERE name = 'named'")
                .find("CONSTRAINT has_a NOT NULL ON CONFLICT IGNORE"),
            std::string::npos);
  database_.file.Run("CREATE TABLE _sluice_new(a)");
  EXPECT_EQ(Try("named", {AlterColumn{.column = "a", .type = "INT"}}), "NAME_TAKEN");
  EXPECT_EQ(Try("named", {AddColumn{{.name = "b", .check = "b > 0"}}}), "NAME_TAKEN");
}

// There a "…" that names no column is a text.
TEST_F(AlterTableTest, MakesNoTextOfAColumnThatIsGone) {
  {
    sqlite::RawConnection legacy(database_.file.path());
    legacy.AllowLegacyLiterals();
    legacy.Run(
        "CREATE VIEW greets AS SELECT a, \"hello\" AS greeting FROM plain;"
        "CREATE TABLE old(a, b UNIQUE, c CHECK (c <> \"none\"), d, CHECK (\"b\" > 0));"
        "CREATE TABLE indexed(a, b UNIQUE, c);"
        "CREATE TABLE plainly(a, b, CHECK (\"b\" > 0));"
        "CREATE INDEX old_d ON indexed(c) WHERE \"b\" > 0;"
        "INSERT INTO old VALUES (1, 2, 3, 4); INSERT INTO indexed VALUES (1, 2, 3)");
  }
  database_.Reopen();
  ASSERT_TRUE(database_->legacy_string_literals());
  EXPECT_EQ(Try("old", {DropColumn{"b"}}), "IN_USE");
  EXPECT_EQ(Try("indexed", {DropColumn{"b"}}), "IN_USE");
  EXPECT_EQ(Try("plainly", {DropColumn{"b"}}), "IN_USE");
  // What is a text stays one.
  EXPECT_EQ(Try("old", {DropColumn{"d"}, AlterColumn{.column = "a", .type = "TEXT"}}), "done");
  EXPECT_EQ(AskNow("SELECT * FROM old"), "'1',2,3");
}

TEST_F(AlterTableTest, EndsWithItsCallersDeadline) {
  AlterTableSpec spec{.table = "t", .changes = {ReorderColumns{{"d"}}}};
  const auto outcome = ChangeNow(SubmitAlterTable, database_.served, std::move(spec),
                                 Interrupt(Deadline::After(absl::ZeroDuration())));
  EXPECT_EQ(outcome.status().code(), absl::StatusCode::kDeadlineExceeded);
  ExpectForeignKeysHold();
}

}  // namespace
}  // namespace sluice::engine
