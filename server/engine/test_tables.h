// For tests of pages: tables and views with everything that makes an order hard, and walks over
// them.
#pragma once

#include <gtest/gtest.h>

#include <optional>
#include <random>
#include <regex>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "server/base/error.h"
#include "server/engine/browse.h"
#include "server/engine/test_served.h"
#include "server/sqlite/quote.h"

namespace sluice::engine {

inline constexpr size_t kManyBytes = size_t{1} << 30;

// Values between which every kind of comparison can go wrong. Also as SQL.
inline const std::vector<std::string>& OddValues() {
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

inline const std::vector<Subject>& Subjects() {
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
    RowsSpec rows;
    rows.table = table;
    return Walk(rows, sink);
  }

  std::string Walk(const RowsSpec& rows, CollectingSink& sink) {
    std::optional<PagePosition> after;
    for (int pages = 0; pages < 10'000; ++pages) {
      const size_t before = sink.rows.size();
      PageSpec spec{.rows = rows, .rows_max = 0, .bytes_max = kManyBytes};
      spec.rows_max = static_cast<int64_t>(1 + Below(7));
      // Now and then the bytes end the page: after one row.
      if (Below(4) == 0) spec.bytes_max = 1;
      spec.rows.after = std::move(after);
      auto page = ListRows(*database_, spec, Interrupt(), sink);
      if (!page.ok()) return page.status().ToString();
      const size_t given = sink.rows.size() - before;
      if (given > static_cast<size_t>(spec.rows_max)) return "a page is too long";
      if (!page->next.has_value()) return sink.text();
      if (given == 0) return "a page in the middle is empty";
      after = std::move(page->next);
    }
    return "the walk does not end";
  }

 private:
  const ServedDatabase& database_;
  std::mt19937 random_;
};

inline void Fill(const ServedDatabase& database, const Subject& subject, Walker& random, int rows) {
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

// Reals that are whole numbers as integers, since those are equal in any order.
inline std::string Normal(const std::string& rows) {
  static const std::regex kWhole("(^|[,;])(-?[0-9]+)\\.0*(?=[,;]|$)");
  static const std::regex kMinusZero("(^|[,;])-0(?=[,;]|$)");
  return std::regex_replace(std::regex_replace(rows, kWhole, "$1$2"), kMinusZero, "$010");
}

inline constexpr char kViews[] =
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

}  // namespace sluice::engine
