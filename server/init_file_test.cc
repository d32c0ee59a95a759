#include "server/init_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"

namespace sluice {
namespace {

using ::testing::HasSubstr;

class InitFileTest : public testing::Test {
 protected:
  absl::Status Take(const std::string& text) {
    init_ = {};
    return TakeInit(Place("sluice.yaml", &warnings_), YAML::Load(text), &init_);
  }

  engine::InitSpec init_;
  std::vector<std::string> warnings_;
};

TEST_F(InitFileTest, TakesDefinitionsSqlAndViews) {
  ASSERT_TRUE(
      Take("tables:\n"
           "  dogs:\n"
           "    columns: {id: integer, name: {type: text, not-null: true, default: 'x'},"
           " owner: integer}\n"
           "    pk: id\n"
           "    unique: [name, [owner, name]]\n"
           "    foreign-keys: [{columns: owner, parent-table: owners, on-delete: SET NULL}]\n"
           "  owners: CREATE TABLE owners(id INTEGER PRIMARY KEY); INSERT INTO owners VALUES (1)\n"
           "views: {good: SELECT * FROM dogs}\n")
          .ok());
  ASSERT_EQ(init_.tables.size(), 2);
  EXPECT_EQ(*engine::CreateTableSql(init_.tables[0].definition),
            "CREATE TABLE \"dogs\" (\n  \"id\" integer PRIMARY KEY,\n"
            "  \"name\" text NOT NULL DEFAULT 'x',\n  \"owner\" integer,\n  UNIQUE (\"name\"),\n"
            "  UNIQUE (\"owner\", \"name\"),\n"
            "  FOREIGN KEY (\"owner\") REFERENCES \"owners\" ON DELETE SET NULL\n)");
  EXPECT_THAT(init_.tables[1].sql, HasSubstr("INSERT INTO owners"));
  EXPECT_EQ(init_.views[0].select, "SELECT * FROM dogs");
}

TEST_F(InitFileTest, SaysWhereAndWhatIsWrong) {
  const auto wrong = [&](const std::string& text) { return std::string(Take(text).message()); };
  EXPECT_EQ(wrong("tabels: {}"), "sluice.yaml:1: unknown key tabels; did you mean tables?");
  EXPECT_EQ(wrong("tables:\n  a: {colums: {}}"),
            "sluice.yaml:2: unknown key colums; did you mean columns?");
  EXPECT_EQ(wrong("tables:\n  a:\n    columns: {x: {tpye: text}}"),
            "sluice.yaml:3: unknown key tpye; did you mean type?");
  EXPECT_THAT(wrong("tables: {a: {columns: {}}}"), HasSubstr("columns: a table needs a column"));
  EXPECT_THAT(wrong("tables: {_sluice_x: {columns: {a: text}}}"), HasSubstr("_sluice_"));
  EXPECT_THAT(wrong("tables: {a: {columns: {x: text}, pk: [y, z]}}"), HasSubstr("primary_key"));
  EXPECT_THAT(
      wrong("tables: {a: {columns: {x: text}, foreign-keys: [{columns: x, on-delete: no}]}}"),
      HasSubstr("must be no action"));
  EXPECT_THAT(wrong("tables: [a]"), HasSubstr("must be a YAML map"));
  EXPECT_THAT(wrong("tables: {a: ''}"), HasSubstr("is empty"));
}

}  // namespace
}  // namespace sluice
