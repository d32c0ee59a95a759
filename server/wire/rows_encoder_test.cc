#include "server/wire/rows_encoder.h"

#include <gtest/gtest.h>

#include "server/base/error.h"
#include "server/wire/message_encoder.h"
#include "server/wire/test_rows.h"
#include "server/wire/text_encoder.h"
#include "sluice/v1/query.pb.h"

namespace sluice::wire {
namespace {

using engine::RowView;
using sqlite::ValueView;

TEST(RowsEncoderTest, WritesTheBytesThatTheGeneratedClassWrites) {
  const sqlite::TestDatabase database;
  const auto connection = database.Open();
  RandomValues random(20261121);
  for (int round = 0; round < 2'000; ++round) {
    RowsEncoder encoder(v1::StreamQueryResponse::kColumnsFieldNumber,
                        v1::StreamQueryResponse::kRowsFieldNumber);
    ASSERT_TRUE(encoder.OnColumns({{"a", "INTEGER"}, {"b", ""}, {"", "TEXT"}}).ok());
    std::vector<std::vector<sqlite::Value>> rows(random.Below(4));
    for (auto& values : rows) {
      values.resize(1 + random.Below(4));
      for (sqlite::Value& value : values) value = random.Next();
      const sqlite::Statement statement = Standing(*connection, values);
      ASSERT_TRUE(
          encoder.OnRow(RowView(statement, 0, static_cast<int>(values.size()), nullptr)).ok());
    }
    v1::StreamQueryResponse decoded;
    const std::string bytes(encoder.buffer().view());
    ASSERT_TRUE(decoded.ParseFromString(bytes));
    ASSERT_EQ(decoded.rows_size(), static_cast<int>(rows.size()));
    for (size_t i = 0; i < rows.size(); ++i) {
      const v1::Row& row = decoded.rows(static_cast<int>(i));
      ASSERT_EQ(row.values_size(), static_cast<int>(rows[i].size()));
      for (size_t j = 0; j < rows[i].size(); ++j) {
        ExpectSame(row.values(static_cast<int>(j)), rows[i][j].view());
      }
    }
    EXPECT_EQ(decoded.SerializeAsString(), bytes);
  }
}

TEST(RowsEncoderTest, RefusesARowThatIsLargerThanTheServerSends) {
  const sqlite::TestDatabase database;
  const auto connection = database.Open();
  std::string sql = "SELECT zeroblob(1000000)";
  for (int i = 1; i < 200; ++i) sql += ", zeroblob(1000000)";
  auto statement = connection->Prepare(sql);
  ASSERT_TRUE(statement.ok() && *statement->Step());
  const RowView row(*statement, 0, 200, nullptr);
  RowsEncoder rows(1, 2);
  EXPECT_EQ(ReasonOf(rows.OnRow(row)), reason::kLimit);
  for (const v1::RowLayout layout : {v1::ROW_LAYOUT_ROWS, v1::ROW_LAYOUT_COLUMNS}) {
    EXPECT_EQ(ReasonOf(MakeEncoder(layout, {.columns = 1, .rows = 2, .packed = 3})->OnRow(row)),
              reason::kLimit);
  }
  for (const char* format : {"json", "ndjson", "csv"}) {
    const auto encoder = MakeTextEncoder(*ParseTextFormat(format, "", "arrays"));
    ASSERT_TRUE(encoder->OnColumns(std::vector<engine::ColumnView>(200)).ok());
    EXPECT_EQ(ReasonOf(encoder->OnRow(row)), reason::kLimit) << format;
  }
}

TEST(RowsEncoderTest, SendsATextThatIsNotUtf8AsRawText) {
  const sqlite::TestDatabase database;
  const auto connection = database.Open();
  std::vector<sqlite::Value> values(1, sqlite::Value(ValueView::Text("caf\xe9")));
  const sqlite::Statement statement = Standing(*connection, values);
  RowsEncoder encoder(1, 2);
  ASSERT_TRUE(encoder.OnRow(RowView(statement, 0, 1, nullptr)).ok());
  v1::StreamQueryResponse decoded;
  ASSERT_TRUE(decoded.ParseFromString(std::string(encoder.buffer().view())));
  EXPECT_EQ(decoded.rows(0).values(0).raw_text(), "caf\xe9");
}

TEST(RowsEncoderTest, AddsKeyAndEtag) {
  const sqlite::TestDatabase database;
  const auto connection = database.Open();
  std::vector<sqlite::Value> values = {sqlite::Value(ValueView::Integer(7)),
                                       sqlite::Value(ValueView::Text("EPSG:1")),
                                       sqlite::Value(ValueView::Null())};
  const sqlite::Statement statement = Standing(*connection, values);
  const engine::KeyColumns key{.parts = {1}, .rowid = 0};
  RowsEncoder encoder(1, 2);
  ASSERT_TRUE(encoder.OnRow(RowView(statement, 1, 2, &key).WithEtag("abc")).ok());
  const engine::KeyColumns null_key{.parts = {1, 2}, .rowid = 0};
  ASSERT_TRUE(encoder.OnRow(RowView(statement, 1, 2, &null_key)).ok());
  v1::StreamQueryResponse decoded;
  const std::string bytes(encoder.buffer().view());
  ASSERT_TRUE(decoded.ParseFromString(bytes));
  EXPECT_EQ(decoded.rows(0).key(), "EPSG~3A1");
  EXPECT_EQ(decoded.rows(0).etag(), "abc");
  EXPECT_EQ(decoded.rows(1).key(), "~i7");
  EXPECT_EQ(decoded.SerializeAsString(), bytes);
}

}  // namespace
}  // namespace sluice::wire
