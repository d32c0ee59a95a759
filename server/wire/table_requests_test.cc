#include "server/wire/table_requests.h"

#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "server/base/error.h"

namespace sluice::wire {
namespace {

template <typename Request>
auto Parse(const std::string& text) {
  static Request request;
  request.Clear();
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &request)) << text;
  return ParseTableChange(request);
}

template <typename Request>
std::string FieldOf(const std::string& text) {
  const auto parsed = Parse<Request>(text);
  std::string field = parsed.ok() ? "no error" : "no field";
  VisitFields(parsed.status(),
              [&](absl::string_view name, absl::string_view) { field = std::string(name); });
  return field;
}

TEST(ParseCreateTableTest, MakesADefinitionAndAnInsert) {
  const auto parsed = Parse<v1::CreateTableRequest>(
      "table: 't' columns { name: 'a' type: 'INT' not_null: true default_value { integer: 7 } } "
      "columns { name: 'b' } primary_key: 'a' strict: true if_not_exists: true "
      "foreign_keys { columns: 'b' parent_table: 'p' on_delete: REFERENCE_ACTION_SET_NULL } "
      "unique { columns: 'a' columns: 'b' } validate_only: true "
      "rows { values { integer: 1 } values { null: NULL_VALUE } }");
  ASSERT_TRUE(parsed.ok()) << parsed.status();
  const engine::TableDefinition& table = parsed->spec.table;
  EXPECT_EQ(table.columns[0].default_value->view().integer, 7);
  EXPECT_TRUE(table.columns[0].not_null && table.strict && parsed->spec.if_not_exists);
  EXPECT_EQ(table.foreign_keys[0].on_delete, engine::ReferenceAction::kSetNull);
  EXPECT_EQ(table.unique[0].size(), 2u);
  EXPECT_TRUE(parsed->inserts && parsed->spec.options.validate_only);
  ASSERT_TRUE(parsed->spec.rows.has_value());
  EXPECT_EQ(parsed->spec.rows->column_sets[0], (std::vector<absl::string_view>{"a", "b"}));
  EXPECT_EQ(parsed->spec.rows->rows[0].values[0].integer, 1);
}

TEST(ParseCreateTableTest, NamesTheFieldThatIsWrong) {
  const auto field = [](const std::string& text) { return FieldOf<v1::CreateTableRequest>(text); };
  EXPECT_EQ(field("table: 't'"), "no error");
  EXPECT_EQ(field("columns { name: 'a' default_value { } }"), "columns[0].default_value");
  EXPECT_EQ(field("columns { name: 'a' default_value { raw_text: 'x' } }"),
            "columns[0].default_value");
  EXPECT_EQ(field("columns { name: 'a' default_expression: '' }"), "columns[0].default_expression");
  EXPECT_EQ(field("foreign_keys { on_delete: 9 }"), "foreign_keys[0].on_delete");
  EXPECT_EQ(field("columns { name: 'a' } rows { }"), "rows[0]");
  EXPECT_EQ(field("rows { } objects { }"), "objects");
  std::string many;
  for (int i = 0; i < 2001; ++i) absl::StrAppend(&many, "columns { name: 'c", i, "' } ");
  EXPECT_EQ(field(many), "columns");
}

TEST(ParseAlterTableTest, NamesTheFieldThatIsWrong) {
  const auto field = [](const std::string& text) { return FieldOf<v1::AlterTableRequest>(text); };
  EXPECT_EQ(field("table: 't'"), "changes");
  EXPECT_EQ(field("changes { }"), "changes[0]");
  EXPECT_EQ(field("changes { alter_column { column: 'a' } }"), "changes[0].alter_column");
  EXPECT_EQ(field("changes { alter_column { column: 'a' type: '' } }"), "no error");
  EXPECT_EQ(field("changes { add_column { column { name: 'a' default_value { } } } }"),
            "changes[0].add_column.column.default_value");
  EXPECT_EQ(field("changes { add_foreign_key { on_update: 9 } }"),
            "changes[0].add_foreign_key.on_update");
  std::string many;
  for (int i = 0; i < 1001; ++i) absl::StrAppend(&many, "changes { disable_full_text { } } ");
  EXPECT_EQ(field(many), "changes");
}

TEST(ParseDropTableTest, AsksForMoreWhenItCascades) {
  EXPECT_FALSE(Parse<v1::DropTableRequest>("table: 't'")->deletes);
  EXPECT_TRUE(Parse<v1::DropTableRequest>("table: 't' cascade: true")->deletes);
}

}  // namespace
}  // namespace sluice::wire
