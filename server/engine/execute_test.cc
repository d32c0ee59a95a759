#include "server/engine/execute.h"

#include <gtest/gtest.h>

#include "absl/strings/match.h"
#include "absl/synchronization/notification.h"
#include "server/base/error.h"
#include "server/engine/browse.h"
#include "server/engine/commit_sequence.h"
#include "server/engine/test_write.h"

namespace sluice::engine {
namespace {

using sqlite::ValueView;

constexpr char kSchema[] =
    "CREATE TABLE t(a INTEGER PRIMARY KEY, b UNIQUE);\n"
    "CREATE TABLE log(what);\n"
    "CREATE TRIGGER l AFTER INSERT ON t BEGIN INSERT INTO log VALUES (new.b); END;\n"
    "CREATE TABLE parent(a INTEGER PRIMARY KEY);\n"
    "CREATE TABLE child(a REFERENCES parent ON DELETE CASCADE);\n"
    "CREATE TABLE counted(a INTEGER PRIMARY KEY AUTOINCREMENT);\n"
    "CREATE VIRTUAL TABLE docs USING fts5(body);\n"
    "INSERT INTO parent VALUES (1);\n"
    "INSERT INTO child VALUES (1), (1);\n"
    "INSERT INTO counted VALUES (NULL);\n"
    "INSERT INTO t VALUES (1, 'one')";

class ExecuteTest : public testing::Test {
 protected:
  ExecuteTest() : database_(kSchema) {
    // Makes the hidden tables that callers must not touch.
    EXPECT_TRUE(InsertNow(database_.served, "log", "what", 0).ok());
  }

  absl::StatusOr<ExecuteOutcome> Execute(std::vector<absl::string_view> statements,
                                         KeptWriteOptions options = {}) {
    ExecuteSpec spec;
    sinks_.resize(statements.size());
    for (size_t i = 0; i < statements.size(); ++i) {
      ExecuteSpec::One& one = spec.statements.emplace_back();
      one.query.sql = statements[i];
      one.query.parameters = parameters_;
      one.rows_max = 3;
      one.sink = &sinks_[i];
    }
    spec.options = std::move(options);
    spec.respond = [](const ExecuteOutcome& outcome) {
      return absl::StrCat("affected ", outcome.results[0].affected_count);
    };
    absl::StatusOr<ExecuteOutcome> outcome = absl::UnknownError("not answered");
    absl::Notification done;
    const absl::Status queued =
        SubmitExecute(database_.served, std::move(spec), Interrupt(), [&](auto answer) {
          outcome = std::move(answer);
          done.Notify();
        });
    if (!queued.ok()) return queued;
    done.WaitForNotification();
    return outcome;
  }
  // What a statement is refused with, or "runs".
  std::string Try(absl::string_view sql) {
    const auto outcome = Execute({sql});
    return outcome.ok() ? "runs" : ReasonOf(outcome.status());
  }
  std::string AskNow(absl::string_view sql) { return Ask(database_.file, sql); }

  ServedDatabase database_;
  std::vector<CollectingSink> sinks_;
  std::vector<QuerySpec::Parameter> parameters_;
};

TEST_F(ExecuteTest, TellsWhatAStatementDidItself) {
  const auto insert = Execute({"INSERT INTO t(b) VALUES ('x'), ('y') RETURNING a, b AS name"});
  ASSERT_TRUE(insert.ok()) << insert.status();
  EXPECT_EQ(insert->results[0].affected_count, 2);
  EXPECT_EQ(insert->results[0].last_insert_rowid, 3);
  EXPECT_FALSE(insert->commit_token.empty());
  EXPECT_EQ(sinks_[0].columns(), "a,name");
  EXPECT_EQ(sinks_[0].text(), "2,'x';3,'y'");
  EXPECT_EQ(Execute({"DELETE FROM parent"})->results[0].affected_count, 1);
  EXPECT_EQ(Execute({"UPDATE t SET b = b || '!' WHERE a > 1"})->results[0].affected_count, 2);
  EXPECT_EQ(Execute({"UPDATE t SET b = 1 WHERE a = 99"})->results[0].affected_count, 0);
  const auto made = Execute({"CREATE TABLE made AS SELECT * FROM t"});
  EXPECT_EQ(made->results[0].affected_count, 0);
  EXPECT_EQ(made->results[0].last_insert_rowid, 0);
}

TEST_F(ExecuteTest, RunsToItsEndHoweverManyRowsItGives) {
  const auto outcome = Execute(
      {"INSERT INTO t(b) WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 10) "
       "SELECT i FROM n RETURNING b"});
  ASSERT_TRUE(outcome.ok()) << outcome.status();
  EXPECT_TRUE(outcome->results[0].truncated);
  EXPECT_EQ(outcome->results[0].affected_count, 10);
  EXPECT_EQ(sinks_[0].text(), "1;2;3");
  EXPECT_EQ(AskNow("SELECT count(*) FROM t"), "11");
}

TEST_F(ExecuteTest, BindsParameters) {
  parameters_ = {{.name = {}, .value = ValueView::Text("bound")}};
  ASSERT_TRUE(Execute({"INSERT INTO t(b) VALUES (?)"}).ok());
  EXPECT_EQ(AskNow("SELECT b FROM t WHERE a = 2"), "'bound'");
  EXPECT_EQ(Try("INSERT INTO t(b) VALUES (1)"), reason::kBadRequest);
}

TEST_F(ExecuteTest, RunsABatchAsAWhole) {
  const auto batch = Execute({"CREATE TABLE n(a)", "INSERT INTO n VALUES (1), (2)",
                              "SELECT sum(a) FROM n", "ALTER TABLE n ADD COLUMN c DEFAULT 7"});
  ASSERT_TRUE(batch.ok()) << batch.status();
  EXPECT_EQ(batch->results[1].affected_count, 2);
  EXPECT_EQ(sinks_[2].text(), "3");
  const auto failed =
      Execute({"INSERT INTO n(a) VALUES (3)", "DROP TABLE counted", "INSERT INTO t VALUES (1, 1)"})
          .status();
  EXPECT_EQ(ReasonOf(failed), reason::kUnique);
  EXPECT_EQ(MetadataOf(failed, "statement"), "2");
  EXPECT_EQ(AskNow("SELECT group_concat(a || c) FROM n"), "'17,27'");
  EXPECT_EQ(AskNow("SELECT count(*) FROM counted"), "1");
}

TEST_F(ExecuteTest, ChangesDefinitions) {
  for (const char* sql :
       {"CREATE TABLE n(a INTEGER PRIMARY KEY, b TEXT NOT NULL DEFAULT '')",
        "CREATE INDEX nb ON n(b)",
        "CREATE UNIQUE INDEX nab ON n(a, b)",
        "REINDEX nb",
        "ALTER TABLE n ADD COLUMN c INT CHECK (c > 0)",
        "ALTER TABLE n RENAME COLUMN c TO d",
        "ALTER TABLE n DROP COLUMN d",
        "ALTER TABLE n RENAME TO m",
        "CREATE VIEW v AS SELECT b FROM m",
        "DROP VIEW v",
        "CREATE TRIGGER g AFTER INSERT ON m BEGIN UPDATE t SET b = new.b WHERE a = new.a; END",
        "DROP TRIGGER g",
        "ANALYZE",
        "DROP INDEX nb",
        "DROP TABLE m",
        "CREATE VIRTUAL TABLE f USING fts5(x)",
        "INSERT INTO f VALUES ('word')",
        "INSERT INTO f(f) VALUES ('rebuild')",
        "DROP TABLE f",
        "DROP TABLE counted"}) {
    const auto outcome = Execute({sql});
    EXPECT_TRUE(outcome.ok()) << sql << ": " << outcome.status();
  }
  // What has become of the schema is seen by whoever comes next.
  EXPECT_EQ(ReasonOf(InsertNow(database_.served, "counted", "a", 1)), reason::kNoSuchTable);
}

TEST_F(ExecuteTest, RefusesWhatIsNotItsBusiness) {
  for (const char* sql :
       {"BEGIN",
        "COMMIT",
        "ROLLBACK",
        "SAVEPOINT s",
        "RELEASE member",
        "ROLLBACK TO member",
        "ATTACH ':memory:' AS other",
        "DETACH main",
        "PRAGMA synchronous = OFF",
        "PRAGMA foreign_keys = OFF",
        "PRAGMA journal_mode = DELETE",
        "PRAGMA writable_schema = ON",
        "PRAGMA wal_checkpoint(TRUNCATE)",
        "PRAGMA user_version = 7",
        "VACUUM",
        "VACUUM INTO '/tmp/x.db'",
        "CREATE TEMP TABLE x(a)",
        "CREATE TABLE temp.x(a)",
        "CREATE TEMP VIEW x AS SELECT 1",
        "CREATE TEMP TRIGGER x AFTER INSERT ON t BEGIN SELECT 1; END",
        "INSERT INTO _sluice_commit VALUES (2, x'00', 1)",
        "UPDATE _sluice_commit SET seq = 0",
        "DELETE FROM _sluice_commit",
        "DROP TABLE _sluice_commit",
        "CREATE TABLE _sluice_mine(a)",
        "CREATE INDEX x ON _sluice_commit(seq)",
        "ALTER TABLE _sluice_commit RENAME TO mine",
        "ALTER TABLE t RENAME TO _sluice_t",
        "CREATE VIEW x AS SELECT 1; DROP VIEW x",
        "DELETE FROM docs_data",
        "INSERT INTO sqlite_master VALUES ('table', 'x', 'x', 0, 'CREATE TABLE x(a)')",
        "UPDATE sqlite_master SET sql = ''",
        "DELETE FROM sqlite_master",
        "CREATE VIRTUAL TABLE x USING sqlite_dbpage",
        "SELECT load_extension('x')",
        "INSERT INTO t(b) SELECT data FROM sqlite_dbpage",
        "SELECT * FROM sqlite_sequence",
        "CREATE TABLE x AS SELECT * FROM _sluice_commit",
        "INSERT INTO t(b) VALUES (sqlite_version())",
        "SELECT sqlite_rename_table('main', 'table', 't', '', 't', 'u', 0)",
        "",
        "nonsense"}) {
    EXPECT_EQ(Try(sql), reason::kSqlError) << sql;
  }
  EXPECT_EQ(AskNow("SELECT count(*) FROM sqlite_schema WHERE name IN "
                   "('x', 'mine', '_sluice_mine', '_sluice_t')"),
            "0");
  EXPECT_TRUE(InsertNow(database_.served, "log", "what", 1).ok());
}

TEST_F(ExecuteTest, StopsTriggersThatTouchWhatIsTheServersOwn) {
  ASSERT_EQ(Try("CREATE TRIGGER x AFTER INSERT ON t BEGIN DELETE FROM _sluice_commit; END"),
            "runs");
  EXPECT_EQ(Try("INSERT INTO t(b) VALUES (5)"), reason::kSqlError);
  EXPECT_EQ(ReasonOf(InsertNow(database_.served, "t", "b", 5)), reason::kSqlError);
  EXPECT_EQ(AskNow("SELECT count(*) FROM _sluice_commit"), "1");
}

TEST_F(ExecuteTest, NoIndexShowsWhatIsTheServersOwn) {
  Execute({"CREATE VIRTUAL TABLE peep USING fts5(seq, content='_sluice_commit', "
           "content_rowid='seq')"})
      .IgnoreError();
  Execute({"INSERT INTO peep(peep) VALUES ('rebuild')"}).IgnoreError();
  EXPECT_EQ(Try("SELECT * FROM peep"), reason::kSqlError);
  // Its own tables are there for it.
  EXPECT_EQ(Try("INSERT INTO docs VALUES ('hello')"), "runs");
  EXPECT_EQ(Try("SELECT * FROM docs WHERE docs MATCH 'hello'"), "runs");
}

TEST_F(ExecuteTest, NoViewOrTriggerShowsWhatIsTheServersOwn) {
  ASSERT_EQ(Try("CREATE VIEW peep AS SELECT seq FROM _sluice_commit"), "runs");
  ASSERT_EQ(Try("CREATE VIEW far AS SELECT * FROM peep"), "runs");
  ASSERT_EQ(Try("CREATE VIEW counts AS SELECT count(*) FROM _sluice_commit"), "runs");
  ASSERT_EQ(Try("CREATE TRIGGER x AFTER INSERT ON t BEGIN INSERT INTO log SELECT seq FROM "
                "_sluice_commit; END"),
            "runs");
  for (const char* view : {"peep", "far", "counts"}) {
    CollectingSink sink;
    const auto page = ListRows(*database_, {.rows = {.table = view}, .rows_max = 9, .bytes_max = 9},
                               Interrupt(), sink);
    EXPECT_EQ(ReasonOf(page.status()), reason::kSqlError) << view << " " << sink.text();
  }
  EXPECT_EQ(ReasonOf(InsertNow(database_.served, "t", "b", 5)), reason::kSqlError);
  EXPECT_EQ(AskNow("SELECT what FROM log ORDER BY what"), "0;'one'");
}

TEST_F(ExecuteTest, RefusesForeignKeysOntoWhatIsTheServersOwn) {
  const auto keep = [&](const char* id) {
    return Execute({"INSERT INTO log VALUES (1)"}, {.receipt = ReceiptKey{"me", id, "print"}})
        .status();
  };
  for (const char* table : {"_sluice_receipts", "_SLUICE_commit"}) {
    EXPECT_EQ(Try(absl::StrCat("CREATE TABLE c(a REFERENCES ", table, ")")), reason::kSqlError);
    EXPECT_EQ(Try(absl::StrCat("ALTER TABLE log ADD COLUMN c REFERENCES ", table)),
              reason::kSqlError);
  }
  EXPECT_TRUE(keep("one").ok()) << keep("one");
  // One that is there already, which another program has made.
  database_.file.Run("CREATE TABLE theirs(a REFERENCES _sluice_receipts)");
  EXPECT_FALSE(absl::StrContains(keep("two").message(), "already exists")) << keep("two");
  EXPECT_EQ(Try("DROP TABLE theirs"), "runs");
  EXPECT_TRUE(keep("two").ok());
}

TEST_F(ExecuteTest, ChecksAStatementAnewAfterABatchThatRolledBack) {
  EXPECT_FALSE(Execute({"CREATE VIEW v AS SELECT 1", "SELECT * FROM v", "SELECT fail"}).ok());
  EXPECT_FALSE(
      Execute({"CREATE VIEW v AS SELECT seq FROM _sluice_commit", "SELECT * FROM v"}).ok());
}

TEST_F(ExecuteTest, LeavesNothingOfAStatementThatRollsBack) {
  EXPECT_EQ(Try("INSERT OR ROLLBACK INTO t VALUES (2, 2), (1, 1)"), reason::kUnique);
  EXPECT_EQ(Try("INSERT OR FAIL INTO t VALUES (2, 2), (1, 1)"), reason::kUnique);
  EXPECT_EQ(AskNow("SELECT count(*) FROM t"), "1");
  EXPECT_TRUE(InsertNow(database_.served, "log", "what", 1).ok());
}

TEST_F(ExecuteTest, ForgetsADefinitionThatWasOnlyValidatedOrFailed) {
  EXPECT_TRUE(Execute({"CREATE TABLE n(a)"}, {.validate_only = true}).ok());
  EXPECT_EQ(ReasonOf(InsertNow(database_.served, "n", "a", 1)), reason::kNoSuchTable);
  EXPECT_FALSE(Execute({"CREATE TABLE n(a)", "INSERT INTO t VALUES (1, 1)"}).ok());
  // The same version of the schema means another schema now.
  database_.file.Run("CREATE TABLE other(b)");
  EXPECT_EQ(ReasonOf(InsertNow(database_.served, "n", "a", 1)), reason::kNoSuchTable);
  EXPECT_TRUE(InsertNow(database_.served, "other", "b", 1).ok());
}

TEST_F(ExecuteTest, AnswersTheSameRequestIdWithTheFirstAnswer) {
  const auto options = [] { return KeptWriteOptions{.receipt = ReceiptKey{"me", "id", "print"}}; };
  ASSERT_TRUE(Execute({"INSERT INTO t(b) VALUES ('x')"}, options()).ok());
  const auto again = Execute({"INSERT INTO t(b) VALUES ('x')"}, options());
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->replayed_response, "affected 1");
  EXPECT_EQ(AskNow("SELECT count(*) FROM t"), "2");
  // A database that was restored has its receipts, and counts anew.
  const auto epoch = BeginEpoch(*database_.file.Open());
  ASSERT_TRUE(epoch.ok());
  const auto restored = Execute({"INSERT INTO t(b) VALUES ('x')"}, options());
  ASSERT_TRUE(restored.ok()) << restored.status();
  EXPECT_EQ(restored->replayed_response, "affected 1");
  EXPECT_EQ(ParseCommitToken(restored->commit_token)->epoch, ParseCommitToken(*epoch)->epoch);
}

}  // namespace
}  // namespace sluice::engine
