#include "server/engine/stored_query.h"

#include <gtest/gtest.h>

#include "server/base/error.h"
#include "server/engine/test_served.h"

namespace sluice::engine {
namespace {

using sqlite::ValueView;
using Type = StoredParameter::Type;

StoredParameter Parameter(std::string name, Type type,
                          std::optional<ValueView> default_value = std::nullopt) {
  StoredParameter parameter{
      .name = std::move(name), .type = type, .description = {}, .default_value = {}};
  if (default_value.has_value()) parameter.default_value = sqlite::Value(*default_value);
  return parameter;
}

CallFacts Facts(std::string actor = "admin") {
  return {.actor = std::move(actor),
          .now = absl::FromUnixSeconds(1'700'000'000),
          .header = [](absl::string_view name) -> std::optional<std::string> {
            if (name == "authorization") return "Bearer secret";
            if (name == "user-agent") return "test/1";
            return std::nullopt;
          }};
}

class StoredQueryTest : public testing::Test {
 protected:
  StoredQueryTest() : database_("CREATE TABLE t(a)") {}

  // The rows of a stored query as text, or the error's reason.
  std::string Run(const std::string& sql, std::vector<StoredParameter> parameters,
                  std::vector<QuerySpec::Parameter> given, const CallFacts& facts = Facts()) {
    const StoredQuery query{
        .name = "q", .sql = sql, .about = {}, .parameters = std::move(parameters)};
    StoredParameters source(query, facts);
    for (auto& parameter : given) {
      const auto checked = source.Check(parameter.name, parameter.value);
      if (!checked.ok()) return ReasonOf(checked.status());
      parameter.value = *checked;
    }
    const auto cursor = Cursor::Open(
        database_.served, {.sql = query.sql, .parameters = std::move(given), .source = &source},
        Interrupt());
    if (!cursor.ok()) return ReasonOf(cursor.status());
    CollectingSink sink;
    const auto more = (*cursor)->Fill(sink, 1000, size_t{1} << 20);
    return more.ok() ? sink.text() : ReasonOf(more.status());
  }

  ServedDatabase database_;
};

TEST_F(StoredQueryTest, TakesGivenValuesAndDefaults) {
  const std::vector<StoredParameter> parameters = {
      Parameter("n", Type::kInteger, ValueView::Integer(3)),
      Parameter("t", Type::kText, ValueView::Null()), Parameter("x", Type::kAny)};
  EXPECT_EQ(Run("SELECT :n, :t, :x, :n", parameters, {{"x", ValueView::Blob("b")}}),
            "3,null,x'62',3");
  EXPECT_EQ(Run("SELECT :n, :t, :x", parameters,
                {{"x", ValueView::Null()}, {"n", ValueView::Integer(9)}, {"t", ValueView::Null()}}),
            "9,null,null");
  EXPECT_EQ(Run("SELECT :n, :t, :x", parameters, {}), reason::kBadRequest);
  EXPECT_EQ(Run("SELECT :undeclared", {}, {{"undeclared", ValueView::Real(1)}}),
            "1.0000000000000000");
  EXPECT_EQ(Run("SELECT 1", {}, {{"other", ValueView::Real(1)}}), reason::kBadRequest);
  EXPECT_EQ(Run("SELECT ?", {}, {}), reason::kBadRequest);
}

TEST_F(StoredQueryTest, ChecksTypes) {
  const struct {
    Type type;
    ValueView value;
    std::string want;
  } kCases[] = {{Type::kInteger, ValueView::Integer(4), "4"},
                {Type::kInteger, ValueView::Text("4"), std::string(reason::kBadRequest)},
                {Type::kInteger, ValueView::Null(), std::string(reason::kBadRequest)},
                {Type::kReal, ValueView::Integer(4), "4.0000000000000000"},
                {Type::kReal, ValueView::Real(0.5), "0.50000000000000000"},
                {Type::kText, ValueView::Integer(4), std::string(reason::kBadRequest)},
                {Type::kText, ValueView::Text("4"), "'4'"},
                {Type::kBlob, ValueView::Text("4"), std::string(reason::kBadRequest)},
                {Type::kBoolean, ValueView::Integer(1), "1"},
                {Type::kBoolean, ValueView::Integer(2), std::string(reason::kBadRequest)}};
  for (const auto& test : kCases) {
    EXPECT_EQ(Run("SELECT :p", {Parameter("p", test.type)}, {{"p", test.value}}), test.want);
  }
}

TEST_F(StoredQueryTest, FillsMagicParametersByItself) {
  EXPECT_EQ(Run("SELECT :_now_epoch, :_now_date_utc, :_now_datetime_utc", {}, {}),
            "1700000000,'2023-11-14','2023-11-14T22:13:20Z'");
  EXPECT_EQ(Run("SELECT :_actor_id, :_header_user_agent, :_header_host", {}, {}),
            "'admin','test/1',null");
  EXPECT_EQ(Run("SELECT :_actor_id", {}, {}, Facts("")), "null");
  EXPECT_EQ(Run("SELECT :_header_authorization, :_header_Cookie", {}, {}), "null,null");
  EXPECT_EQ(
      Run("SELECT length(:_random_chars_32), :_random_chars_32 GLOB '*[^A-Za-z0-9_-]*'", {}, {}),
      "32,0");
  EXPECT_NE(Run("SELECT :_random_chars_32", {}, {}), Run("SELECT :_random_chars_32", {}, {}));
}

TEST_F(StoredQueryTest, LetsNobodyElseFillThem) {
  for (const char* name : {"_actor_id", "_now_epoch", "_header_user_agent", "_random_chars_8"}) {
    EXPECT_EQ(Run(absl::StrCat("SELECT :", name), {}, {{name, ValueView::Integer(1)}}),
              reason::kBadRequest)
        << name;
  }
  for (const char* name :
       {"_now_never", "_random_chars_0", "_random_chars_x", "_random_chars_99999"}) {
    EXPECT_EQ(Run(absl::StrCat("SELECT :", name), {}, {}), reason::kUnsupported) << name;
  }
}

TEST(SettingsTest, TheLowestCeilingHolds) {
  Settings settings;
  settings.ceilings.rows = 500;
  settings.databases["d"].ceilings.rows = 100;
  settings.databases["d"].ceilings.stream_bytes = 7;
  settings.callers["anonymous"].statement_time = absl::Seconds(1);
  const Ceilings ceilings = settings.CeilingsFor("d", "anonymous");
  EXPECT_EQ(ceilings.rows, 100);
  EXPECT_EQ(ceilings.stream_bytes, 7);
  EXPECT_EQ(ceilings.statement_time, absl::Seconds(1));
  EXPECT_EQ(settings.CeilingsFor("other", "admin").rows, 500);
  EXPECT_EQ(settings.CeilingsFor("other", "admin").statement_time, limits::kStatementTimeMax);
}

TEST(SettingsTest, FindsQueriesAndTables) {
  Settings settings;
  settings.databases["d"].queries["q"].sql = "SELECT 1";
  settings.databases["d"].tables["t"].page_size = 5;
  EXPECT_TRUE(FindQuery(settings, "d", "q").ok());
  EXPECT_EQ(ReasonOf(FindQuery(settings, "d", "Q").status()), reason::kNoSuchQuery);
  EXPECT_EQ(ReasonOf(FindQuery(settings, "e", "q").status()), reason::kNoSuchQuery);
  EXPECT_EQ(settings.Table("d", "T").page_size, 5);
  EXPECT_EQ(settings.Table("e", "t").page_size, 0);
}

}  // namespace
}  // namespace sluice::engine
