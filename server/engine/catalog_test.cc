#include "server/engine/catalog.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <set>

#include "absl/strings/match.h"
#include "server/base/error.h"
#include "server/base/limits.h"
#include "server/engine/browse.h"
#include "server/engine/test_served.h"

namespace sluice::engine {
namespace {

constexpr char kSchema[] =
    "CREATE TABLE author(id INTEGER PRIMARY KEY, name TEXT NOT NULL, born DATE DEFAULT 'then');\n"
    "CREATE TABLE Book(isbn TEXT PRIMARY KEY, title TEXT, author_id INTEGER NOT NULL"
    " REFERENCES AUTHOR ON DELETE CASCADE, price REAL, cents AS (price * 100),"
    " label TEXT AS (title || isbn) STORED);\n"
    "CREATE TABLE edition(isbn, number INT, PRIMARY KEY (isbn, number),"
    " FOREIGN KEY (isbn) REFERENCES book(isbn) ON UPDATE SET NULL) WITHOUT ROWID;\n"
    "CREATE TABLE review(id INTEGER PRIMARY KEY, isbn, number, stars INTEGER NOT NULL,"
    " FOREIGN KEY (isbn, number) REFERENCES edition);\n"
    "CREATE TABLE orphan(a REFERENCES nowhere(b));\n"
    "CREATE UNIQUE INDEX by_title ON book(title);\n"
    "CREATE INDEX dear ON book(price, lower(title)) WHERE price > 100;\n"
    "CREATE TRIGGER t_author AFTER INSERT ON AUTHOR BEGIN SELECT 1; END;\n"
    "CREATE VIEW titles AS SELECT title FROM book;\n"
    "CREATE TRIGGER t_view INSTEAD OF DELETE ON titles BEGIN SELECT 1; END;\n"
    "CREATE VIRTUAL TABLE book_fts USING fts5(title, content='Book', content_rowid='rowid');\n"
    "CREATE VIRTUAL TABLE old_fts USING fts4(name, content=\"author\");\n"
    "CREATE TABLE _litestream_lock(id);\n"
    "CREATE TABLE counted(a INTEGER PRIMARY KEY AUTOINCREMENT)";

std::string TextOf(const ForeignKey& key) {
  return absl::StrCat(key.table, "(", absl::StrJoin(key.columns, ","), ")->", key.parent_table, "(",
                      absl::StrJoin(key.parent_columns, ","), ") ", key.on_update, "/",
                      key.on_delete);
}
std::string TextOf(const std::vector<ForeignKey>& keys) {
  return absl::StrJoin(keys, "; ", [](std::string* out, const ForeignKey& key) {
    absl::StrAppend(out, TextOf(key));
  });
}

class CatalogTest : public testing::Test {
 protected:
  CatalogTest() : database_(kSchema) {}
  TableDescription Describe(absl::string_view table) {
    auto described = DescribeTable(*database_, table, Interrupt());
    EXPECT_TRUE(described.ok()) << described.status();
    return described.ok() ? *std::move(described) : TableDescription();
  }
  ServedDatabase database_;
};

TEST_F(CatalogTest, DescribesColumns) {
  const TableDescription book = Describe("BOOK");
  EXPECT_EQ(book.table->name, "Book");
  ASSERT_EQ(book.table->columns.size(), 6u);
  const std::vector<TableColumn>& columns = book.table->columns;
  EXPECT_EQ(columns[0].affinity, Affinity::kText);
  EXPECT_EQ(columns[0].primary_key_position, 1);
  EXPECT_EQ(columns[2].affinity, Affinity::kInteger);
  EXPECT_TRUE(columns[2].not_null);
  EXPECT_FALSE(columns[2].default_sql.has_value());
  EXPECT_EQ(columns[3].affinity, Affinity::kReal);
  EXPECT_EQ(columns[4].generated, Generated::kVirtual);
  EXPECT_EQ(columns[5].generated, Generated::kStored);
  EXPECT_EQ(columns[5].declared_type, "TEXT");
  EXPECT_EQ(Describe("author").table->columns[2].default_sql, "'then'");
  EXPECT_EQ(Describe("author").table->columns[2].affinity, Affinity::kNumeric);
  const TableDescription edition = Describe("edition");
  EXPECT_TRUE(edition.table->without_rowid);
  EXPECT_EQ(edition.table->primary_key, (std::vector<int>{0, 1}));
  EXPECT_EQ(Describe("titles").table->kind, TableKind::kView);
  EXPECT_TRUE(absl::StartsWith(book.table->sql, "CREATE TABLE Book"));
}

TEST_F(CatalogTest, DescribesForeignKeysBothWays) {
  EXPECT_EQ(TextOf(Describe("book").foreign_keys), "Book(author_id)->AUTHOR(id) NO ACTION/CASCADE");
  EXPECT_EQ(TextOf(Describe("author").referenced_by),
            "Book(author_id)->AUTHOR(id) NO ACTION/CASCADE");
  EXPECT_EQ(TextOf(Describe("book").referenced_by), "edition(isbn)->book(isbn) SET NULL/NO ACTION");
  EXPECT_EQ(TextOf(Describe("review").foreign_keys),
            "review(isbn,number)->edition(isbn,number) NO ACTION/NO ACTION");
  EXPECT_EQ(TextOf(Describe("edition").referenced_by),
            "review(isbn,number)->edition(isbn,number) NO ACTION/NO ACTION");
  EXPECT_EQ(TextOf(Describe("orphan").foreign_keys), "orphan(a)->nowhere(b) NO ACTION/NO ACTION");
}

TEST_F(CatalogTest, DescribesIndexesAndTriggers) {
  const TableDescription book = Describe("book");
  const auto find = [&](const std::string& name) {
    return *std::find_if(book.indexes.begin(), book.indexes.end(),
                         [&](const Index& index) { return index.name == name; });
  };
  ASSERT_EQ(book.indexes.size(), 3u);
  EXPECT_TRUE(find("by_title").unique);
  EXPECT_EQ(find("by_title").origin, "c");
  EXPECT_EQ(find("dear").columns, (std::vector<std::string>{"price", ""}));
  EXPECT_TRUE(find("dear").partial);
  EXPECT_FALSE(find("dear").unique);
  EXPECT_TRUE(absl::StartsWith(find("dear").sql, "CREATE INDEX dear"));
  EXPECT_EQ(find("sqlite_autoindex_Book_1").origin, "pk");
  EXPECT_EQ(find("sqlite_autoindex_Book_1").sql, "");
  ASSERT_EQ(Describe("author").triggers.size(), 1u);
  EXPECT_EQ(Describe("author").triggers[0].name, "t_author");
  EXPECT_EQ(Describe("titles").triggers[0].name, "t_view");
}

TEST_F(CatalogTest, ChoosesALabelColumn) {
  EXPECT_EQ(Describe("author").label_column, "name");
  EXPECT_EQ(Describe("book").label_column, "title");
  EXPECT_EQ(Describe("edition").label_column, "");
  database_.file.Run(
      "CREATE TABLE pair(id INTEGER PRIMARY KEY, whatever);\n"
      "CREATE TABLE three(id INTEGER PRIMARY KEY, a, b);\n"
      "CREATE TABLE coded(id INTEGER PRIMARY KEY, code TEXT UNIQUE, name TEXT);\n"
      "CREATE TABLE twice(id INTEGER PRIMARY KEY, a TEXT UNIQUE, b TEXT UNIQUE)");
  EXPECT_EQ(Describe("pair").label_column, "whatever");
  EXPECT_EQ(Describe("three").label_column, "");
  EXPECT_EQ(Describe("coded").label_column, "code");
  EXPECT_EQ(Describe("twice").label_column, "");
}

TEST_F(CatalogTest, FindsTheFullTextTableOfATable) {
  EXPECT_EQ(Describe("book").fts_table, "book_fts");
  EXPECT_EQ(Describe("author").fts_table, "old_fts");
  EXPECT_EQ(Describe("edition").fts_table, "");
  EXPECT_EQ(Describe("book_fts").table->kind, TableKind::kVirtual);
  EXPECT_EQ(Describe("book_fts").table->module, "fts5");
}

TEST_F(CatalogTest, CountsRowsExactlyUpToItsCeiling) {
  EXPECT_EQ(Describe("author").row_count.kind, RowCount::Kind::kExact);
  EXPECT_EQ(Describe("author").row_count.value, 0);
  const auto fill = [&](int64_t rows) {
    database_.file.Run(absl::StrCat(
        "DELETE FROM counted;\nINSERT INTO counted WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL "
        "SELECT i + 1 FROM n LIMIT ",
        rows, ") SELECT i FROM n"));
  };
  fill(limits::kCountRowsMax);
  EXPECT_EQ(Describe("counted").row_count.kind, RowCount::Kind::kExact);
  EXPECT_EQ(Describe("counted").row_count.value, limits::kCountRowsMax);
  fill(limits::kCountRowsMax + 1);
  EXPECT_EQ(Describe("counted").row_count.kind, RowCount::Kind::kCapped);
  EXPECT_EQ(Describe("counted").row_count.value, limits::kCountRowsMax);
}

TEST_F(CatalogTest, GivesNoCountThatTakesTooLong) {
  database_.file.Run(
      "CREATE VIEW endless AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) "
      "SELECT i FROM n WHERE i < 0");
  EXPECT_EQ(Describe("endless").row_count.kind, RowCount::Kind::kUnknown);
}

TEST_F(CatalogTest, HidesInternalTables) {
  const auto schema = ReadSchema(*database_, Interrupt());
  std::set<std::string> hidden;
  for (const Table& table : (*schema)->tables()) {
    if (table.hidden) hidden.insert(table.name);
  }
  for (const char* name :
       {"book_fts_data", "old_fts_segments", "_litestream_lock", "sqlite_sequence"}) {
    EXPECT_EQ(hidden.count(name), 1u) << name;
  }
  // sqlite_schema itself is in no schema.
  hidden.insert("sqlite_schema");
  for (const std::string& name : hidden) {
    EXPECT_EQ(ReasonOf(DescribeTable(*database_, name, Interrupt()).status()), reason::kNoSuchTable)
        << name;
  }
  const auto described = DescribeDatabase(*database_, Interrupt());
  EXPECT_EQ(described->table_count, 8);
  EXPECT_EQ(described->view_count, 1);
  EXPECT_EQ(described->hidden_table_count, static_cast<int>(hidden.size()) - 1);
}

TEST_F(CatalogTest, DescribesTheDatabase) {
  const auto connection = database_.file.Open();
  ASSERT_TRUE(connection->Execute("PRAGMA user_version = 7").ok());
  ASSERT_TRUE(connection->Execute("PRAGMA application_id = 11").ok());
  const auto described = DescribeDatabase(*database_, Interrupt());
  ASSERT_TRUE(described.ok()) << described.status();
  EXPECT_EQ(described->user_version, 7);
  EXPECT_EQ(described->application_id, 11);
  EXPECT_EQ(described->encoding, "UTF-8");
  EXPECT_EQ(described->journal_mode, "wal");
  EXPECT_EQ(described->page_size_bytes, 4096);
  EXPECT_EQ(described->size_bytes % 4096, 0);
  EXPECT_GT(described->size_bytes, 4096);
  EXPECT_EQ(described->commit_token, "");
  EXPECT_FALSE(described->read_only);
}

TEST(AffinityTest, FollowsSQLitesRules) {
  for (const auto& [type, affinity] :
       std::vector<std::pair<const char*, Affinity>>{{"INTEGER", Affinity::kInteger},
                                                     {"tinyint(1)", Affinity::kInteger},
                                                     {"CHARINT", Affinity::kInteger},
                                                     {"FLOATING POINT", Affinity::kInteger},
                                                     {"varchar(9)", Affinity::kText},
                                                     {"CLOB", Affinity::kText},
                                                     {"", Affinity::kBlob},
                                                     {"BLOB", Affinity::kBlob},
                                                     {"double precision", Affinity::kReal},
                                                     {"REAL", Affinity::kReal},
                                                     {"DECIMAL(10,5)", Affinity::kNumeric},
                                                     {"STRING", Affinity::kNumeric},
                                                     {"DATE", Affinity::kNumeric}}) {
    EXPECT_EQ(AffinityOf(type), affinity) << type;
  }
}

// A database of the world, with views, triggers and 100 000 rows.
class ProjTest : public testing::Test {
 protected:
  static constexpr char kProj[] = "/usr/share/proj/proj.db";
};

TEST_F(ProjTest, IsDescribedAndServedWhole) {
  if (!std::filesystem::exists(kProj)) GTEST_SKIP() << "proj-data is not installed";
  const sqlite::TestDatabase folder;
  const std::string path = folder.folder() + "/proj.db";
  std::filesystem::copy_file(kProj, path);
  Metrics metrics;
  auto opened = Database::Open({.name = "proj", .path = path, .read_connections_max = 4}, &metrics);
  ASSERT_TRUE(opened.ok()) << opened.status();
  const auto described = DescribeDatabase(**opened, Interrupt());
  EXPECT_GT(described->table_count, 30);
  EXPECT_GT(described->view_count, 5);
  const auto schema = ReadSchema(**opened, Interrupt());
  size_t triggers = 0;
  for (const Table& table : (*schema)->tables()) {
    if (table.hidden) continue;
    SCOPED_TRACE(table.name);
    EXPECT_EQ(table.unavailable_reason, "");
    const auto description = DescribeTable(**opened, table.name, Interrupt());
    ASSERT_TRUE(description.ok()) << description.status();
    triggers += description->triggers.size();
    CollectingSink sink;
    PageSpec spec{.rows = {}, .rows_max = 50, .bytes_max = size_t{1} << 30};
    spec.rows.table = table.name;
    const auto page = ListRows(**opened, spec, Interrupt(), sink);
    ASSERT_TRUE(page.ok()) << page.status();
    for (const RowKey& key : sink.keys) {
      CollectingSink one;
      ASSERT_TRUE(ReadRow(**opened, table.name, key, one).ok());
    }
  }
  EXPECT_GT(triggers, 30u);
}

}  // namespace
}  // namespace sluice::engine
