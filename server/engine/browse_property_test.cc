// Walks over random tables with random filters, orders and columns against one plain statement.
// SLUICE_PAGE_CASES walks; ten thousand when it is not set.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <set>

#include "server/engine/test_served.h"
#include "server/engine/test_tables.h"

namespace sluice::engine {
namespace {

// A literal as SQL and as what a filter holds.
struct Literal {
  std::string sql;
  sqlite::Value value;
};

std::vector<Literal> Literals(const sqlite::TestDatabase& file) {
  std::vector<Literal> literals;
  const auto connection = file.Open(sqlite::OpenOptions::Mode::kReadOnly);
  for (const std::string& sql : OddValues()) {
    auto value = connection->QueryValue(absl::StrCat("SELECT ", sql));
    EXPECT_TRUE(value.ok());
    if (!value->view().is_null()) literals.push_back({sql, *std::move(value)});
  }
  return literals;
}

// A filter and the same condition as SQL.
struct Condition {
  Filter filter;
  std::string sql;
};

// A request and the statement that says the same.
struct Case {
  RowsSpec rows;
  std::string plain;
  // Whether the order tells all rows apart.
  bool total = true;
};

class Maker {
 public:
  Maker(const ServedDatabase& database, uint32_t seed)
      : schema_(database->CachedSchema()), literals_(Literals(database.file)), random_(seed) {}

  size_t Below(size_t n) { return std::uniform_int_distribution<size_t>(0, n - 1)(random_); }

  Case Make(const Table& table) {
    Case made;
    made.rows.table = table.name;
    std::string where;
    if (Below(4) > 0) {
      Condition condition = MakeCondition(table, 3);
      where = absl::StrCat(" WHERE ", condition.sql);
      made.rows.filter = std::move(condition.filter);
    }
    const std::string order = MakeOrder(table, made);
    std::string list = "*";
    if (Below(3) == 0) list = MakeColumns(table, made);
    made.plain = absl::StrCat("SELECT ", list, " FROM ", sqlite::QuoteIdentifier(table.name), where,
                              " ORDER BY ", order);
    return made;
  }

 private:
  const TableColumn& AnyColumn(const Table& table) {
    return table.columns[Below(table.columns.size())];
  }

  Condition MakeCondition(const Table& table, int levels) {
    const size_t kind = Below(levels > 0 ? 4 : 1);
    if (kind == 0) return MakeTest(table);
    Condition made;
    if (kind == 3) {
      Condition inner = MakeCondition(table, levels - 1);
      made.filter.kind = Filter::Kind::kNot;
      made.filter.parts.push_back(std::move(inner.filter));
      made.sql = absl::StrCat("(NOT ", inner.sql, ")");
      return made;
    }
    made.filter.kind = kind == 1 ? Filter::Kind::kAnd : Filter::Kind::kOr;
    std::vector<std::string> parts;
    for (size_t i = 0; i <= Below(3); ++i) {
      Condition part = MakeCondition(table, levels - 1);
      made.filter.parts.push_back(std::move(part.filter));
      parts.push_back(std::move(part.sql));
    }
    made.sql = absl::StrCat("(", absl::StrJoin(parts, kind == 1 ? " AND " : " OR "), ")");
    return made;
  }

  Condition MakeTest(const Table& table) {
    const TableColumn& column = AnyColumn(table);
    const std::string name = sqlite::QuoteIdentifier(column.name);
    Condition made;
    made.filter.column = column.name;
    const Literal& literal = literals_[Below(literals_.size())];
    switch (Below(5)) {
      case 0:
        made.filter.kind = Filter::Kind::kIsNull;
        made.sql = absl::StrCat("(", name, " IS NULL)");
        return made;
      case 1: {
        made.filter.kind = Filter::Kind::kIn;
        const Literal& second = literals_[Below(literals_.size())];
        made.filter.values = {literal.value, second.value};
        made.sql = absl::StrCat("(", name, " IN (", literal.sql, ", ", second.sql, "))");
        return made;
      }
      case 2:
        made.filter.kind = Filter::Kind::kContains;
        made.filter.values.emplace_back(sqlite::ValueView::Text("a"));
        made.sql = absl::StrCat("(", name, " LIKE '%a%')");
        return made;
      default: {
        constexpr const char* kSigns[] = {"=", "<>", "<", "<=", ">", ">="};
        const size_t sign = Below(std::size(kSigns));
        made.filter.kind = Filter::Kind::kCompare;
        made.filter.comparison = static_cast<Filter::Comparison>(sign);
        made.filter.values.push_back(literal.value);
        made.sql = absl::StrCat("(", name, " ", kSigns[sign], " ", literal.sql, ")");
        return made;
      }
    }
  }

  // The order, with what makes it total as the contract says.
  std::string MakeOrder(const Table& table, Case& made) {
    std::vector<std::string> order;
    std::set<std::string> taken;
    bool descending = false;
    for (size_t i = Below(4); i > 0; --i) {
      OrderTerm term;
      term.column = AnyColumn(table).name;
      if (!taken.insert(term.column).second) continue;
      term.descending = descending = Below(2) == 0;
      std::string sql =
          absl::StrCat(sqlite::QuoteIdentifier(term.column), descending ? " DESC" : "");
      if (Below(3) == 0) {
        term.nulls_first = Below(2) == 0;
        absl::StrAppend(&sql, *term.nulls_first ? " NULLS FIRST" : " NULLS LAST");
      }
      made.rows.order.push_back(std::move(term));
      order.push_back(std::move(sql));
    }
    const char* const down = descending ? " DESC" : "";
    if (!table.rowid_name.empty()) {
      order.push_back(absl::StrCat(table.rowid_name, down));
    } else if (table.without_rowid || table.name == "shadow_sure") {
      for (const int part : table.primary_key) {
        const TableColumn& column = table.columns[static_cast<size_t>(part)];
        order.push_back(absl::StrCat(
            sqlite::QuoteIdentifier(column.name),
            column.key_collation.empty() ? "" : absl::StrCat(" COLLATE ", column.key_collation),
            down));
      }
    } else {
      made.total = false;
      for (const TableColumn& column : table.columns) {
        order.push_back(
            absl::StrCat(sqlite::QuoteIdentifier(column.name), " COLLATE BINARY", down));
      }
    }
    return absl::StrJoin(order, ", ");
  }

  std::string MakeColumns(const Table& table, Case& made) {
    std::vector<std::string> names;
    for (const TableColumn& column : table.columns) {
      if (Below(2) == 0) made.rows.columns.push_back(column.name);
    }
    if (made.rows.columns.empty()) made.rows.columns.push_back(AnyColumn(table).name);
    std::shuffle(made.rows.columns.begin(), made.rows.columns.end(), random_);
    for (const std::string& name : made.rows.columns)
      names.push_back(sqlite::QuoteIdentifier(name));
    return absl::StrJoin(names, ", ");
  }

  const std::shared_ptr<const Schema> schema_;
  const std::vector<Literal> literals_;
  std::mt19937 random_;
};

int CasesWanted() {
  const char* const wanted = std::getenv("SLUICE_PAGE_CASES");
  return wanted == nullptr ? 10'000 : std::max(1, std::atoi(wanted));
}

std::multiset<std::string> RowsOf(const std::string& text) {
  const std::vector<std::string> rows = absl::StrSplit(text, ';', absl::SkipEmpty());
  return {rows.begin(), rows.end()};
}

// Equal rows may come in any order among themselves.
void ExpectSame(const Case& made, const std::string& walked, const std::string& plain) {
  if (made.total) {
    EXPECT_EQ(walked, plain) << made.plain;
    return;
  }
  EXPECT_EQ(RowsOf(walked), RowsOf(plain)) << made.plain;
  EXPECT_EQ(Normal(walked), Normal(plain)) << made.plain;
}

void RunCases(const ServedDatabase& database, const std::vector<std::string>& names, uint32_t seed,
              int cases) {
  Maker maker(database, seed);
  Walker walker(database, seed);
  const auto schema = database->CachedSchema();
  for (int i = 0; i < cases && !testing::Test::HasFailure(); ++i) {
    const Case made = maker.Make(*schema->Find(names[maker.Below(names.size())]));
    CollectingSink sink;
    ExpectSame(made, walker.Walk(made.rows, sink), Ask(database.file, made.plain));
  }
}

TEST(BrowsePropertyTest, WalksOverTablesGiveWhatOneStatementGives) {
  std::string schema;
  std::vector<std::string> names;
  for (const Subject& subject : Subjects()) {
    absl::StrAppend(&schema, "CREATE TABLE ", sqlite::QuoteIdentifier(subject.name), subject.sql,
                    ";\n");
    names.emplace_back(subject.name);
  }
  absl::StrAppend(&schema,
                  "CREATE INDEX plain_a ON plain(a);\nCREATE INDEX plain_ba ON plain(b, a);\n"
                  "CREATE INDEX without_c ON without(c);");
  const int cases = CasesWanted() * 4 / 5;
  const int kCasesOfADatabase = 400;
  for (int done = 0; done < cases && !HasFailure(); done += kCasesOfADatabase) {
    const auto seed = static_cast<uint32_t>(done + 1);
    const ServedDatabase database(schema.c_str());
    Walker random(database, seed);
    for (const Subject& subject : Subjects()) Fill(database, subject, random, 30);
    RunCases(database, names, seed, std::min(kCasesOfADatabase, cases - done));
  }
}

TEST(BrowsePropertyTest, WalksOverViewsGiveWhatOneStatementGives) {
  // A view that folds by a collation may give another representative under each filter, and one
  // that gives equal rows of other classes gives them in any order.
  const std::vector<std::string> names = {"ties",  "pairs", "twice",      "mixed",    "counted",
                                          "zeros", "none",  "twin_names", "all_of_it"};
  const int cases = CasesWanted() / 5;
  const int kCasesOfADatabase = 400;
  for (int done = 0; done < cases && !HasFailure(); done += kCasesOfADatabase) {
    const auto seed = static_cast<uint32_t>(done + 1);
    const ServedDatabase database(kViews);
    Walker random(database, seed);
    Fill(database, {"base", "", {"a", "b", "c", "d"}, ""}, random, 40);
    RunCases(database, names, seed, std::min(kCasesOfADatabase, cases - done));
  }
}

}  // namespace
}  // namespace sluice::engine
