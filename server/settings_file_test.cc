#include "server/settings_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "absl/strings/str_cat.h"
#include "server/base/check.h"
#include "server/config.h"

namespace sluice {
namespace {

using ::testing::HasSubstr;

class SettingsFileTest : public testing::Test {
 protected:
  SettingsFileTest() {
    std::string folder = absl::StrCat(testing::TempDir(), "/settings-XXXXXX");
    CHECK(mkdtemp(folder.data()) != nullptr);
    folder_ = folder;
  }
  ~SettingsFileTest() override { std::filesystem::remove_all(folder_); }

  std::string Write(const std::string& text, const std::string& name = "metadata.yaml") {
    std::string path = absl::StrCat(folder_, "/", name);
    std::ofstream(path) << text;
    return path;
  }
  absl::Status Read(const std::string& text, bool foreign = true) {
    settings_ = {};
    warnings_.clear();
    return ReadSettings(Write(text), foreign, &settings_, &warnings_);
  }

  std::string folder_;
  engine::Settings settings_;
  std::vector<std::string> warnings_;
};

// In the shape of Datasette's own files.
constexpr char kMetadata[] = R"yaml(
title: Weather
license: CC0
license_url: https://example.com/cc0
source: The station
plugins: {datasette-map: {}}
databases:
  weather:
    description: Since 1990
    queries:
      all: SELECT * FROM readings
      by_station:
        sql: |-
          SELECT * FROM readings WHERE station = :station AND day < :_now_date_utc
        title: Of one station
        params: [station]
        hide_sql: true
    tables:
      Readings:
        title: Readings
        description: Every hour
        columns:
          temp: Temperature two metres above ground
        units:
          temp: °C
        sort_desc: day
        size: 25
        label_column: station
      junk:
        hidden: true
)yaml";

TEST_F(SettingsFileTest, ReadsADatasetteFileAsItIs) {
  ASSERT_TRUE(Read(kMetadata).ok());
  EXPECT_EQ(settings_.about.title, "Weather");
  EXPECT_EQ(settings_.about.license, "CC0");
  const engine::DatabaseSettings& weather = settings_.Database("weather");
  EXPECT_EQ(weather.about.description, "Since 1990");
  EXPECT_EQ(weather.queries.at("all").sql, "SELECT * FROM readings");
  EXPECT_EQ(weather.queries.at("by_station").about.title, "Of one station");
  EXPECT_EQ(weather.queries.at("by_station").parameters.at(0).name, "station");
  const engine::TableSettings& readings = settings_.Table("weather", "readings");
  EXPECT_EQ(readings.columns.at("temp").description, "Temperature two metres above ground");
  EXPECT_EQ(readings.columns.at("temp").unit, "°C");
  EXPECT_EQ(readings.sort_column, "day");
  EXPECT_TRUE(readings.sort_descending);
  EXPECT_EQ(readings.page_size, 25);
  EXPECT_EQ(readings.label_column, "station");
  EXPECT_TRUE(settings_.Table("weather", "junk").hidden);
  ASSERT_EQ(warnings_.size(), 2U);
  EXPECT_THAT(warnings_[0], HasSubstr("metadata.yaml:6: plugins has no effect"));
}

TEST_F(SettingsFileTest, ReadsParametersAndLimits) {
  ASSERT_TRUE(Read(R"yaml(
limits: {statement-time: 5s, rows: 100, bytes: 1MiB}
databases:
  d:
    limits: {stream-rows: 10, stream-bytes: 64KiB, streams: 2}
    queries:
      q:
        sql: SELECT :a, :b, :c, :d
        params:
          a: integer
          b: {type: text, default: "7", description: a word}
          c: {default: 7}
          d: {default: null}
callers: {anonymous: {limits: {rows: 10, statement-time: 100s}}}
)yaml")
                  .ok());
  const engine::StoredQuery& query = settings_.Database("d").queries.at("q");
  EXPECT_EQ(query.FindParameter("a")->type, engine::StoredParameter::Type::kInteger);
  EXPECT_FALSE(query.FindParameter("a")->default_value.has_value());
  EXPECT_EQ(query.FindParameter("b")->default_value->view().bytes, "7");
  EXPECT_EQ(query.FindParameter("c")->default_value->view().integer, 7);
  EXPECT_TRUE(query.FindParameter("d")->default_value->view().is_null());
  const engine::Ceilings ceilings = settings_.CeilingsFor("d", "anonymous");
  EXPECT_EQ(ceilings.statement_time, absl::Seconds(5));
  EXPECT_EQ(ceilings.rows, 10);
  EXPECT_EQ(ceilings.bytes, 1 << 20);
  EXPECT_EQ(ceilings.stream_rows, 10);
  EXPECT_EQ(ceilings.stream_bytes, 64 << 10);
  EXPECT_EQ(ceilings.streams, 2);
}

TEST_F(SettingsFileTest, ReadsQueriesThatWriteAndThoseOverSeveralDatabases) {
  ASSERT_TRUE(Read(R"yaml(
databases:
  d:
    queries:
      reads: SELECT 1
      writes: {sql: INSERT INTO t VALUES (:a), write: true, params: [a], on_success_message: Done}
      joins: {sql: SELECT * FROM other.t, databases: [other, third]}
)yaml")
                  .ok());
  const auto& queries = settings_.Database("d").queries;
  EXPECT_FALSE(queries.at("reads").writes);
  EXPECT_TRUE(queries.at("writes").writes);
  EXPECT_EQ(queries.at("joins").databases, (std::vector<std::string>{"other", "third"}));
  ASSERT_EQ(warnings_.size(), 1U);
  EXPECT_THAT(warnings_[0], HasSubstr("on_success_message has no effect"));
}

TEST_F(SettingsFileTest, SaysWhatIsWrongAndWhere) {
  const struct {
    std::string text;
    std::string want;
  } kCases[] = {
      {"databases: {d: {tabels: {}}}", "metadata.yaml:1: unknown key tabels"},
      {"\ndatabases: []", "metadata.yaml:2: must be a YAML map"},
      {"databases: {d: {allow: {id: root}}}", "allow says who may see something"},
      {"allow_sql: false", "allow_sql says who may see something"},
      {"limits: {rows: 0}", "must be a whole number"},
      {"limits: {bytes: 4XB}", "must be a number of bytes"},
      {"limits: {statement-time: soon}", "must be a time"},
      {"databases: {d: {queries: {q: {title: x}}}}", "a query needs sql"},
      {"databases: {d: {queries: {q: {sql: x, params: {_now_epoch: integer}}}}}",
       "only the server"},
      {"databases: {d: {queries: {q: {sql: x, params: {a: date}}}}}", "must be any, integer"},
      {"databases: {d: {queries: {q: {sql: x, write: true, databases: [o]}}}}",
       "no other databases"},
      {"databases: {d: {tables: {t: {hidden: perhaps}}}}", "must be true or false"},
      {"a: [", "metadata.yaml"},
  };
  for (const auto& test : kCases) {
    EXPECT_THAT(std::string(Read(test.text).message()), HasSubstr(test.want)) << test.text;
  }
}

TEST_F(SettingsFileTest, OurOwnFileHoldsSettingsBesideItsFlags) {
  const std::string own = Write("listen: 127.0.0.1:1\ntitle: Ours\npaths: [x.db]\n", "sluice.yaml");
  const std::string metadata = Write("title: Theirs\nsource: The station\n");
  const auto loaded = LoadConfig({"--config", own, "--metadata", metadata}, {});
  ASSERT_TRUE(loaded.ok()) << loaded.status();
  EXPECT_EQ(loaded->config.listen, "127.0.0.1:1");
  EXPECT_EQ(loaded->config.settings->about.title, "Ours");
  EXPECT_EQ(loaded->config.settings->about.source, "The station");
  const std::string wrong = Write("titel: Ours\n", "sluice.yaml");
  EXPECT_FALSE(LoadConfig({"--config", wrong}, {}).ok());
}

}  // namespace
}  // namespace sluice
