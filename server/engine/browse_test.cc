#include "server/engine/browse.h"

#include <gtest/gtest.h>

#include <optional>
#include <random>
#include <regex>
#include <set>

#include "server/base/error.h"
#include "server/engine/test_served.h"
#include "server/sqlite/quote.h"

namespace sluice::engine {
namespace {

constexpr size_t kManyBytes = size_t{1} << 30;

// Values between which every kind of comparison can go wrong. Also as SQL.
const std::vector<std::string>& OddValues() {
  static const auto* const kValues = new std::vector<std::string>{"NULL",
                                                                  "NULL",
                                                                  "0",
                                                                  "1",
                                                                  "1.0",
                                                                  "-1",
                                                                  "-0.0",
                                                                  "0.5",
                                                                  "1e300",
                                                                  "9007199254740993",
                                                                  "9007199254740992.0",
                                                                  "9223372036854775807",
                                                                  "-9223372036854775808",
                                                                  "''",
                                                                  "'a'",
                                                                  "'A'",
                                                                  "'b'",
                                                                  "'B'",
                                                                  "'1'",
                                                                  "'1.0'",
                                                                  "'\xc3\xa9'",
                                                                  "'a' || char(0) || 'b'",
                                                                  "x''",
                                                                  "x'00'",
                                                                  "x'61'",
                                                                  "CAST(x'ff' AS TEXT)"};
  return *kValues;
}

struct Subject {
  const char* name;
  const char* sql;
  // Columns that are filled.
  std::vector<const char*> columns;
  // The order in which pages must come. Empty: all columns, byte by byte.
  const char* order;
};

const std::vector<Subject>& Subjects() {
  static const auto* const kSubjects = new std::vector<Subject>{
      {"plain", "(a, b)", {"a", "b"}, "rowid"},
      {"ints", "(id INTEGER PRIMARY KEY, a)", {"id", "a"}, "id"},
      {"texts", "(k TEXT PRIMARY KEY, a)", {"k", "a"}, "rowid"},
      {"nocase", "(k COLLATE NOCASE PRIMARY KEY, a)", {"k", "a"}, "rowid"},
      {"compound", "(a, x, y, PRIMARY KEY (y, x))", {"a", "x", "y"}, "rowid"},
      {"quirk", "(a INTEGER PRIMARY KEY DESC, b)", {"a", "b"}, "rowid"},
      {"made", "(a, b AS (a || '!'), c AS (typeof(a)) STORED)", {"a"}, "rowid"},
      {"od\"d ta/ble", "(\"se\"\"lect\", \"\")", {"se\"lect", ""}, "rowid"},
      {"shadow_one", "(rowid, a)", {"rowid", "a"}, "_rowid_"},
      {"shadow_two", "(RowID, a, _rowid_)", {"RowID", "_rowid_", "a"}, "oid"},
      {"shadow_all", "(rowid, oid COLLATE NOCASE, _rowid_)", {"rowid", "oid", "_rowid_"}, ""},
      {"shadow_key", "(rowid, oid PRIMARY KEY, _rowid_)", {"rowid", "oid", "_rowid_"}, ""},
      {"shadow_sure",
       "(rowid, oid NOT NULL PRIMARY KEY, _rowid_)",
       {"rowid", "oid", "_rowid_"},
       "oid"},
      {"shadow_int", "(rowid, oid INTEGER PRIMARY KEY, _rowid_)", {"rowid", "oid", "_rowid_"}, ""},
      {"without", "(a, b, c, PRIMARY KEY (b, a)) WITHOUT ROWID", {"a", "b", "c"}, "b, a"},
      {"without_nocase",
       "(a COLLATE NOCASE, b, c, PRIMARY KEY (a, b)) WITHOUT ROWID",
       {"a", "b", "c"},
       "a, b"},
      {"without_desc", "(a, b, PRIMARY KEY (a DESC, b)) WITHOUT ROWID", {"a", "b"}, "a, b"},
      {"without_binary",
       "(a TEXT COLLATE NOCASE, b, PRIMARY KEY (a COLLATE BINARY)) WITHOUT ROWID",
       {"a", "b"},
       "a COLLATE BINARY"},
      {"without_affinities",
       "(a INTEGER, b NUMERIC, c REAL, d TEXT, PRIMARY KEY (a, b, c, d)) WITHOUT ROWID",
       {"a", "b", "c", "d"},
       "a, b, c, d"},
  };
  return *kSubjects;
}

class Walker {
 public:
  explicit Walker(const ServedDatabase& database, uint32_t seed = 1)
      : database_(database), random_(seed) {}

  size_t Below(size_t n) { return std::uniform_int_distribution<size_t>(0, n - 1)(random_); }

  // All rows by pages of sizes that change, as text; the keys in `sink`.
  std::string Walk(absl::string_view table, CollectingSink& sink) {
    std::optional<PagePosition> after;
    for (int pages = 0; pages < 10'000; ++pages) {
      const size_t before = sink.rows.size();
      PageSpec spec{.table = table, .rows_max = 0, .bytes_max = kManyBytes, .after = {}};
      spec.rows_max = static_cast<int64_t>(1 + Below(7));
      // Now and then the bytes end the page: after one row.
      if (Below(4) == 0) spec.bytes_max = 1;
      spec.after = std::move(after);
      auto page = ListRows(*database_, spec, Interrupt(), sink);
      if (!page.ok()) return page.status().ToString();
      const size_t given = sink.rows.size() - before;
      if (given > static_cast<size_t>(spec.rows_max)) return "a page is too long";
      if (!page->has_value()) return sink.text();
      if (given == 0) return "a page in the middle is empty";
      after = *std::move(page);
    }
    return "the walk does not end";
  }

 private:
  const ServedDatabase& database_;
  std::mt19937 random_;
};

void Fill(const ServedDatabase& database, const Subject& subject, Walker& random, int rows) {
  const auto connection = database.file.Open();
  ASSERT_TRUE(connection->Execute("BEGIN").ok());
  for (int i = 0; i < rows; ++i) {
    std::vector<std::string> names;
    std::vector<std::string> values;
    for (const char* column : subject.columns) {
      names.push_back(sqlite::QuoteIdentifier(column));
      values.push_back(OddValues()[random.Below(OddValues().size())]);
    }
    const absl::Status status = connection->Execute(
        absl::StrCat("INSERT OR IGNORE INTO ", sqlite::QuoteIdentifier(subject.name), "(",
                     absl::StrJoin(names, ", "), ") VALUES (", absl::StrJoin(values, ", "), ")"));
    // What the table does not take is left out.
    if (status.ok()) continue;
    ASSERT_EQ(ReasonOf(status), reason::kDatatype) << status;
  }
  ASSERT_TRUE(connection->Execute("COMMIT").ok());
}

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

// Reals that are whole numbers as integers, since those are equal in any order.
std::string Normal(const std::string& rows) {
  static const std::regex kWhole("(^|[,;])(-?[0-9]+)\\.0*(?=[,;]|$)");
  static const std::regex kMinusZero("(^|[,;])-0(?=[,;]|$)");
  return std::regex_replace(std::regex_replace(rows, kWhole, "$1$2"), kMinusZero, "$010");
}

constexpr char kViews[] =
    "CREATE TABLE base(a, b COLLATE NOCASE, c REAL, d TEXT);\n"
    "CREATE TABLE empty(a);\n"
    "CREATE VIEW ties AS SELECT a FROM base;\n"
    "CREATE VIEW pairs AS SELECT b, a FROM base;\n"
    "CREATE VIEW twice AS SELECT a, b FROM base UNION ALL SELECT a, b FROM base;\n"
    "CREATE VIEW folded AS SELECT DISTINCT b FROM base;\n"
    "CREATE VIEW mixed AS SELECT +c AS c, d || '' AS d, CAST(a AS TEXT) AS a FROM base;\n"
    "CREATE VIEW counted AS SELECT typeof(a) AS kind, count(*) AS n FROM base GROUP BY 1;\n"
    "CREATE VIEW zeros AS SELECT column1 AS z, typeof(column1) AS t FROM (VALUES (0), (-0.0), "
    "(0.0), (1), (1.0), (1), (1.0), (NULL), (NULL));\n"
    "CREATE VIEW none AS SELECT * FROM empty;\n"
    "CREATE VIEW twin_names AS SELECT a, a AS \"a:1\", b AS a FROM base;\n"
    "CREATE VIEW all_of_it AS SELECT *, 7 AS \"se\"\"ven\" FROM base";

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
    PageSpec spec{.table = table, .rows_max = 1, .bytes_max = 1, .after = PagePosition()};
    spec.after->values.resize(values);
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
  const auto page =
      ListRows(*database, {.table = "endless", .rows_max = 1, .bytes_max = kManyBytes, .after = {}},
               Interrupt(Deadline::After(absl::Milliseconds(20))), sink);
  EXPECT_EQ(page.status().code(), absl::StatusCode::kDeadlineExceeded);
}

}  // namespace
}  // namespace sluice::engine
