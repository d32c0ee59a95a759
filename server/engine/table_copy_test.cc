#include "server/engine/table_copy.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <thread>

#include "server/base/error.h"
#include "server/engine/test_served.h"
#include "server/sqlite/test_raw.h"

namespace sluice::engine {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kSchema[] = R"(
CREATE TABLE author(id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT COLLATE NOCASE UNIQUE);
CREATE TABLE book(title TEXT, author REFERENCES author(id), pages INTEGER DEFAULT 7 CHECK (pages > 0),
                  thick AS (pages > 500) STORED, upper AS (upper(title)));
CREATE INDEX by_title ON book(title COLLATE NOCASE DESC) WHERE title <> '';
CREATE TABLE plain(a, b);
CREATE TABLE pairs(a TEXT, b INTEGER, c, PRIMARY KEY (b, a)) WITHOUT ROWID;
CREATE TABLE secret(word TEXT);
CREATE VIEW thick_books AS SELECT title FROM book WHERE thick;
CREATE VIEW thicker AS SELECT * FROM thick_books;
CREATE VIEW told AS SELECT word FROM secret;
CREATE VIEW retold AS SELECT * FROM told;
CREATE TRIGGER counted AFTER INSERT ON book BEGIN UPDATE book SET pages = pages + 1 WHERE rowid = new.rowid; END;
CREATE TRIGGER logged AFTER INSERT ON book BEGIN INSERT INTO secret VALUES (new.title); END;
CREATE TRIGGER watched AFTER DELETE ON plain WHEN (SELECT count(*) FROM secret) > 0 BEGIN SELECT 1; END;
CREATE TRIGGER put INSTEAD OF INSERT ON thick_books BEGIN INSERT INTO book(title, pages) VALUES (new.title, 501); END;
INSERT INTO author(id, name) VALUES (3, 'Woolf');
INSERT INTO author(id, name) VALUES (900, 'gone');
DELETE FROM author WHERE id = 900;
INSERT INTO plain(rowid, a, b) VALUES (-5, 'x', NULL), (70, x'00ff', 2.5), (9223372036854775807, 'last', 1);
INSERT INTO pairs VALUES ('a', 2, 'two'), ('b', 1, 'one');
INSERT INTO secret VALUES ('hush-hush'))";

class TableCopyTest : public ::testing::Test {
 protected:
  absl::StatusOr<std::string> Copy(const std::vector<std::string>& tables,
                                   int64_t bytes_max = int64_t{1} << 30,
                                   const Interrupt& interrupt = Interrupt()) {
    std::filesystem::remove(path_);
    return CopyTables(
        *database_,
        {.tables = tables, .path = path_, .bytes_max = bytes_max, .interrupt = interrupt});
  }
  void MustCopy(const std::vector<std::string>& tables) {
    const auto copied = Copy(tables);
    ASSERT_TRUE(copied.ok()) << copied.status();
    EXPECT_EQ(Text("PRAGMA integrity_check"), "ok");
  }
  std::string Text(const std::string& sql) const { return sqlite::RawConnection(path_).Text(sql); }
  std::string Same(const std::string& sql) const {
    return sqlite::RawConnection(database_.file.path()).Text(sql);
  }
  std::string Names(const std::string& type) const {
    return Text(
        "SELECT group_concat(name, ' ') FROM (SELECT name FROM sqlite_schema WHERE type = '" +
        type + "' AND name NOT LIKE 'sqlite_%' ORDER BY name)");
  }
  std::string Bytes() const {
    std::ifstream file(path_, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  }
  absl::StatusOr<std::vector<std::string>> Choose(const std::vector<std::string>& names) {
    const auto lease = database_->Acquire(Interrupt());
    return ChooseTables(**database_->CurrentSchema(**lease), "test", names);
  }

  ServedDatabase database_{kSchema};
  const std::string path_ = database_.file.folder() + "/copy.db";
};

TEST_F(TableCopyTest, RowsAreAsTheyAreStoredRowidsIncluded) {
  MustCopy({"pairs", "plain"});
  EXPECT_EQ(Names("table"), "pairs plain");
  for (const char* sql :
       {"SELECT group_concat(rowid || typeof(a) || hex(a) || typeof(b) || coalesce(b, ''), ';') "
        "FROM plain",
        "SELECT group_concat(a || b || c) FROM pairs",
        "SELECT group_concat(sql) FROM sqlite_schema WHERE name IN ('plain', 'pairs')"}) {
    EXPECT_EQ(Text(sql), Same(sql));
  }
}

TEST_F(TableCopyTest, IndexesGeneratedColumnsAndNumbersComeAlong) {
  // The trigger writes elsewhere, which is not what is looked at here.
  database_.file.Run(
      "INSERT INTO book(title, author, pages) VALUES ('Waves', 3, 600), ('Orlando', 3, 5)");
  MustCopy({"author", "book"});
  EXPECT_EQ(Names("index"), "by_title");
  for (const char* sql :
       {"SELECT group_concat(rowid || title || author || pages || thick || upper) FROM book",
        "SELECT group_concat(title) FROM book INDEXED BY by_title WHERE title <> '' ORDER BY title "
        "COLLATE NOCASE DESC",
        "SELECT seq FROM sqlite_sequence WHERE name = 'author'",
        "SELECT id FROM author WHERE name = 'woolf'"}) {
    EXPECT_EQ(Text(sql), Same(sql)) << sql;
  }
}

TEST_F(TableCopyTest, ViewsAndTriggersStayOnlyWhereAllIsThereThatTheyName) {
  MustCopy({"author", "book", "plain"});
  EXPECT_EQ(Names("view"), "thick_books thicker");
  EXPECT_EQ(Names("trigger"), "counted put");
  sqlite::RawConnection copy(path_);
  copy.Run("INSERT INTO thick_books VALUES ('Ulysses')");
  EXPECT_EQ(copy.Text("SELECT title || pages FROM book"), "Ulysses502");
  MustCopy({"author", "book", "plain", "secret"});
  EXPECT_EQ(Names("view"), "retold thick_books thicker told");
  EXPECT_EQ(Names("trigger"), "counted logged put watched");
}

TEST_F(TableCopyTest, NothingOfWhatIsLeftOutIsInTheFile) {
  MustCopy({"author", "book", "plain"});
  EXPECT_THAT(Bytes(), Not(HasSubstr("hush-hush")));
  EXPECT_THAT(Bytes(), Not(HasSubstr("secret")));
}

TEST_F(TableCopyTest, ForeignKeysStayAsTheyAreDefined) {
  database_.file.Run("INSERT INTO book(title, author, pages) VALUES ('Waves', 3, 600)");
  MustCopy({"book"});
  EXPECT_EQ(Text("SELECT \"table\" FROM pragma_foreign_key_list('book')"), "author");
  EXPECT_EQ(Text("SELECT count(*) FROM pragma_foreign_key_check"), "1");
}

TEST_F(TableCopyTest, FullTextComesWithItsTableAndWithWhatItKeeps) {
  database_.file.Run(R"(
CREATE TABLE docs(id INTEGER PRIMARY KEY, body TEXT);
CREATE VIRTUAL TABLE docs_fts USING fts5(body, content='docs', content_rowid='id');
CREATE TRIGGER docs_ai AFTER INSERT ON docs BEGIN INSERT INTO docs_fts(rowid, body) VALUES (new.id, new.body); END;
INSERT INTO docs VALUES (7, 'lighthouse keeper'), (9, 'tide');
CREATE VIRTUAL TABLE notes USING fts4(text);
INSERT INTO notes VALUES ('alpha beta');
CREATE VIRTUAL TABLE boxes USING rtree(id, x0, x1);
INSERT INTO boxes VALUES (1, 0, 5), (2, 7, 9))");
  MustCopy({"docs"});
  EXPECT_EQ(Text("SELECT rowid || body FROM docs_fts WHERE docs_fts MATCH 'lighthouse'"),
            "7lighthouse keeper");
  sqlite::RawConnection(path_).Run("INSERT INTO docs VALUES (10, 'lighthouse again')");
  EXPECT_EQ(Text("SELECT count(*) FROM docs_fts WHERE docs_fts MATCH 'lighthouse'"), "2");
  sqlite::RawConnection(path_).Run("INSERT INTO docs_fts(docs_fts) VALUES ('integrity-check')");
  MustCopy({"boxes", "notes"});
  EXPECT_EQ(Text("SELECT text FROM notes WHERE notes MATCH 'beta'"), "alpha beta");
  EXPECT_EQ(Text("SELECT id FROM boxes WHERE x0 >= 6"), "2");
  EXPECT_EQ(Text("SELECT count(*) FROM sqlite_schema WHERE name LIKE 'docs%'"), "0");
}

TEST_F(TableCopyTest, TheFormIsThatOfTheDatabase) {
  const sqlite::TestDatabase file("", "other.db");
  std::filesystem::remove(file.path());
  {
    sqlite::RawConnection raw(file.path());
    raw.Run(
        "PRAGMA encoding = 'UTF-16be'; PRAGMA page_size = 1024; PRAGMA auto_vacuum = FULL;"
        "PRAGMA user_version = 42; PRAGMA application_id = -7;"
        "CREATE TABLE t(a TEXT); INSERT INTO t VALUES ('größe')");
  }
  Metrics metrics;
  const auto other =
      Database::Open({.name = "other", .path = file.path(), .read_connections_max = 4}, &metrics);
  ASSERT_TRUE(other.ok()) << other.status();
  const auto copied = CopyTables(
      **other, {.tables = {"t"}, .path = path_, .bytes_max = 1 << 20, .interrupt = Interrupt()});
  ASSERT_TRUE(copied.ok()) << copied.status();
  EXPECT_EQ(Text("PRAGMA encoding"), "UTF-16be");
  EXPECT_EQ(Text("PRAGMA page_size"), "1024");
  EXPECT_EQ(Text("PRAGMA auto_vacuum"), "1");
  EXPECT_EQ(Text("PRAGMA user_version"), "42");
  EXPECT_EQ(Text("PRAGMA application_id"), "-7");
  EXPECT_EQ(Text("PRAGMA journal_mode"), "delete");
  EXPECT_EQ(Text("SELECT a FROM t"), "größe");
}

TEST_F(TableCopyTest, TheServersOwnTablesStayAndItsTokenIsTold) {
  database_.file.Run(
      "CREATE TABLE _sluice_commit(id INTEGER PRIMARY KEY CHECK (id = 1), epoch BLOB NOT NULL, seq "
      "INTEGER NOT NULL) STRICT;\nINSERT INTO _sluice_commit VALUES (1, x'0102', 5)");
  const auto copied = Copy({"plain"});
  ASSERT_TRUE(copied.ok()) << copied.status();
  EXPECT_EQ(*copied, "0102-5");
  EXPECT_EQ(Names("table"), "plain");
}

TEST_F(TableCopyTest, TablesAreChosenByTheirNames) {
  EXPECT_THAT(*Choose({"Plain", "PAIRS", "plain"}), ElementsAre("pairs", "plain"));
  EXPECT_EQ(ReasonOf(Choose({"absent"}).status()), reason::kNoSuchTable);
  EXPECT_EQ(ReasonOf(Choose({"sqlite_sequence"}).status()), reason::kNoSuchTable);
  EXPECT_EQ(ReasonOf(Choose({"told"}).status()), reason::kBadRequest);
  database_.file.Run("CREATE VIRTUAL TABLE words USING fts5(word, content='secret')");
  EXPECT_EQ(ReasonOf(Choose({"words"}).status()), reason::kBadRequest);
  EXPECT_THAT(*Choose({"words", "secret"}), ElementsAre("secret", "words"));
  EXPECT_EQ(ReasonOf(Copy({"absent"}).status()), reason::kNoSuchTable);
}

TEST_F(TableCopyTest, WritersGoOnAndOneMomentIsCopied) {
  database_.file.Run("CREATE TABLE one(n);\nCREATE TABLE two(n)");
  std::atomic<bool> done{false};
  std::thread writing([&] {
    sqlite::RawConnection raw(database_.file.path());
    while (!done)
      raw.Run("BEGIN; INSERT INTO one VALUES (zeroblob(100)); INSERT INTO two VALUES (1); COMMIT");
  });
  for (int i = 0; i < 20; ++i) {
    MustCopy({"one", "two"});
    EXPECT_EQ(Text("SELECT (SELECT count(*) FROM one) - (SELECT count(*) FROM two)"), "0");
  }
  done = true;
  writing.join();
}

TEST_F(TableCopyTest, ItEndsWhenItIsToldAndTakesNoMoreRoomThanItMay) {
  const std::atomic<bool> cancelled{true};
  EXPECT_EQ(
      ReasonOf(Copy({"plain"}, 1 << 30, Interrupt(Deadline::Infinite(), &cancelled)).status()),
      reason::kCancelled);
  EXPECT_EQ(ReasonOf(Copy({"author", "book", "pairs", "plain"}, 8192).status()), reason::kDiskFull);
}

TEST_F(TableCopyTest, TablesAreMeasuredWithTheirIndexes) {
  const auto lease = database_->Acquire(Interrupt());
  const auto schema = *database_->CurrentSchema(**lease);
  // A page each: book with its index, pairs alone.
  EXPECT_EQ(*MeasureTables(**lease, *schema, {"book"}), 2 * 4096);
  EXPECT_EQ(*MeasureTables(**lease, *schema, {"pairs"}), 4096);
}

TEST_F(TableCopyTest, AReadOnlyDatabaseIsCopiedToo) {
  database_.Reopen(/*read_only=*/true);
  MustCopy({"plain"});
  EXPECT_EQ(Text("SELECT count(*) FROM plain"), "3");
}

}  // namespace
}  // namespace sluice::engine
