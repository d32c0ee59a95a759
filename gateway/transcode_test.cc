#include "gateway/transcode.h"

#include "gmock/gmock.h"
#include "google/api/httpbody.pb.h"
#include "google/protobuf/text_format.h"
#include "gtest/gtest.h"
#include "sluice/v1/query.pb.h"

#include "gateway/testing/everything.pb.h"
#include "gateway/wire.h"

namespace sluice::gateway {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

// The linker leaves out files of a library that nobody names.
void LinkServices() {
  testing::Everything::descriptor();
  v1::QueryRequest::descriptor();
}

constexpr char kService[] = "sluice.gateway.testing.EverythingService";

class TranscodeTest : public ::testing::Test {
 protected:
  void SetUp() override {
    LinkServices();
    auto routes = BuildRoutes(*google::protobuf::DescriptorPool::generated_pool(),
                              {kService, "sluice.v1.QueryService"}, &tables_);
    ASSERT_TRUE(routes.ok()) << routes.status();
    routes_ = *std::move(routes);
  }

  struct Request {
    std::string method = "GET";
    std::string path = {};
    std::string query = {};
    std::string body = {};
    std::string content_type = {};
  };

  // The request message in text format, or the error.
  std::string Read(const Request& request) {
    const RouteMatch match = routes_.table.Match(request.method, request.path);
    if (match.kind != RouteMatch::Kind::kFound) return "no route";
    const Route& route = routes_.routes[match.route];
    const RequestParts parts{match.values, request.query, request.content_type, request.body};
    const auto wire = RequestToWire(&tables_, route, parts, options_);
    if (!wire.ok()) return std::string(wire.status().message());
    std::unique_ptr<google::protobuf::Message> message(
        google::protobuf::MessageFactory::generated_factory()
            ->GetPrototype(route.input->descriptor)
            ->New());
    if (!message->ParseFromString(*wire)) return "unparsable";
    std::string text;
    google::protobuf::TextFormat::Printer printer;
    printer.SetSingleLineMode(true);
    printer.PrintToString(*message, &text);
    if (!text.empty() && text.back() == ' ') text.pop_back();
    return text;
  }
  std::string Query(const std::string& query) {
    return Read({.path = "/search/x", .query = query});
  }

  FieldTables tables_{google::protobuf::DescriptorPool::generated_pool()};
  ServiceRoutes routes_;
  TranscodeOptions options_;
};

TEST_F(TranscodeTest, PathVariablesFillFieldsOfEveryDepth) {
  EXPECT_EQ(Read({.path = "/e/a%20b/n/-7"}), "text: \"a b\" nested { int64_field: -7 }");
  EXPECT_THAT(Read({.path = "/e/a/n/x"}), HasSubstr("path parameter int64_field"));
  EXPECT_THAT(Read({.path = "/e/%ff/n/1"}), HasSubstr("path parameter text"));
}

TEST_F(TranscodeTest, ThePathWinsOverTheBodyEvenWithADefaultValue) {
  EXPECT_EQ(Read({.method = "POST", .path = "/e/p", .body = R"({"text":"b","flag":true})"}),
            "flag: true text: \"p\"");
  EXPECT_EQ(Read({.method = "PUT", .path = "/e/p/child", .body = R"({"text":"b","flag":true})"}),
            "nested { flag: true text: \"p\" }");
  EXPECT_EQ(Read({.path = "/e/a/n/0", .query = "nested.int64_field=5&nested.text=q"}),
            "text: \"a\" nested { text: \"q\" }");
}

TEST_F(TranscodeTest, AWholeBodyLeavesNothingToTheQuery) {
  EXPECT_EQ(Read({.method = "POST", .path = "/e/p", .query = "flag=true&nope=1"}), "text: \"p\"");
}

TEST_F(TranscodeTest, AnEmptyBodyIsAnEmptyMessage) {
  for (const char* body : {"", " \r\n\t ", "{}"}) {
    EXPECT_EQ(Read({.method = "POST", .path = "/e/p", .body = body}), "text: \"p\"");
  }
  EXPECT_THAT(Read({.method = "POST", .path = "/e/p", .body = "{} {}"}),
              HasSubstr("unexpected text"));
}

TEST_F(TranscodeTest, ABodyFieldMayBeAMessageOrAList) {
  EXPECT_EQ(Read({.method = "PUT",
                  .path = "/e/p/child",
                  .query = "flag=1&nested.flag=1&text=q",
                  .body = R"({"int32Field":3})"}),
            "flag: true text: \"q\" nested { int32_field: 3 text: \"p\" }");
  EXPECT_EQ(
      Read({.method = "POST", .path = "/e:numbers", .query = "text=q", .body = R"([1,"-2"])"}),
      "text: \"q\" numbers: 1 numbers: -2");
}

TEST_F(TranscodeTest, RawBodiesAreTakenAsTheyAre) {
  EXPECT_EQ(Read({.method = "POST",
                  .path = "/upload",
                  .body = std::string("\0{", 2),
                  .content_type = "text/csv"}),
            "content_type: \"text/csv\" data: \"\\000{\"");
}

TEST_F(TranscodeTest, QueryParametersTakeEveryType) {
  EXPECT_EQ(Query("real=-1e3&small=2.5&int32_field=%2B7&uint64Field=18446744073709551615&flag=T"),
            "real: -1000 small: 2.5 int32_field: 7 uint64_field: 18446744073709551615 flag: true "
            "text: \"x\"");
  EXPECT_EQ(Query("data=-_-_&colour=COLOUR_RED&maybe=0"),
            "text: \"x\" data: \"\\373\\377\\277\" colour: COLOUR_RED maybe: 0");
  EXPECT_EQ(Query("real=NaN&small=-inf&colour=-3&int64_field=007"),
            "real: nan small: -inf int64_field: 7 text: \"x\" colour: COLOUR_NEGATIVE");
  EXPECT_EQ(Query("snakeCaseName=a+b%2B&@renamed=c"),
            "text: \"x\" snake_case_name: \"a b+\" other: \"c\"");
}

TEST_F(TranscodeTest, QueryParametersReachNestedRepeatedAndMapFields) {
  EXPECT_EQ(Query("nested.nested.int32Field=1&texts=a,b&texts=c&numbers=1&numbers=-1"),
            "text: \"x\" nested { nested { int32_field: 1 } } numbers: 1 numbers: -1 texts: "
            "\"a,b\" texts: \"c\"");
  EXPECT_EQ(Query("names[k%5D]=v&by_flag[true]=5"),
            "text: \"x\" names { key: \"k]\" value: \"v\" } by_flag { key: true value: 5 }");
}

TEST_F(TranscodeTest, QueryParametersTakeWellKnownTypesAsTexts) {
  EXPECT_EQ(Query("time=1970-01-01T00:00:05Z&duration=1.5s&mask=a.bC,d"),
            "text: \"x\" time { seconds: 5 } duration { seconds: 1 nanos: 500000000 } mask { "
            "paths: \"a.b_c\" paths: \"d\" }");
  EXPECT_EQ(Query("wrapped_number=5&wrappedText=&value=%5B1%5D"),
            "text: \"x\" value { list_value { values { number_value: 1 } } } wrapped_number { "
            "value: 5 } wrapped_text { }");
  EXPECT_EQ(Read({.path = "/v1/databases/d/query", .query = "sql=x&params={%22a%22:1}"}),
            "database: \"d\" sql: \"x\" params { struct_value { fields { key: \"a\" value { "
            "number_value: 1 } } } }");
}

TEST_F(TranscodeTest, WrongQueryParametersAreNamed) {
  for (const char* bad : {"int32_field=x",
                          "int32_field=1.5",
                          "int32_field=2147483648",
                          "uint32_field=-1",
                          "flag=yes",
                          "colour=MAUVE",
                          "data=*",
                          "int32_field=1&int32Field=2",
                          "nested=1",
                          "any=x",
                          "children=1",
                          "children.text=a",
                          "names=a",
                          "text2[a]=b&flag[a]=1",
                          "time=yesterday",
                          "value={",
                          "a=%zz",
                          "chosen_text=a&chosen_number=1",
                          "by_number[x]=1",
                          "by_flag[maybe]=1",
                          "snake_case_name=%ff",
                          "duration=null",
                          "%ff=1&int32_field=x",
                          "int32_field="}) {
    EXPECT_THAT(Query(bad), ::testing::AnyOf(StartsWith("query parameter"),
                                             StartsWith("malformed percent-escape")))
        << bad;
  }
}

TEST_F(TranscodeTest, UnknownQueryParametersAreIgnoredUnlessTheyShallBeRefused) {
  EXPECT_EQ(Query("nope=1&nested.nope=2&=3&&a&text=overridden"), "text: \"x\"");
  options_.query.strict = true;
  EXPECT_THAT(Query("nope=1"), HasSubstr("\"nope\": no such field"));
  EXPECT_EQ(Query("_=1&utm_source=x"), "text: \"x\"") << "what browsers and links add";
}

TEST_F(TranscodeTest, HostileQueriesAreCheap) {
  std::string query;
  for (int i = 0; i < 3'000; ++i) query += "a=1&";
  EXPECT_THAT(Query(query), HasSubstr("too many"));
  std::string deep = "nested";
  for (int i = 0; i < 1'500; ++i) deep += ".nested";
  EXPECT_THAT(Query(deep + ".flag=1"), HasSubstr("too deep"));
}

TEST_F(TranscodeTest, OnlyJsonAndWhatCurlCallsItAreBodies) {
  const Route& route = routes_.routes[routes_.table.Match("POST", "/e/p").route];
  for (const char* type :
       {"", "application/json", "Application/JSON; charset=UTF-8", "application/vnd.x+json",
        "text/plain", "application/x-www-form-urlencoded"}) {
    EXPECT_TRUE(TakesContentType(route, type)) << type;
  }
  for (const char* type : {"application/xml", "application/json; charset=utf-16", "image/png",
                           "multipart/form-data; boundary=x", "application/octet-stream"}) {
    EXPECT_FALSE(TakesContentType(route, type)) << type;
  }
}

TEST_F(TranscodeTest, AResponseFieldIsAnsweredAlone) {
  const Route& route = routes_.routes[routes_.table.Match("POST", "/e:numbers").route];
  std::string wire;
  std::string json;
  ASSERT_TRUE(ResponseToJson(&tables_, route, wire, &json).ok());
  EXPECT_EQ(json, "[]");
  AppendBytesField(23, "a", &wire);
  json.clear();
  ASSERT_TRUE(ResponseToJson(&tables_, route, wire, &json).ok());
  EXPECT_EQ(json, "[\"a\"]");
}

TEST_F(TranscodeTest, HttpBodiesAreTakenApart) {
  google::api::HttpBody message;
  message.set_content_type("text/csv");
  message.set_data("a,b\n");
  const std::string wire = message.SerializeAsString();
  RawBody body;
  ASSERT_TRUE(ParseHttpBody(wire, &body));
  EXPECT_EQ(body.content_type, "text/csv");
  EXPECT_EQ(body.bytes, "a,b\n");
  EXPECT_FALSE(ParseHttpBody("\x0a\x7f", &body));
}

TEST_F(TranscodeTest, MethodsWithoutABindingArePostedAndThoseThatStreamRequestsAreNot) {
  EXPECT_EQ(Read({.method = "POST",
                  .path = "/sluice.gateway.testing.EverythingService/Unbound",
                  .body = R"({"flag":true})"}),
            "flag: true");
  EXPECT_EQ(Read({.method = "POST", .path = "/sluice.gateway.testing.EverythingService/Talk"}),
            "no route");
}

// Bindings that must not start.
TEST(ServiceRoutesTest, WrongBindingsAreRefusedByFileAndMethod) {
  LinkServices();
  struct Case {
    const char* binding;
    const char* message;
  };
  for (const Case& wrong :
       {Case{"get: '/x/{nope}'", "no field nope"}, Case{"get: '/x/{numbers}'", "cannot stand"},
        Case{"get: '/x/{nested}'", "cannot stand"}, Case{"get: '/x/{names.key}'", "no field"},
        Case{"post: '/x' body: 'nope'", "no body field"},
        Case{"get: '/x' response_body: 'nope'", "no response field"},
        Case{"get: '/x/'", "path template"}, Case{"body: '*'", "without method"},
        Case{"get: '/x' additional_bindings { get: '/x' }", "same method and path"},
        Case{"get: '/x' additional_bindings { get: '/y' additional_bindings { get: '/z' } }",
             "within additional_bindings"}}) {
    google::protobuf::FileDescriptorProto file;
    ASSERT_TRUE(google::protobuf::TextFormat::ParseFromString(
        std::string(R"(name: 'wrong.proto' package: 'wrong' syntax: 'proto3'
          dependency: 'gateway/testing/everything.proto'
          dependency: 'google/api/annotations.proto'
          service { name: 'S' method { name: 'M' input_type: '.sluice.gateway.testing.Everything'
            output_type: '.sluice.gateway.testing.Everything'
            options { [google.api.http] { )") +
            wrong.binding + " } } } }",
        &file));
    google::protobuf::DescriptorPool pool(google::protobuf::DescriptorPool::generated_pool());
    ASSERT_NE(pool.BuildFile(file), nullptr);
    FieldTables tables(&pool);
    const auto routes = BuildRoutes(pool, {"wrong.S"}, &tables);
    ASSERT_FALSE(routes.ok()) << wrong.binding;
    EXPECT_THAT(std::string(routes.status().message()),
                ::testing::AllOf(StartsWith("wrong.proto: wrong.S.M: "), HasSubstr(wrong.message)));
  }
}

TEST(ServiceRoutesTest, AnUnknownServiceIsNotFound) {
  FieldTables tables(google::protobuf::DescriptorPool::generated_pool());
  const auto routes =
      BuildRoutes(*google::protobuf::DescriptorPool::generated_pool(), {"no.Such"}, &tables);
  EXPECT_EQ(routes.status().code(), absl::StatusCode::kNotFound);
}

}  // namespace
}  // namespace sluice::gateway
