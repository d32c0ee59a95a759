#include "gateway/wire_to_json.h"

#include "gmock/gmock.h"
#include "google/protobuf/text_format.h"
#include "gtest/gtest.h"
#include "sluice/v1/catalog.pb.h"
#include "sluice/v1/value.pb.h"

#include "gateway/testing/everything.pb.h"
#include "gateway/wire.h"

namespace sluice::gateway {
namespace {

using testing::Backwards;
using testing::Everything;
using ::testing::HasSubstr;

class WireToJsonTest : public ::testing::Test {
 protected:
  template <typename Message>
  std::string WriteBytes(absl::string_view wire) {
    std::string json;
    const absl::Status status =
        WireToJson(&tables_, *tables_.For(Message::descriptor()), wire, &json);
    return status.ok() ? json : std::string(status.message());
  }
  template <typename Message>
  std::string Write(const std::string& text) {
    Message message;
    EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &message)) << text;
    return WriteBytes<Message>(message.SerializePartialAsString());
  }
  // Only the fields that are set: the JSON of one field.
  std::string Field(const std::string& text, const std::string& name) {
    Everything message;
    EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &message)) << text;
    const MessageTable& table = *tables_.For(Everything::descriptor());
    std::string json;
    const absl::Status status =
        WireFieldToJson(&tables_, table, *table.ByName(name), message.SerializeAsString(), &json);
    return status.ok() ? json : std::string(status.message());
  }

  FieldTables tables_{google::protobuf::DescriptorPool::generated_pool()};
};

TEST_F(WireToJsonTest, UnsetFieldsAreWrittenAsEmitUnpopulatedHasThem) {
  EXPECT_EQ(Write<v1::Database>("name: 'geo' state: STATE_SERVING"),
            R"({"name":"geo","state":"STATE_SERVING","stateReason":"","readOnly":false,)"
            R"("sizeBytes":"0","pageSizeBytes":0,"journalMode":"","walBytes":"0","tableCount":0,)"
            R"("viewCount":0,"hiddenTableCount":0,"encoding":"","applicationId":0,"userVersion":0,)"
            R"("commitToken":"","legacyStringLiterals":false,"about":null,"queryCount":0,)"
            R"("sha256":""})");
  EXPECT_EQ(Write<v1::GetDatabaseResponse>(""), R"({"database":null})");
  EXPECT_EQ(Write<v1::ListDatabasesResponse>(""), R"({"databases":[],"nextPageToken":""})");
  EXPECT_EQ(Write<v1::TableColumn>(""),
            R"({"name":"","declaredType":"","affinity":"AFFINITY_UNSPECIFIED","notNull":false,)"
            R"("primaryKeyPosition":0,"generated":"GENERATED_UNSPECIFIED","hidden":false,)"
            R"("description":"","unit":""})");
  EXPECT_THAT(Write<v1::TableColumn>("default_sql: ''"), HasSubstr(R"("defaultSql":"")"));
}

TEST_F(WireToJsonTest, AMemberOfAOneofIsWrittenEvenWhenItIsZeroOrNull) {
  EXPECT_EQ(Write<v1::Value>(""), "{}");
  EXPECT_EQ(Write<v1::Value>("null: NULL_VALUE"), R"({"null":null})");
  EXPECT_EQ(Write<v1::Value>("integer: 0"), R"({"integer":"0"})");
  EXPECT_EQ(Write<v1::Value>("integer: -9223372036854775808"),
            R"({"integer":"-9223372036854775808"})");
  EXPECT_EQ(Write<v1::Value>("real: -inf"), R"({"real":"-Infinity"})");
  EXPECT_EQ(Write<v1::Value>("blob: '\\336\\255'"), R"({"blob":"3q0="})");
}

TEST_F(WireToJsonTest, ScalarsHaveTheirForms) {
  EXPECT_EQ(Field("uint64_field: 18446744073709551615", "uint64Field"), "\"18446744073709551615\"");
  EXPECT_EQ(Field("sint32_field: -2147483648", "sint32Field"), "-2147483648");
  EXPECT_EQ(Field("int32_field: -1", "int32Field"), "-1");
  EXPECT_EQ(Field("sfixed64_field: -5", "sfixed64Field"), "\"-5\"");
  EXPECT_EQ(Field("fixed32_field: 4294967295", "fixed32Field"), "4294967295");
  EXPECT_EQ(Field("small: 0.1", "small"), "0.1");
  EXPECT_EQ(Field("colour: COLOUR_NEGATIVE", "colour"), "\"COLOUR_NEGATIVE\"");
  EXPECT_EQ(Field("colour: 77", "colour"), "77");
  EXPECT_EQ(Field("other: 'x'", "@renamed"), "\"x\"");
}

TEST_F(WireToJsonTest, ListsArePackedOrNot) {
  EXPECT_EQ(Field("numbers: [1, -2]", "numbers"), R"(["1","-2"])");
  EXPECT_EQ(Field("unpacked: [1, 2, 3]", "unpacked"), "[1,2,3]");
  EXPECT_EQ(Field("colours: [1, 0, 9]", "colours"), R"(["COLOUR_RED","COLOUR_UNSPECIFIED",9])");
  EXPECT_EQ(Field("fixeds: [1]", "fixeds"), "[1]");
  // A field declared packed, sent one by one and then packed again.
  std::string wire;
  AppendTag(21, WireType::kVarint, &wire);
  AppendVarint(ZigZag(-1), &wire);
  AppendBytesField(21, std::string("\x02\x04"), &wire);
  EXPECT_THAT(WriteBytes<Everything>(wire), HasSubstr(R"("numbers":["-1","1","2"])"));
}

TEST_F(WireToJsonTest, MapsAreSortedByKeyAndTheLastOfEqualKeysCounts) {
  EXPECT_EQ(Field("names { key: 'b' value: '2' } names { key: 'a' value: '1' }", "names"),
            R"({"a":"1","b":"2"})");
  EXPECT_EQ(
      Field("by_unsigned { key: 10 value: 1 } by_unsigned { key: 9 value: 2.5 }", "byUnsigned"),
      R"({"9":2.5,"10":1})");
  EXPECT_EQ(Field("by_flag { key: true value: 1 } by_flag { key: false value: 2 }", "byFlag"),
            R"({"false":"2","true":"1"})");
  std::string wire;
  AppendBytesField(30, "\x0a\x01k\x12\x01x", &wire);
  AppendBytesField(30, "\x0a\x01k\x12\x01y", &wire);
  AppendBytesField(30, "", &wire);
  EXPECT_THAT(WriteBytes<Everything>(wire), HasSubstr(R"("names":{"":"","k":"y"})"));
  std::string numbers;
  AppendBytesField(31, "\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", &numbers);
  EXPECT_THAT(WriteBytes<Everything>(numbers), HasSubstr(R"("byNumber":{"-1":{"real":0)"));
}

TEST_F(WireToJsonTest, FieldsOutOfOrderAndRepeatedOnesGiveTheSameAnswer) {
  std::string wire;
  AppendBytesField(1, "one", &wire);
  AppendBytesField(3, "three", &wire);
  AppendBytesField(1, "uno", &wire);
  EXPECT_EQ(WriteBytes<Backwards>(wire), R"({"third":"three","first":"uno","second":""})");
  EXPECT_EQ(Write<Backwards>("first: 'a' second: 'b' third: 'c'"),
            R"({"third":"c","first":"a","second":"b"})");
}

TEST_F(WireToJsonTest, ASingularMessageThatComesTwiceIsMergedAndAListGoesOn) {
  Everything first;
  first.mutable_nested()->set_text("a");
  first.mutable_nested()->set_flag(true);
  first.add_texts("1");
  Everything second;
  second.mutable_nested()->set_text("b");
  second.add_texts("2");
  const std::string wire = first.SerializeAsString() + second.SerializeAsString();
  Everything merged;
  ASSERT_TRUE(merged.ParseFromString(wire));
  EXPECT_EQ(WriteBytes<Everything>(wire), WriteBytes<Everything>(merged.SerializeAsString()));
}

TEST_F(WireToJsonTest, TheLastMemberOfAOneofWins) {
  Everything nested;
  nested.mutable_chosen_nested()->set_text("lost");
  Everything text;
  text.set_chosen_text("lost too");
  Everything again;
  again.mutable_chosen_nested()->set_int32_field(3);
  const std::string wire =
      nested.SerializeAsString() + text.SerializeAsString() + again.SerializeAsString();
  Everything merged;
  ASSERT_TRUE(merged.ParseFromString(wire));
  EXPECT_EQ(WriteBytes<Everything>(wire), WriteBytes<Everything>(merged.SerializeAsString()));
}

TEST_F(WireToJsonTest, DisorderAtEveryLevelStaysCheap) {
  std::string wire;
  for (int depth = 0; depth < 90; ++depth) {
    std::string outer;
    AppendBytesField(17, wire, &outer);
    AppendBytesField(14, "x", &outer);
    wire = outer;
  }
  EXPECT_THAT(WriteBytes<Everything>(wire), HasSubstr(R"("text":"x")"));
}

TEST_F(WireToJsonTest, WellKnownTypesHaveTheirOwnForms) {
  EXPECT_EQ(Field("time { seconds: 63108020 nanos: 21000000 }", "time"),
            "\"1972-01-01T10:00:20.021Z\"");
  EXPECT_EQ(Field("time { seconds: -62135596800 }", "time"), "\"0001-01-01T00:00:00Z\"");
  EXPECT_EQ(Field("time { seconds: -1 nanos: 999999999 }", "time"),
            "\"1969-12-31T23:59:59.999999999Z\"");
  EXPECT_EQ(Field("duration { nanos: -500000000 }", "duration"), "\"-0.500s\"");
  EXPECT_EQ(Field("duration { seconds: 3 nanos: 1000 }", "duration"), "\"3.000001s\"");
  EXPECT_EQ(Field("mask { paths: 'a.b_c' paths: 'd' }", "mask"), "\"a.bC,d\"");
  EXPECT_EQ(Field("wrapped_number { value: 5 } wrapped_text { }", "wrappedNumber"), "\"5\"");
  EXPECT_EQ(Field("wrapped_text { }", "wrappedText"), "\"\"");
  EXPECT_EQ(Field("empty { }", "empty"), "{}");
  EXPECT_EQ(Field("value { list_value { values { number_value: 1.5 } values { null_value: 0 } "
                  "values { struct_value { fields { key: 'z' } fields { key: 'a' value { "
                  "bool_value: true } } } } } }",
                  "value"),
            R"([1.5,null,{"a":true,"z":null}])");
  EXPECT_EQ(Field("structure { }", "structure"), "{}");
  EXPECT_EQ(Field("list { }", "list"), "[]");
  EXPECT_EQ(Field("any { [type.googleapis.com/sluice.v1.Value] { integer: 5 } }", "any"),
            R"({"@type":"type.googleapis.com/sluice.v1.Value","integer":"5"})");
  EXPECT_EQ(Field("any { [type.googleapis.com/google.protobuf.Duration] { seconds: 1 } }", "any"),
            R"({"@type":"type.googleapis.com/google.protobuf.Duration","value":"1s"})");
  EXPECT_EQ(Field("any { type_url: 'example.org/no.Such' value: 'abc' }", "any"),
            R"({"@type":"example.org/no.Such","value":"YWJj"})");
  EXPECT_EQ(Field("any { }", "any"), "{}");
}

TEST_F(WireToJsonTest, WhatJsonCannotSayIsAnError) {
  for (const char* text :
       {"time { seconds: 253402300800 }", "time { nanos: -1 }", "duration { seconds: 1 nanos: -1 }",
        "duration { seconds: 315576000001 }", "mask { paths: 'aB' }", "mask { paths: 'a_' }",
        "value { number_value: nan }"}) {
    EXPECT_THAT(Write<Everything>(text), HasSubstr("cannot write JSON")) << text;
  }
  std::string wire;
  AppendBytesField(14, "\xff", &wire);
  EXPECT_THAT(WriteBytes<Everything>(wire), HasSubstr("Everything.text: text that is not UTF-8"));
}

TEST_F(WireToJsonTest, MalformedBytesAreAnErrorAndUnknownFieldsAreSkipped) {
  for (const char* bad : {"\x0a",
                          "\x72\x05"
                          "a",
                          "\x18", "\x18\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", "\x09\x01",
                          "\x0c", "\x07", "\x0b"}) {
    EXPECT_THAT(WriteBytes<Everything>(bad), HasSubstr("cannot write JSON"));
  }
  std::string unknown;
  AppendTag(9'999, WireType::kStartGroup, &unknown);
  AppendTag(3, WireType::kVarint, &unknown);
  AppendVarint(300, &unknown);
  AppendTag(9'999, WireType::kEndGroup, &unknown);
  AppendTag(14, WireType::kVarint, &unknown);  // The wrong type makes it another field.
  AppendVarint(1, &unknown);
  EXPECT_EQ(WriteBytes<Everything>(unknown), WriteBytes<Everything>(""));
}

TEST_F(WireToJsonTest, NestingEndsAtAHundred) {
  std::string wire;
  for (int depth = 0; depth < 120; ++depth) {
    std::string outer;
    AppendBytesField(17, wire, &outer);
    wire = outer;
  }
  EXPECT_THAT(WriteBytes<Everything>(wire), HasSubstr("nested too deeply"));
}

}  // namespace
}  // namespace sluice::gateway
