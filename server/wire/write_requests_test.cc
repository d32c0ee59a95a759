#include "server/wire/write_requests.h"

#include <google/protobuf/text_format.h>
#include <google/protobuf/util/json_util.h>
#include <gtest/gtest.h>

#include "server/base/error.h"
#include "server/engine/test_write.h"

namespace sluice::wire {
namespace {

template <typename Message>
Message FromText(const std::string& text) {
  Message message;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &message)) << text;
  return message;
}

template <typename T>
std::string FieldOf(const absl::StatusOr<T>& parsed) {
  std::string field = parsed.ok() ? "no error" : "no field";
  VisitFields(parsed.status(),
              [&](absl::string_view name, absl::string_view) { field = std::string(name); });
  return field;
}

template <typename Request>
std::string FieldOf(const std::string& text) {
  return FieldOf(ParseWrite(FromText<Request>(text)));
}

TEST(ParseInsertTest, GroupsObjectsByTheirColumns) {
  v1::InsertRowsRequest request;
  for (const char* json : {"{\"a\":1,\"b\":2}", "{\"b\":3,\"a\":4}", "{\"a\":5}", "{}"}) {
    ASSERT_TRUE(google::protobuf::util::JsonStringToMessage(json, request.add_objects()).ok());
  }
  const auto write = ParseWrite(request);
  ASSERT_TRUE(write.ok()) << write.status();
  const engine::Mutation& insert = write->spec.success[0];
  EXPECT_EQ(insert.column_sets.size(), 3u);
  EXPECT_EQ(insert.rows[0].columns, insert.rows[1].columns);
  EXPECT_EQ(insert.rows[1].values[0].integer, 4);
  EXPECT_TRUE(insert.rows[3].values.empty());
}

TEST(ParseInsertTest, NamesTheFieldThatIsWrong) {
  const auto field = [](const std::string& text) { return FieldOf<v1::InsertRowsRequest>(text); };
  EXPECT_EQ(field(""), "rows");
  EXPECT_EQ(field("columns: 'a' rows { }"), "rows[0]");
  EXPECT_EQ(field("columns: 'a' rows { values { } }"), "rows[0].values[0]");
  EXPECT_EQ(field("rows { key: '1' }"), "rows[0]");
  EXPECT_EQ(field("rows { } objects { }"), "objects");
  EXPECT_EQ(field("columns: 'a' objects { }"), "columns");
  EXPECT_EQ(field("rows { } return: 9"), "return");
  EXPECT_EQ(field("objects { fields { key: 'a' value { list_value { } } } }"), "objects[0].a");
  EXPECT_EQ(field("rows { } missing_columns: 9"), "missing_columns");
  EXPECT_EQ(field("rows { } on_conflict { action: 9 }"), "on_conflict.action");
  EXPECT_EQ(field("rows { } on_conflict { action: ACTION_REPLACE target: 'a' }"),
            "on_conflict.target");
  EXPECT_EQ(field("rows { } on_conflict { action: ACTION_IGNORE update_columns: 'a' }"),
            "on_conflict.update_columns");
  EXPECT_EQ(field("rows { } on_conflict { target: 'a' }"), "on_conflict.target");
}

TEST(ParseInsertTest, AsksForTheUpdatesThatItMayDo) {
  const auto updates = [](const char* text) {
    return ParseWrite(FromText<v1::InsertRowsRequest>(text))->updates;
  };
  EXPECT_FALSE(updates("rows { }"));
  EXPECT_FALSE(updates("rows { } on_conflict { action: ACTION_IGNORE }"));
  EXPECT_TRUE(updates("rows { } on_conflict { action: ACTION_REPLACE }"));
  EXPECT_TRUE(updates("rows { } on_conflict { action: ACTION_UPDATE }"));
  EXPECT_TRUE(ParseWrite(FromText<v1::UpsertRowsRequest>("rows { }"))->updates);
}

TEST(ParseUpdateTest, NamesTheFieldThatIsWrong) {
  const auto field = [](const std::string& text) { return FieldOf<v1::UpdateRowsRequest>(text); };
  EXPECT_EQ(field(""), "rows");
  EXPECT_EQ(field("rows { }"), "rows[0].key");
  EXPECT_EQ(field("rows { key: '~' }"), "rows[0].key");
  EXPECT_EQ(field("objects { } keys: ''"), "keys[0]");
  EXPECT_EQ(field("objects { } keys: '1' keys: '2'"), "keys");
  EXPECT_EQ(field("rows { key: '1' } keys: '1'"), "keys");
  EXPECT_EQ(FieldOf<v1::UpdateRowRequest>(""), "key");
  EXPECT_EQ(FieldOf<v1::UpdateRowRequest>("key: '1' columns: 'a'"), "values");
  EXPECT_EQ(FieldOf<v1::UpdateRowRequest>("key: '1' columns: 'a' values { }"), "values[0]");
  EXPECT_EQ(FieldOf<v1::UpdateRowRequest>("key: '1' columns: 'a' object { }"), "object");
}

TEST(ParseDeleteTest, NamesTheFieldThatIsWrong) {
  EXPECT_EQ(FieldOf<v1::DeleteRowsRequest>(""), "keys");
  EXPECT_EQ(FieldOf<v1::DeleteRowsRequest>("keys: '1' keys: '~'"), "keys[1]");
  EXPECT_EQ(FieldOf<v1::DeleteRowsRequest>("keys: '1' etags: 'a' etags: 'b'"), "etags");
  EXPECT_EQ(FieldOf<v1::DeleteRowRequest>(""), "key");
}

TEST(ParseMatchingTest, NamesTheFieldThatIsWrong) {
  const auto update = [](const std::string& text) {
    return FieldOf<v1::UpdateRowsRequest>("columns: 'a' rows { values { null: 0 } } " + text);
  };
  EXPECT_EQ(update("filter: 'a = 1'"), "no error");
  EXPECT_EQ(update("all_rows: true"), "no error");
  EXPECT_EQ(update("max_affected: 5"), "max_affected");
  EXPECT_EQ(update("filter: 'a = 1' max_affected: -1"), "max_affected");
  EXPECT_EQ(update("filter: 'a = 1' max_affected: 10001"), "max_affected");
  EXPECT_EQ(update("filter: 'a = 1' max_affected: 10001 return: RETURN_NONE"), "no error");
  EXPECT_EQ(update("filter: 'a ='"), "filter");
  EXPECT_EQ(update("filter: 'a = 1' all_rows: true"), "all_rows");
  EXPECT_EQ(update("filter: 'a = 1' keys: '1'"), "keys");
  EXPECT_EQ(update("filter: 'a = 1' allow_missing: true"), "allow_missing");
  EXPECT_EQ(update("filter: 'a = 1' continue_on_error: true"), "continue_on_error");
  EXPECT_EQ(update("filter: 'a = 1' rows { }"), "rows");
  EXPECT_EQ(FieldOf<v1::UpdateRowsRequest>("filter: 'a = 1'"), "rows");
  EXPECT_EQ(FieldOf<v1::UpdateRowsRequest>("filter: 'a = 1' rows { key: '1' }"), "rows[0]");
  EXPECT_EQ(FieldOf<v1::UpdateRowsRequest>("filter: 'a = 1' objects { }"), "no error");
  const auto deletion = [](const std::string& text) {
    return FieldOf<v1::DeleteRowsRequest>(text);
  };
  EXPECT_EQ(deletion("filter: 'a = 1'"), "no error");
  EXPECT_EQ(deletion("all_rows: true"), "no error");
  EXPECT_EQ(deletion("filter: ''"), "keys");
  EXPECT_EQ(deletion("filter: 'a = 1' keys: '1'"), "keys");
  EXPECT_EQ(deletion("filter: 'a = 1' etags: 'x'"), "etags");
  EXPECT_EQ(deletion("keys: '1' max_affected: 1"), "max_affected");
}

TEST(ParseMatchingTest, AsksToReadWhatItLooksFor) {
  EXPECT_TRUE(ParseWrite(FromText<v1::DeleteRowsRequest>("filter: 'a = 1'"))->reads);
  EXPECT_TRUE(ParseWrite(FromText<v1::DeleteRowsRequest>("all_rows: true"))->reads);
  EXPECT_FALSE(ParseWrite(FromText<v1::DeleteRowsRequest>("keys: '1'"))->reads);
}

TEST(ParseWriteTest, CountsWhatItHoldsInMemory) {
  v1::InsertRowsRequest request;
  request.add_columns("a");
  for (int i = 0; i < 1'000; ++i) request.add_rows()->add_values()->set_integer(1);
  EXPECT_LT(request.ByteSizeLong(), 10'000u);
  EXPECT_GT(ParseWrite(request)->spec.kept.bytes,
            1'000 * (sizeof(v1::Row) + sizeof(v1::Value) + sizeof(engine::Mutation::Row)));
}

TEST(ParseWriteTest, AsksToReadWhatItTells) {
  EXPECT_TRUE(ParseWrite(FromText<v1::DeleteRowsRequest>("keys: '1' return: RETURN_ROWS"))->reads);
  EXPECT_TRUE(ParseWrite(FromText<v1::InsertRowsRequest>("rows { } return: RETURN_ROWS"))->reads);
  EXPECT_TRUE(ParseWrite(FromText<v1::UpsertRowsRequest>("rows { } return: RETURN_ROWS"))->reads);
  EXPECT_TRUE(ParseWrite(FromText<v1::UpdateRowRequest>("key: '1' columns: 'a' values { null: 0 }"))
                  ->reads);
  EXPECT_TRUE(
      ParseWrite(FromText<v1::CommitRequest>("success { insert { rows { } return: RETURN_ROWS } }"))
          ->reads);
  EXPECT_FALSE(ParseWrite(FromText<v1::InsertRowsRequest>("rows { } return: RETURN_KEYS"))->reads);
  EXPECT_FALSE(ParseWrite(FromText<v1::InsertRowsRequest>("rows { }"))->reads);
  EXPECT_FALSE(ParseWrite(FromText<v1::DeleteRowRequest>("key: '1'"))->reads);
}

TEST(ParseDurabilityTest, TakesWhatIsThere) {
  EXPECT_EQ(FieldOf<v1::DeleteRowsRequest>("keys: '1' durability: 9"), "durability");
  const auto write =
      ParseWrite(FromText<v1::CommitRequest>("success { delete { keys: '1' } } durability: 2"));
  ASSERT_TRUE(write.ok()) << write.status();
  EXPECT_EQ(write->spec.kept.durability, engine::Durability::kReplicated);
  EXPECT_EQ(FieldOf<v1::CommitRequest>("success { delete { keys: '1' durability: 1 } }"),
            "success[0]");
}

TEST(ParseCommitTest, NamesTheFieldThatIsWrong) {
  const auto field = [](const std::string& text) { return FieldOf<v1::CommitRequest>(text); };
  const std::string good = "success { delete { table: 't' keys: '1' } }";
  EXPECT_EQ(field(good), "no error");
  EXPECT_EQ(field("database: 'd' success { delete { database: 'd' keys: '1' } }"), "no error");
  EXPECT_EQ(field(""), "success");
  EXPECT_EQ(field("success { }"), "success[0]");
  EXPECT_EQ(field("success { delete { } }"), "keys");
  EXPECT_EQ(field("database: 'd' failure { delete { database: 'e' keys: '1' } }"),
            "failure[0].database");
  EXPECT_EQ(field("success { delete { keys: '1' validate_only: true } }"), "success[0]");
  EXPECT_EQ(field(good + "preconditions { }"), "preconditions[0].key");
  EXPECT_EQ(field(good + "preconditions { key: '1' }"), "preconditions[0]");
  EXPECT_EQ(field(good + "preconditions { key: '1' etag: '' }"), "preconditions[0].etag");
  EXPECT_EQ(field(good + "preconditions { key: '1' column { } }"),
            "preconditions[0].column.operator");
  EXPECT_EQ(field(good + "preconditions { key: '1' column { operator: OPERATOR_LESS } }"),
            "preconditions[0].column.value");
}

TEST(ParseReceiptKeyTest, TellsRequestsApartAndNotTheOrderOfMaps) {
  const auto print = [](const google::protobuf::Message& request) {
    return (*ParseReceiptKey(request, "id", "me"))->fingerprint;
  };
  v1::InsertRowsRequest one;
  v1::InsertRowsRequest other;
  const char* const names[] = {"a", "b", "c", "d", "e"};
  auto& forwards = *one.add_objects()->mutable_fields();
  auto& backwards = *other.add_objects()->mutable_fields();
  for (int i = 0; i < 5; ++i) {
    forwards[names[i]].set_number_value(1);
    backwards[names[4 - i]].set_number_value(1);
  }
  EXPECT_EQ(print(one), print(other));
  other.set_table("t");
  EXPECT_NE(print(one), print(other));
  EXPECT_NE(print(v1::DeleteRowRequest()), print(v1::UpdateRowRequest()));
  EXPECT_FALSE(ParseReceiptKey(one, "", "me")->has_value());
  EXPECT_EQ(FieldOf(ParseReceiptKey(one, std::string(129, 'x'), "me")), "request_id");
}

// Runs a request against a database and gives the answer as the generated class reads it.
template <typename Response, typename Request>
Response Answer(const engine::ServedDatabase& database, const Request& request) {
  auto write = ParseWrite(request);
  EXPECT_TRUE(write.ok()) << write.status();
  engine::WriteSpec spec = std::move(write->spec);
  spec.options.etag_secret = engine::kSecret;
  const auto outcome = engine::WriteNow(database.served, std::move(spec));
  EXPECT_TRUE(outcome.ok()) << outcome.status();
  Response response;
  EXPECT_TRUE(response.ParseFromString(std::string(MakeWholeAnswer(*write, *outcome).view())));
  return response;
}

constexpr char kSchema[] =
    "CREATE TABLE t(a INTEGER PRIMARY KEY, b UNIQUE);\n"
    "INSERT INTO t VALUES (1, 'one')";

TEST(WriteAnswerTest, HoldsOneEntryForEachRowOfTheRequest) {
  const engine::ServedDatabase database(kSchema);
  const auto response = Answer<v1::InsertRowsResponse>(
      database, FromText<v1::InsertRowsRequest>(
                    "table: 't' return: RETURN_ROWS continue_on_error: true "
                    "objects { fields { key: 'b' value { string_value: 'two' } } } "
                    "objects { fields { key: 'b' value { string_value: 'one' } } } "
                    "objects { fields { key: 'b' value { string_value: 'three' } } }"));
  EXPECT_EQ(response.inserted_count(), 2);
  ASSERT_EQ(response.keys_size(), 3);
  EXPECT_EQ(response.keys(0) + "," + response.keys(1) + "," + response.keys(2), "2,,3");
  EXPECT_EQ(response.columns_size(), 2);
  ASSERT_EQ(response.rows_size(), 3);
  EXPECT_EQ(response.rows(1).values_size(), 0);
  EXPECT_EQ(response.rows(2).values(1).text(), "three");
  ASSERT_EQ(response.errors_size(), 1);
  EXPECT_EQ(response.errors(0).row(), 1);
  EXPECT_EQ(response.errors(0).code(), 6);
  EXPECT_EQ(response.errors(0).reason(), "UNIQUE");
  EXPECT_EQ(response.errors(0).metadata().at("columns"), "t.b");
  EXPECT_FALSE(response.commit_token().empty());
}

TEST(WriteAnswerTest, OfOneRowHoldsTheRowAndItsEtag) {
  const engine::ServedDatabase database(kSchema);
  const auto response = Answer<v1::UpdateRowResponse>(
      database,
      FromText<v1::UpdateRowRequest>("table: 't' key: '1' columns: 'b' values { text: 'uno' }"));
  EXPECT_EQ(response.row().key(), "1");
  EXPECT_EQ(response.row().values(1).text(), "uno");
  EXPECT_EQ(response.row().etag().size(), 22u);
  EXPECT_TRUE(response.GetReflection()->GetUnknownFields(response).empty());
}

TEST(WriteAnswerTest, OfACommitHoldsTheBranchThatWasRun) {
  const engine::ServedDatabase database(kSchema);
  const auto response = Answer<v1::CommitResponse>(
      database, FromText<v1::CommitRequest>(
                    "preconditions { table: 't' key: '9' exists: true } "
                    "success { delete { table: 't' keys: '1' } } "
                    "failure { insert { table: 't' columns: 'a' rows { values { integer: 9 } } } } "
                    "failure { delete { table: 't' keys: '1' return: RETURN_ROWS } }"));
  EXPECT_FALSE(response.succeeded());
  ASSERT_EQ(response.results_size(), 2);
  EXPECT_EQ(response.results(0).inserted_count(), 1);
  EXPECT_EQ(response.results(0).keys(0), "9");
  EXPECT_EQ(response.results(1).deleted_count(), 1);
  EXPECT_EQ(response.results(1).rows(0).values(1).text(), "one");
}

}  // namespace
}  // namespace sluice::wire
