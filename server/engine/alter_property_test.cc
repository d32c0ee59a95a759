// Random tables, altered in random ways: rows, indexes, triggers and those that refer survive.
#include <gtest/gtest.h>

#include <map>
#include <random>

#include "server/base/error.h"
#include "server/engine/test_tables_changed.h"
#include "server/engine/test_write.h"
#include "server/sqlite/quote.h"

namespace sluice::engine {
namespace {

using sqlite::QuoteIdentifier;

class Random {
 public:
  explicit Random(uint32_t seed) : engine_(seed) {}
  size_t Below(size_t n) { return std::uniform_int_distribution<size_t>(0, n - 1)(engine_); }
  bool Toss() { return Below(2) == 0; }
  template <typename T>
  const T& One(const std::vector<T>& all) {
    return all[Below(all.size())];
  }

 private:
  std::mt19937 engine_;
};

// A table whose values no conversion changes, so that what is read after is what was written.
struct Subject {
  std::string sql;
  std::vector<std::string> columns;
};

Subject MakeSubject(Random& random) {
  const std::vector<std::string> names = {"a", "b c", "group", "d\"q", "e"};
  const std::vector<std::string> clauses = {"",
                                            "NOT NULL",
                                            "DEFAULT 'x'",
                                            "CHECK (1 <> 2)",
                                            "COLLATE NOCASE",
                                            "UNIQUE",
                                            "CONSTRAINT n NOT NULL ON CONFLICT ABORT",
                                            "DEFAULT (1 + 2) -- three\n"};
  Subject subject;
  std::vector<std::string> parts;
  const bool numbered = random.Toss();
  if (numbered) {
    subject.columns.emplace_back("id");
    parts.emplace_back(random.Toss() ? "id INTEGER PRIMARY KEY AUTOINCREMENT"
                                     : "id INTEGER PRIMARY KEY");
  }
  const size_t count = 2 + random.Below(names.size() - 1);
  for (size_t i = 0; i < count; ++i) {
    subject.columns.push_back(names[i]);
    parts.push_back(absl::StrCat(QuoteIdentifier(names[i]), random.Toss() ? " TEXT " : " ",
                                 random.One(clauses)));
  }
  if (random.Toss()) parts.emplace_back("CONSTRAINT both UNIQUE (a, \"b c\") CHECK (a IS NOT 'z')");
  const bool without = !numbered && random.Below(3) == 0;
  if (without) parts.emplace_back("PRIMARY KEY (\"b c\", a)");
  subject.sql = absl::StrCat("CREATE TABLE t(", absl::StrJoin(parts, ", "), ")",
                             without ? " WITHOUT ROWID" : "");
  return subject;
}

TableChange RandomChange(Random& random, const std::vector<std::string>& columns) {
  const std::string column = random.One(columns);
  switch (random.Below(7)) {
    case 0:
      if (column == "id") return AlterColumn{.column = column, .type = "INTEGER"};
      return AlterColumn{.column = column, .type = random.Toss() ? "TEXT" : ""};
    case 1:
      return AlterColumn{.column = column, .not_null = random.Toss()};
    case 2:
      return ReorderColumns{{column}};
    case 3:
      return SetPrimaryKey{{column}};
    case 4:
      return AlterColumn{.column = column, .default_expression = "'new' || 1"};
    case 5:
      return AddColumn{{.name = absl::StrCat("new", random.Below(1000)),
                        .type = "TEXT",
                        .unique = random.Toss(),
                        .check = random.Toss() ? "1 = 1" : ""}};
    default:
      return AlterColumn{.column = column, .collation = "RTRIM"};
  }
}

TEST(AlterPropertyTest, KeepsRowsIndexesTriggersAndReferences) {
  int altered = 0;
  std::map<std::string, int> refusals;
  for (uint32_t seed = 0; seed < 40; ++seed) {
    Random random(seed);
    const Subject subject = MakeSubject(random);
    ServedDatabase database;
    {
      const auto connection = database.file.Open();
      for (const std::string& sql :
           {subject.sql, std::string("CREATE TABLE log(n)"),
            std::string(
                "CREATE TABLE child(x, FOREIGN KEY (x) REFERENCES t(\"e\") ON DELETE CASCADE)"),
            std::string("CREATE INDEX t_a ON t(a DESC) WHERE a IS NOT NULL"),
            std::string("CREATE INDEX t_e ON t(lower(\"b c\"))"),
            std::string(
                "CREATE TRIGGER t_i AFTER INSERT ON t BEGIN INSERT INTO log VALUES (new.a); END"),
            std::string("CREATE VIEW v AS SELECT a, \"b c\" FROM t")}) {
        ASSERT_TRUE(connection->Execute(sql).ok()) << sql;
      }
      ASSERT_TRUE(connection->Execute("PRAGMA foreign_keys = OFF").ok());
      for (int row = 0; row < 20; ++row) {
        std::vector<std::string> names;
        std::vector<std::string> values;
        for (const std::string& column : subject.columns) {
          if (column == "id") continue;
          names.push_back(QuoteIdentifier(column));
          values.push_back(random.Below(6) == 0 && row > 2
                               ? "NULL"
                               : absl::StrCat("'", column.substr(0, 1), random.Below(40), "'"));
        }
        // What the table does not take is left out.
        connection
            ->Execute(absl::StrCat("INSERT INTO t(", absl::StrJoin(names, ", "), ") VALUES (",
                                   absl::StrJoin(values, ", "), ")"))
            .IgnoreError();
      }
      ASSERT_TRUE(connection->Execute("INSERT INTO child SELECT a FROM t").ok());
      ASSERT_TRUE(connection->Execute("DELETE FROM log").ok());
    }
    std::vector<std::string> quoted;
    for (const std::string& column : subject.columns) quoted.push_back(QuoteIdentifier(column));
    const std::string rows = absl::StrCat("SELECT ", absl::StrJoin(quoted, ", "),
                                          " FROM t ORDER BY ", absl::StrJoin(quoted, ", "));
    constexpr char kAttached[] =
        "SELECT type, name, sql FROM sqlite_schema WHERE name LIKE 't\\__' ESCAPE '\\' OR "
        "type = 'view' OR name IN ('child', 'log') ORDER BY name";
    constexpr char kOthers[] = "SELECT count(*), (SELECT count(*) FROM log) FROM child";
    const std::string rows_before = Ask(database.file, rows);
    const std::string attached_before = Ask(database.file, kAttached);
    const std::string others_before = Ask(database.file, kOthers);
    for (int step = 0; step < 4; ++step) {
      std::vector<TableChange> changes;
      for (size_t i = 0; i < 1 + random.Below(3); ++i) {
        changes.push_back(RandomChange(random, subject.columns));
      }
      const auto outcome = AlterNow(database, "t", std::move(changes));
      altered += outcome.ok() ? 1 : 0;
      if (!outcome.ok()) ++refusals[ReasonOf(outcome.status())];
      ASSERT_TRUE(outcome.ok() ||
                  outcome.status().code() == absl::StatusCode::kFailedPrecondition ||
                  outcome.status().code() == absl::StatusCode::kAlreadyExists ||
                  outcome.status().code() == absl::StatusCode::kInvalidArgument)
          << seed << " " << outcome.status();
      ASSERT_EQ(Ask(database.file, rows), rows_before) << seed << " " << subject.sql;
      ASSERT_EQ(Ask(database.file, kAttached), attached_before) << seed;
      ASSERT_EQ(Ask(database.file, kOthers), others_before) << seed;
      ASSERT_EQ(Ask(database.file, "PRAGMA integrity_check"), "'ok'") << seed;
    }
  }
  EXPECT_GT(altered, 50) << "of 160";
}

}  // namespace
}  // namespace sluice::engine
