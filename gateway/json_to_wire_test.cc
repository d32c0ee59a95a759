#include "gateway/json_to_wire.h"

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "google/protobuf/struct.pb.h"
#include "google/protobuf/text_format.h"
#include "google/protobuf/util/json_util.h"
#include "gtest/gtest.h"
#include "sluice/v1/value.pb.h"

#include "gateway/testing/everything.pb.h"

namespace sluice::gateway {
namespace {

using testing::Everything;
using ::testing::HasSubstr;

class JsonToWireTest : public ::testing::Test {
 protected:
  // The message in text format, or the error.
  template <typename Message = Everything>
  std::string Read(absl::string_view json, const JsonParseOptions& options = {}) {
    std::string wire;
    const absl::Status status =
        JsonToWire(&tables_, *tables_.For(Message::descriptor()), json, options, &wire);
    if (!status.ok()) return std::string(status.message());
    Message message;
    if (!message.ParseFromString(wire)) return "unparsable";
    std::string text;
    google::protobuf::TextFormat::Printer printer;
    printer.SetSingleLineMode(true);
    printer.SetExpandAny(true);
    printer.PrintToString(message, &text);
    if (!text.empty() && text.back() == ' ') text.pop_back();
    return text;
  }
  bool Accepts(absl::string_view json) {
    std::string wire;
    return JsonToWire(&tables_, *tables_.For(Everything::descriptor()), json, {}, &wire).ok();
  }

  FieldTables tables_{google::protobuf::DescriptorPool::generated_pool()};
};

TEST_F(JsonToWireTest, TakesTheThreeNamesOfAField) {
  EXPECT_EQ(Read(R"({"snakeCaseName":"a"})"), "snake_case_name: \"a\"");
  EXPECT_EQ(Read(R"({"snake_case_name":"a"})"), "snake_case_name: \"a\"");
  EXPECT_EQ(Read(R"({"@renamed":"a"})"), "other: \"a\"");
  EXPECT_EQ(Read(R"({"farAway":"a"})"), "far_away: \"a\"");
}

TEST_F(JsonToWireTest, IntegersComeAsNumbersOrStringsAndMustFit) {
  EXPECT_EQ(Read(R"({"int64Field":"9223372036854775807"})"), "int64_field: 9223372036854775807");
  EXPECT_EQ(Read(R"({"int64Field":-9223372036854775808})"), "int64_field: -9223372036854775808");
  EXPECT_EQ(Read(R"({"uint64Field":18446744073709551615})"), "uint64_field: 18446744073709551615");
  EXPECT_EQ(Read(R"({"sint64Field":"-9223372036854775808"})"),
            "sint64_field: -9223372036854775808");
  EXPECT_EQ(Read(R"({"int32Field":1e3,"sint32Field":1.0,"fixed32Field":"12.50e1"})"),
            "int32_field: 1000 sint32_field: 1 fixed32_field: 125");
  for (const char* bad :
       {R"({"int32Field":2147483648})", R"({"int32Field":1.5})", R"({"uint32Field":-1})",
        R"({"int64Field":9223372036854775808})", R"({"uint64Field":18446744073709551616})",
        R"({"int32Field":"1 "})", R"({"int32Field":true})", R"({"int32Field":01})",
        R"({"int32Field":""})", R"({"int32Field":1e999999999})", R"({"int32Field":0x10})",
        R"({"int32Field":+1})", R"({"int32Field":"NaN"})", R"({"int32Field":1e-1})"}) {
    EXPECT_FALSE(Accepts(bad)) << bad;
  }
}

TEST_F(JsonToWireTest, FloatsComeAsNumbersStringsOrNames) {
  EXPECT_EQ(Read(R"({"real":"1.5","small":-2e3})"), "real: 1.5 small: -2000");
  EXPECT_EQ(Read(R"({"real":"Infinity"})"), "real: inf");
  EXPECT_EQ(Read(R"({"real":"NaN"})"), "real: nan");
  EXPECT_EQ(Read(R"({"wrappedReal":1e-400})"), "wrapped_real { }");
  EXPECT_FALSE(Accepts(R"({"real":1e400})"));
  EXPECT_FALSE(Accepts(R"({"small":1e40})"));
  EXPECT_FALSE(Accepts(R"({"real":"inf"})"));
  EXPECT_FALSE(Accepts(R"({"real":NaN})"));
}

TEST_F(JsonToWireTest, BytesComeInAllFourFormsOfBase64) {
  for (const char* form : {"-_-_", "+/+/", "+_-/"}) {
    EXPECT_EQ(Read(absl::StrCat("{\"data\":\"", form, "\"}")), "data: \"\\373\\377\\277\"");
  }
  EXPECT_EQ(Read(R"({"data":"Zg=="})"), Read(R"({"data":"Zg"})"));
  EXPECT_FALSE(Accepts(R"({"data":"Z"})"));
  EXPECT_FALSE(Accepts(R"({"data":"Zg="})"));
  EXPECT_FALSE(Accepts(R"({"data":"Zg==="})"));
  EXPECT_FALSE(Accepts(R"({"data":"Z g="})"));
}

TEST_F(JsonToWireTest, EnumsComeByNameOrNumberAndUnknownNamesAreRefused) {
  EXPECT_EQ(Read(R"({"colour":"COLOUR_RED"})"), "colour: COLOUR_RED");
  EXPECT_EQ(Read(R"({"colour":-3})"), "colour: COLOUR_NEGATIVE");
  EXPECT_EQ(Read(R"({"colour":77})"), "colour: 77");
  EXPECT_THAT(Read(R"({"colour":"COLOUR_MAUVE"})"), HasSubstr("colour: unknown enum value"));
  EXPECT_FALSE(Accepts(R"({"colour":"colour_red"})"));
  EXPECT_FALSE(Accepts(R"({"colour":1.5})"));
}

TEST_F(JsonToWireTest, NullIsUnsetExceptWhereItIsAValue) {
  EXPECT_EQ(Read(R"({"text":null,"nested":null,"texts":null,"names":null,"maybe":null})"), "");
  EXPECT_EQ(Read(R"({"chosenNull":null})"), "chosen_null: NULL_VALUE");
  EXPECT_EQ(Read(R"({"chosenText":null,"chosenNumber":1})"), "chosen_number: 1");
  EXPECT_EQ(Read(R"({"value":null})"), "value { null_value: NULL_VALUE }");
  EXPECT_EQ(Read(R"({"values":[null]})"), "values { null_value: NULL_VALUE }");
  EXPECT_EQ(Read<v1::Value>(R"({"null":null})"), "null: NULL_VALUE");
  EXPECT_FALSE(Accepts(R"({"texts":[null]})"));
  EXPECT_FALSE(Accepts(R"({"children":[null]})"));
  EXPECT_FALSE(Accepts(R"({"names":{"a":null}})"));
}

TEST_F(JsonToWireTest, OneMemberOfAOneof) {
  EXPECT_EQ(Read(R"({"chosenNumber":"7","otherFlag":false})"),
            "chosen_number: 7 other_flag: false");
  EXPECT_THAT(Read(R"({"chosenNumber":"7","chosenText":"x"})"), HasSubstr("oneof choice"));
  EXPECT_THAT(Read(R"({"chosenNull":null,"chosenText":"x"})"), HasSubstr("oneof choice"));
}

TEST_F(JsonToWireTest, MapsTakeTheirKeysAsStrings) {
  EXPECT_EQ(Read(R"({"names":{"b":"2","a":"1"}})"),
            "names { key: \"a\" value: \"1\" } names { key: \"b\" value: \"2\" }");
  EXPECT_EQ(Read(R"({"byFlag":{"true":"5"}})"), "by_flag { key: true value: 5 }");
  EXPECT_EQ(Read(R"({"byNumber":{"-4":{"text":"x"}}})"),
            "by_number { key: -4 value { text: \"x\" } }");
  EXPECT_FALSE(Accepts(R"({"byFlag":{"1":"5"}})"));
  EXPECT_FALSE(Accepts(R"({"byNumber":{"x":{}}})"));
  EXPECT_FALSE(Accepts(R"({"names":{"a":"1","a":"2"}})"));
  EXPECT_FALSE(Accepts(R"({"names":[]})"));
}

TEST_F(JsonToWireTest, WellKnownTypesHaveTheirOwnForms) {
  EXPECT_EQ(Read(R"({"time":"1972-01-01T10:00:20.021Z"})"),
            "time { seconds: 63108020 nanos: 21000000 }");
  EXPECT_EQ(Read(R"({"time":"1970-01-01T01:00:00+01:00"})"), "time { }");
  EXPECT_EQ(Read(R"({"duration":"-1.5s"})"), "duration { seconds: -1 nanos: -500000000 }");
  EXPECT_EQ(Read(R"({"mask":"a.bC,d"})"), "mask { paths: \"a.b_c\" paths: \"d\" }");
  EXPECT_EQ(Read(R"({"wrappedNumber":"12","wrappedText":"","wrappedFlag":true})"),
            "wrapped_number { value: 12 } wrapped_text { } wrapped_flag { value: true }");
  EXPECT_EQ(Read(R"({"list":[1,"a",true,[],{}]})"),
            "list { values { number_value: 1 } values { string_value: \"a\" } values { bool_value: "
            "true } values { list_value { } } values { struct_value { } } }");
  EXPECT_EQ(Read(R"({"structure":{"a":{"b":null}}})"),
            "structure { fields { key: \"a\" value { struct_value { fields { key: \"b\" value { "
            "null_value: NULL_VALUE } } } } } }");
  EXPECT_EQ(Read(R"({"empty":{}})"), "empty { }");
  for (const char* bad :
       {R"({"time":"1972-01-01"})", R"({"time":"1972-02-30T00:00:00Z"})",
        R"({"time":"1972-01-01T00:00:00"})", R"({"time":"1972-01-01T00:00:60Z"})",
        R"({"time":"0000-01-01T00:00:00Z"})", R"({"time":"1972-01-01t00:00:00z"})",
        R"({"time":"1972-01-01T00:00:00.0000000001Z"})", R"({"duration":"1"})",
        R"({"duration":"1.s"})", R"({"duration":"315576000001s"})", R"({"mask":"a_b"})",
        R"({"mask":"a,,b"})", R"({"structure":[]})", R"({"list":{}})", R"({"empty":{"a":1}})",
        R"({"structure":{"a":1,"a":2}})", R"({"value":1e999})"}) {
    EXPECT_FALSE(Accepts(bad)) << bad;
  }
}

TEST_F(JsonToWireTest, NumbersOfValuesMayKeepWhatADoubleLoses) {
  const auto read = [&](const std::string& json) {
    google::protobuf::Value value;
    std::string wire;
    const MessageTable* const table = tables_.For(google::protobuf::Value::descriptor());
    if (!JsonToWire(&tables_, *table, json, {.exact_numbers = true}, &wire).ok()) {
      return std::string("refused");
    }
    if (!value.ParseFromString(wire)) return std::string("unparsable");
    std::string text;
    google::protobuf::util::MessageToJsonString(value, &text);
    return text;
  };
  EXPECT_EQ(read("[1.0,-0.0,1e3,1,1.5,-0]"),
            R"([{"$real":1},{"$real":-0},{"$real":1000},1,1.5,-0])");
  EXPECT_EQ(read("[9007199254740993,-9223372036854775808,9007199254740991]"),
            R"([{"$integer":"9007199254740993"},{"$integer":"-9223372036854775808"},)"
            R"(9007199254740991])");
  EXPECT_EQ(read(R"({"a":9007199254740993})"), R"({"a":{"$integer":"9007199254740993"}})");
  EXPECT_EQ(read("2.0"), R"({"$real":2})");
  EXPECT_EQ(read(R"([{"$real":5.0}])"), R"([{"$real":5}])") << "tagged already";
  EXPECT_EQ(read("[1e400]"), "refused");
}

TEST_F(JsonToWireTest, AnyTakesItsTypeWhereverItStands) {
  const std::string expected = "any { [type.googleapis.com/sluice.v1.Value] { integer: 5 } }";
  EXPECT_EQ(Read(R"({"any":{"@type":"type.googleapis.com/sluice.v1.Value","integer":"5"}})"),
            expected);
  EXPECT_EQ(Read(R"({"any":{"integer":"5","@type":"type.googleapis.com/sluice.v1.Value"}})"),
            expected);
  EXPECT_EQ(
      Read(R"({"any":{"@type":"type.googleapis.com/google.protobuf.Duration","value":"1s"}})"),
      "any { [type.googleapis.com/google.protobuf.Duration] { seconds: 1 } }");
  EXPECT_EQ(Read(R"({"any":{}})"), "any { }");
  EXPECT_FALSE(Accepts(R"({"any":{"@type":"type.googleapis.com/no.Such"}})"));
  EXPECT_FALSE(Accepts(R"({"any":{"integer":"5"}})"));
}

TEST_F(JsonToWireTest, UnknownFieldsAreRefusedUnlessTheyShallBeIgnored) {
  EXPECT_THAT(Read(R"({"nested":{"children":[{"nope":1}]}})"),
              HasSubstr("nested.children[0].nope: unknown field"));
  EXPECT_EQ(Read(R"({"nope":{"a":[1,2]},"text":"x"})", {.ignore_unknown_fields = true}),
            "text: \"x\"");
}

TEST_F(JsonToWireTest, StringsAreUnescapedAndMustBeUtf8) {
  EXPECT_EQ(Read(R"({"text":"\u00e9\ud83d\udca7\"\\\/\b\f\n\r\t"})"),
            "text: \"\\303\\251\\360\\237\\222\\247\\\"\\\\/\\010\\014\\n\\r\\t\"");
  for (const char* bad :
       {"{\"text\":\"\\ud800\"}", "{\"text\":\"\\ud800x\"}", "{\"text\":\"\\udc00\"}",
        "{\"text\":\"\\ud800\\u0041\"}", "{\"text\":\"\xff\"}", "{\"text\":\"\\x41\"}",
        "{\"text\":\"\\u12\"}", "{\"text\":\"a\nb\"}", "{\"text\":\"abc}", "{\"text\":\"abc\\"}) {
    EXPECT_FALSE(Accepts(bad)) << bad;
  }
}

TEST_F(JsonToWireTest, LenientFormsAreRefused) {
  for (const char* bad : {"",
                          "  ",
                          "null",
                          "[]",
                          "1",
                          "{",
                          "}",
                          "{'text':'a'}",
                          "{text:\"a\"}",
                          R"({"text":"a",})",
                          R"({"text":"a"}x)",
                          R"({"text":"a"}{})",
                          R"({"text" "a"})",
                          R"({"flag":"true"})",
                          R"({"flag":1})",
                          R"({"texts":"a"})",
                          R"({"texts":["a",]})",
                          R"({"texts":[,]})",
                          R"({"text":"a","text":"b"})",
                          R"({"snakeCaseName":"a","snake_case_name":"b"})",
                          R"({"text":"a" // x
           })",
                          R"({"text":tru})",
                          "\xEF\xBB\xBF{}",
                          R"({"int32Field":-})",
                          R"({"real":.5})",
                          R"({"real":5.})",
                          R"({"text":5})",
                          R"({"nested":[]})",
                          R"({"a":1})"}) {
    EXPECT_FALSE(Accepts(bad)) << bad;
  }
}

TEST_F(JsonToWireTest, NestingEndsAtAHundred) {
  const auto nested = [](int depth) {
    std::string json;
    for (int i = 0; i < depth; ++i) json += R"({"nested":)";
    json += "{}";
    return json + std::string(static_cast<size_t>(depth), '}');
  };
  EXPECT_TRUE(Accepts(nested(99)));
  EXPECT_FALSE(Accepts(nested(100)));
  EXPECT_FALSE(Accepts(nested(100'000)));
  const std::string brackets(200'000, '[');
  EXPECT_FALSE(Accepts(absl::StrCat("{\"value\":", brackets)));
  EXPECT_FALSE(Accepts(absl::StrCat("{\"nope\":", brackets)));
}

TEST_F(JsonToWireTest, LongValuesGetTheirLengths) {
  const std::string text(100'000, 'x');
  const std::string wanted = absl::StrCat("nested { nested { text: \"", text, "\" } }");
  EXPECT_EQ(Read(absl::StrCat(R"({"nested":{"nested":{"text":")", text, "\"}}}")), wanted);
}

}  // namespace
}  // namespace sluice::gateway
