#include "server/wire/requests.h"

#include <gtest/gtest.h>

#include <limits>
#include <map>

#include "google/protobuf/text_format.h"
#include "google/protobuf/util/json_util.h"
#include "server/base/error.h"

namespace sluice::wire {
namespace {

using sqlite::StorageClass;

template <typename Message>
Message FromText(const std::string& text) {
  Message message;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &message)) << text;
  return message;
}

google::protobuf::Value Json(const std::string& json) {
  google::protobuf::Value value;
  EXPECT_TRUE(google::protobuf::util::JsonStringToMessage(json, &value).ok()) << json;
  return value;
}

// The field that an error names.
template <typename T>
std::string FieldOf(const absl::StatusOr<T>& result) {
  std::string field;
  VisitFields(result.status(),
              [&](absl::string_view name, absl::string_view) { field = std::string(name); });
  return field;
}

TEST(ParseQueryTest, TakesParametersByPositionAndByName) {
  const auto by_position = FromText<v1::QueryRequest>(
      "sql: 'SELECT ?' params { integer: 1 } params { raw_text: '\\377' } params { null: "
      "NULL_VALUE }");
  const auto query = ParseQuery(by_position);
  ASSERT_TRUE(query.ok()) << query.status();
  ASSERT_EQ(query->spec.parameters.size(), 3u);
  EXPECT_EQ(query->spec.parameters[1].value.type, StorageClass::kText);
  EXPECT_EQ(query->rows_max, 1000);
  const auto by_name = FromText<v1::QueryRequest>(
      "sql: 'x' max_rows: 5000 named_params { key: 'a' value { real: 1 } }");
  EXPECT_EQ(ParseQuery(by_name)->spec.parameters[0].name, "a");
  EXPECT_EQ(ParseQuery(by_name)->rows_max, 1000);
}

TEST(ParseQueryTest, NamesTheFieldThatIsWrong) {
  const auto field = [](const std::string& text) {
    const auto request = FromText<v1::QueryRequest>(text);
    return FieldOf(ParseQuery(request));
  };
  EXPECT_EQ(field(""), "sql");
  EXPECT_EQ(field("sql: 'a\\000b'"), "sql");
  EXPECT_EQ(field("sql: 'x' params { }"), "params[0]");
  EXPECT_EQ(field("sql: 'x' params { integer: 1 } params { real: nan }"), "params[1]");
  EXPECT_EQ(field("sql: 'x' params { integer: 1 } named_params { key: 'a' value { integer: 1 } }"),
            "named_params");
  EXPECT_EQ(field("sql: 'x' named_params { key: 'a' value { } }"), "named_params[a]");
  EXPECT_EQ(field("sql: 'x' named_params { key: '' value { integer: 1 } }"), "named_params");
  EXPECT_EQ(field("sql: 'x' max_rows: -1"), "max_rows");
  v1::QueryRequest request;
  request.set_sql(std::string(100'001, ' '));
  EXPECT_EQ(ReasonOf(ParseQuery(request).status()), reason::kLimit);
}

TEST(ParseQueryTest, SaysInWhichFieldParametersByNameCome) {
  EXPECT_EQ(ParseQuery(FromText<v1::QueryRequest>("sql: 'x'"))->spec.names_field, "named_params");
  EXPECT_EQ(ParseQuery(FromText<v1::ExportQueryRequest>("sql: 'x'"))->spec.names_field, "params");
  const engine::StoredQuery stored{.name = "q", .sql = "x", .about = {}, .parameters = {}};
  EXPECT_EQ(ParseQuery(v1::RunQueryRequest(), stored, {})->spec.names_field, "params");
}

TEST(CheckDatabasesTest, TakesNamesThatSqlCanTellApart) {
  EXPECT_TRUE(CheckDatabases("own", {}).ok());
  EXPECT_TRUE(CheckDatabases("own", {"a", "b", "OWN"}).ok());
  for (const std::vector<std::string>& wrong : std::vector<std::vector<std::string>>{
           {""}, {"own"}, {"a", "a"}, {"a", "A"}, {"MAIN"}, {"temp"}}) {
    EXPECT_EQ(ReasonOf(CheckDatabases("own", wrong)), reason::kBadRequest) << wrong[0];
  }
  std::vector<std::string> many;
  for (int i = 0; i < 11; ++i) many.push_back(std::string(1, static_cast<char>('a' + i)));
  EXPECT_EQ(ReasonOf(CheckDatabases("own", many)), reason::kLimit);
  many.pop_back();
  EXPECT_TRUE(CheckDatabases("own", many).ok());
}

TEST(NaturalValuesTest, TakesEveryForm) {
  const auto parse = [](const std::string& json) {
    NaturalValues values;
    const google::protobuf::Value value = Json(json);
    const auto parsed = values.Parse(value, "f");
    return parsed.ok() ? sqlite::Value(*parsed) : sqlite::Value(sqlite::ValueView::Text("error"));
  };
  EXPECT_TRUE(parse("null").view().is_null());
  EXPECT_EQ(parse("5").view().integer, 5);
  EXPECT_EQ(parse("5.5").view().real, 5.5);
  EXPECT_EQ(parse("true").view().integer, 1);
  EXPECT_EQ(parse("\"Infinity\"").view().real, std::numeric_limits<double>::infinity());
  EXPECT_EQ(parse("{\"$text\":\"Infinity\"}").view().bytes, "Infinity");
  EXPECT_EQ(parse("{\"$integer\":\"9223372036854775807\"}").view().integer, INT64_MAX);
  EXPECT_EQ(parse("{\"$real\":5}").view().type, StorageClass::kReal);
  EXPECT_EQ(parse("{\"$base64\":true,\"encoded\":\"AP8=\"}").view().bytes,
            absl::string_view("\0\xff", 2));
  EXPECT_EQ(parse("{\"$raw_text\":\"/w==\"}").view().type, StorageClass::kText);
}

TEST(NaturalValuesTest, RefusesWhatIsNotExactOrNotKnown) {
  for (const char* json :
       {"9007199254740993", "1e300", "[1]", "{}", "{\"a\":1}", "{\"$integer\":\"1.5\"}",
        "{\"$integer\":\"9223372036854775808\"}", "{\"$base64\":true,\"encoded\":\"?\"}",
        "{\"$real\":\"x\"}", "{\"$base64\":false,\"encoded\":\"\"}"}) {
    NaturalValues values;
    const google::protobuf::Value value = Json(json);
    EXPECT_EQ(ReasonOf(values.Parse(value, "f").status()), reason::kBadRequest) << json;
  }
}

TEST(ParsePageSizeTest, FillsInAndCutsDown) {
  EXPECT_EQ(*ParsePageSize(0, 7, 10), 7);
  EXPECT_EQ(*ParsePageSize(99, 7, 10), 10);
  EXPECT_FALSE(ParsePageSize(-1, 7, 10).ok());
}

}  // namespace
}  // namespace sluice::wire
