#include "server/engine/browse.h"

#include <gtest/gtest.h>

#include <set>

#include "server/base/error.h"
#include "server/engine/test_served.h"
#include "server/engine/test_tables.h"
#include "server/sqlite/quote.h"

namespace sluice::engine {
namespace {

std::string PlainSelect(const ServedDatabase& database, const std::string& name,
                        const std::string& order) {
  std::string by = order;
  if (by.empty()) {
    const auto schema = database->CachedSchema();
    by = absl::StrJoin(
        schema->Find(name)->columns, ", ", [](std::string* out, const TableColumn& column) {
          absl::StrAppend(out, sqlite::QuoteIdentifier(column.name), " COLLATE BINARY");
        });
  }
  return absl::StrCat("SELECT * FROM ", sqlite::QuoteIdentifier(name), " ORDER BY ", by);
}

TEST(BrowseTest, AWalkGivesEveryRowOnceInOrderAndEveryKeyFindsItsRow) {
  std::string schema;
  for (const Subject& subject : Subjects()) {
    absl::StrAppend(&schema, "CREATE TABLE ", sqlite::QuoteIdentifier(subject.name), subject.sql,
                    ";\n");
  }
  for (uint32_t seed = 1; seed <= 4; ++seed) {
    const ServedDatabase database(schema.c_str());
    Walker walker(database, seed);
    for (const Subject& subject : Subjects()) {
      SCOPED_TRACE(absl::StrCat(subject.name, " with seed ", seed));
      const bool keyset = *subject.order != '\0';
      Fill(database, subject, walker, seed == 1 ? 0 : 90);
      CollectingSink sink;
      // shadow_all and shadow_key come in the order of all columns, where equal values may differ
      // in class: the test of views looks at that.
      const std::string walked = walker.Walk(subject.name, sink);
      if (keyset) {
        EXPECT_EQ(walked, Ask(database.file, PlainSelect(database, subject.name, subject.order)));
      }
      const bool nameless = absl::string_view(subject.name) == "shadow_all";
      ASSERT_EQ(sink.keys.size(), nameless ? 0 : sink.rows.size());
      for (size_t i = 0; i < sink.keys.size(); ++i) {
        const RowKey& key = sink.keys[i];
        // Nothing names a row with NULL in its key when the rowid cannot be reached.
        if (key.by_rowid && key.parts[0].view().is_null()) continue;
        CollectingSink one;
        const absl::Status got = ReadRow(*database, subject.name, key, one);
        ASSERT_TRUE(got.ok()) << got << " " << TextOf(key.parts);
        EXPECT_EQ(one.text(), sink.rows[i]) << TextOf(key.parts);
        EXPECT_EQ(one.etag.size(), 22u);
      }
    }
  }
}

TEST(BrowseTest, AWalkOverAViewGivesEveryRowOnceAmongTies) {
  for (uint32_t seed = 1; seed <= 3; ++seed) {
    const ServedDatabase database(kViews);
    Walker walker(database, seed);
    Fill(database, {"base", "", {"a", "b", "c", "d"}, ""}, walker, 120);
    for (const char* view : {"ties", "pairs", "twice", "folded", "mixed", "counted", "zeros",
                             "none", "twin_names", "all_of_it"}) {
      SCOPED_TRACE(absl::StrCat(view, " with seed ", seed));
      CollectingSink sink;
      const std::string walked = walker.Walk(view, sink);
      const std::string plain = Ask(database.file, absl::StrCat("SELECT * FROM ", view));
      const std::vector<std::string> all = absl::StrSplit(plain, ';', absl::SkipEmpty());
      EXPECT_EQ(std::multiset<std::string>(sink.rows.begin(), sink.rows.end()),
                std::multiset<std::string>(all.begin(), all.end()));
      EXPECT_EQ(Normal(walked), Normal(Ask(database.file, PlainSelect(database, view, ""))));
      EXPECT_TRUE(sink.keys.empty());
    }
    CollectingSink sink;
    const RowKey key{.parts = {}, .by_rowid = true};
    EXPECT_EQ(ReasonOf(ReadRow(*database, "ties", key, sink)), reason::kUnsupported);
  }
}

TEST(BrowseTest, WalksFullTextTables) {
  const ServedDatabase database(
      "CREATE VIRTUAL TABLE docs USING fts5(title, body);\n"
      "CREATE VIRTUAL TABLE old USING fts4(title, body);\n"
      "CREATE VIRTUAL TABLE boxes USING rtree(id, x0, x1);\n"
      "INSERT INTO docs WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 30) "
      "SELECT 'title ' || i, NULL FROM n;\n"
      "INSERT INTO old SELECT title, body FROM docs;\n"
      "INSERT INTO boxes SELECT rowid * 3, rowid, rowid + 1 FROM docs;\n"
      "DELETE FROM docs WHERE rowid % 7 = 0");
  Walker walker(database);
  for (const char* table : {"docs", "old", "boxes"}) {
    SCOPED_TRACE(table);
    CollectingSink sink;
    EXPECT_EQ(walker.Walk(table, sink),
              Ask(database.file, absl::StrCat("SELECT * FROM ", table, " ORDER BY rowid")));
    ASSERT_EQ(sink.keys.size(), sink.rows.size());
    for (size_t i = 0; i < sink.keys.size(); ++i) {
      CollectingSink one;
      ASSERT_TRUE(ReadRow(*database, table, sink.keys[i], one).ok());
      EXPECT_EQ(one.text(), sink.rows[i]);
    }
  }
}

TEST(BrowseTest, EtagsChangeExactlyWithWhatIsStored) {
  const ServedDatabase database(
      "CREATE TABLE t(id INTEGER PRIMARY KEY, a, b, c AS (a || b), d AS (a || b) STORED);\n"
      "INSERT INTO t(id, a, b) VALUES (1, 'x', NULL)");
  const auto etag = [&](absl::string_view secret = kSecret) {
    CollectingSink sink;
    RowKey key;
    key.parts.emplace_back(sqlite::ValueView::Integer(1));
    EXPECT_TRUE(ReadRow(*database, "t", key, sink, secret).ok());
    return sink.etag;
  };
  EXPECT_EQ(etag(), etag());
  EXPECT_NE(etag(), etag("another secret, as long as it must be"));
  std::set<std::string> seen{etag()};
  for (const char* values :
       {"a = 'X'", "a = x'78'", "a = 1", "a = 1.5", "a = '1'", "a = 2, b = 1", "a = 1, b = 2",
        "a = '', b = x''", "a = x'', b = ''", "a = NULL, b = ''", "a = 'ab', b = 'c'",
        "a = 'a', b = 'bc'", "a = 0, b = NULL", "a = NULL, b = 0"}) {
    database.file.Run(absl::StrCat("UPDATE t SET ", values));
    EXPECT_TRUE(seen.insert(etag()).second) << values;
    const std::string before = etag();
    database.file.Run("UPDATE t SET a = a, b = b");
    EXPECT_EQ(etag(), before);
  }
  const std::string before = etag();
  database.file.Run("ALTER TABLE t RENAME COLUMN a TO a2");
  EXPECT_NE(etag(), before);
}

TEST(BrowseTest, RefusesWhatDoesNotFitTheTable) {
  const ServedDatabase database(
      "CREATE TABLE t(id INTEGER PRIMARY KEY, a);\n"
      "CREATE TABLE w(a, b, PRIMARY KEY (a, b)) WITHOUT ROWID;\n"
      "INSERT INTO t VALUES (1, 2)");
  CollectingSink sink;
  const auto list = [&](absl::string_view table, size_t values) {
    PageSpec spec{.rows = {}, .rows_max = 1, .bytes_max = 1};
    spec.rows.table = table;
    spec.rows.after.emplace().values.resize(values);
    return ReasonOf(ListRows(*database, spec, Interrupt(), sink).status());
  };
  EXPECT_EQ(list("t", 0), reason::kBadRequest);
  EXPECT_EQ(list("t", 2), reason::kBadRequest);
  EXPECT_EQ(list("w", 1), reason::kBadRequest);
  EXPECT_EQ(list("nosuch", 1), reason::kNoSuchTable);
  EXPECT_EQ(list("sqlite_schema", 1), reason::kNoSuchTable);

  const auto get = [&](absl::string_view table, size_t parts, bool by_rowid) {
    RowKey key{.parts = {}, .by_rowid = by_rowid};
    key.parts.resize(parts, sqlite::Value(sqlite::ValueView::Integer(9)));
    return ReasonOf(ReadRow(*database, table, key, sink));
  };
  EXPECT_EQ(get("t", 1, false), reason::kNoSuchRow);
  EXPECT_EQ(get("t", 1, true), reason::kNoSuchRow);
  EXPECT_EQ(get("t", 2, false), reason::kBadRequest);
  EXPECT_EQ(get("t", 0, true), reason::kBadRequest);
  EXPECT_EQ(get("w", 2, false), reason::kNoSuchRow);
  EXPECT_EQ(get("w", 1, true), reason::kUnsupported);
  EXPECT_EQ(get("nosuch", 1, false), reason::kNoSuchTable);
}

TEST(BrowseTest, StopsForACallerWhoIsGone) {
  const ServedDatabase database(
      "CREATE VIEW endless AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) "
      "SELECT max(i) AS i FROM (SELECT i FROM n LIMIT 1000000000)");
  CollectingSink sink;
  PageSpec spec{.rows = {}, .rows_max = 1, .bytes_max = kManyBytes};
  spec.rows.table = "endless";
  const auto page =
      ListRows(*database, spec, Interrupt(Deadline::After(absl::Milliseconds(20))), sink);
  EXPECT_EQ(page.status().code(), absl::StatusCode::kDeadlineExceeded);
}

TEST(BrowseTest, ComesInTheUsualOrderWhereNoOtherIsAskedFor) {
  const ServedDatabase database(
      "CREATE TABLE t(a INTEGER PRIMARY KEY, b);\n"
      "INSERT INTO t VALUES (1, 'y'), (2, 'x'), (3, 'y')");
  PageSpec spec{.rows = {.table = "t"}, .rows_max = 9, .bytes_max = size_t{1} << 20};
  const auto page = [&] {
    CollectingSink sink;
    const auto outcome = ListRows(*database, spec, Interrupt(), sink);
    return outcome.ok() ? sink.text() : ReasonOf(outcome.status());
  };
  OrderTerm& usual = spec.rows.usual_order.emplace();
  usual.column = "B";
  EXPECT_EQ(page(), "2,'x';1,'y';3,'y'");
  usual.descending = true;
  EXPECT_EQ(page(), "3,'y';1,'y';2,'x'");
  spec.rows.order.emplace_back().column = "a";
  EXPECT_EQ(page(), "1,'y';2,'x';3,'y'");
  spec.rows.order.clear();
  usual.column = "gone";
  EXPECT_EQ(page(), "1,'y';2,'x';3,'y'");
}

}  // namespace
}  // namespace sluice::engine
