#include "server/wire/columns_encoder.h"

#include <gtest/gtest.h>

#include "server/wire/test_rows.h"
#include "sluice/v1/query.pb.h"

namespace sluice::wire {
namespace {

using engine::RowView;
using sqlite::ValueView;
using Values = std::vector<sqlite::Value>;

constexpr int kColumnsField = v1::StreamQueryResponse::kColumnsFieldNumber;
constexpr int kPackedField = v1::StreamQueryResponse::kPackedFieldNumber;

// What a reader makes of a column, as the contract says.
std::vector<v1::Value> Unpack(const v1::PackedColumn& column, uint32_t row_count) {
  std::vector<v1::Value> values(row_count);
  const auto fill = [&](const auto& array, auto set) {
    if (array.empty()) return false;
    EXPECT_EQ(array.size(), static_cast<int>(row_count));
    for (int i = 0; i < array.size(); ++i) set(&values[static_cast<size_t>(i)], array[i]);
    return true;
  };
  const int arrays =
      fill(column.integers(), [](v1::Value* out, int64_t value) { out->set_integer(value); }) +
      fill(column.reals(), [](v1::Value* out, double value) { out->set_real(value); }) +
      fill(column.texts(), [](v1::Value* out, const auto& value) { out->set_text(value); }) +
      fill(column.blobs(), [](v1::Value* out, const auto& value) { out->set_blob(value); });
  EXPECT_LE(arrays, 1);
  if (arrays == 0) {
    EXPECT_EQ(column.nulls_size() + column.other_rows_size(), 0);
    for (v1::Value& value : values) value.set_null(google::protobuf::NULL_VALUE);
  }
  for (const uint32_t row : column.nulls()) values[row].set_null(google::protobuf::NULL_VALUE);
  EXPECT_EQ(column.others_size(), column.other_rows_size());
  for (int i = 0; i < column.others_size(); ++i) values[column.other_rows(i)] = column.others(i);
  return values;
}

v1::StreamQueryResponse Encode(ColumnsEncoder& encoder) {
  encoder.EndRows();
  const size_t size = encoder.bytes();
  const Buffer bytes = encoder.Take(0);
  EXPECT_EQ(bytes.size(), size);
  v1::StreamQueryResponse decoded;
  EXPECT_TRUE(decoded.ParseFromString(std::string(bytes.view())));
  EXPECT_EQ(decoded.SerializeAsString(), bytes.view());
  return decoded;
}

void Add(ColumnsEncoder& encoder, sqlite::Connection& connection, const Values& values) {
  const sqlite::Statement statement = Standing(connection, values);
  ASSERT_TRUE(encoder.OnRow(RowView(statement, 0, static_cast<int>(values.size()), nullptr)).ok());
}

TEST(ColumnsEncoderTest, WritesTheBytesThatTheGeneratedClassWrites) {
  const sqlite::TestDatabase database;
  const auto connection = database.Open();
  RandomValues random(20261127);
  ColumnsEncoder encoder(kColumnsField, kPackedField);
  for (int round = 0; round < 1'000; ++round) {
    ASSERT_TRUE(encoder.OnColumns({{"a", "INTEGER"}, {"b", ""}}).ok());
    const size_t width = 1 + random.Below(4);
    // Mostly one class to a column, as in tables, and sometimes any.
    const bool any = random.Below(3) == 0;
    Values usual(width);
    for (sqlite::Value& value : usual) value = random.Next();
    std::vector<Values> rows(random.Below(12));
    for (Values& values : rows) {
      values.resize(width);
      for (size_t i = 0; i < width; ++i) {
        values[i] = any || random.Below(4) == 0 ? random.Next() : usual[i];
      }
      Add(encoder, *connection, values);
    }
    const v1::StreamQueryResponse decoded = Encode(encoder);
    ASSERT_EQ(decoded.has_packed(), !rows.empty());
    if (rows.empty()) continue;
    ASSERT_EQ(decoded.packed().row_count(), rows.size());
    ASSERT_EQ(decoded.packed().columns_size(), static_cast<int>(width));
    for (size_t column = 0; column < width; ++column) {
      const auto unpacked =
          Unpack(decoded.packed().columns(static_cast<int>(column)), decoded.packed().row_count());
      for (size_t row = 0; row < rows.size(); ++row) {
        ExpectSame(unpacked[row], rows[row][column].view());
      }
    }
  }
}

TEST(ColumnsEncoderTest, CountsTheBytesThatItWillWrite) {
  const sqlite::TestDatabase database;
  const auto connection = database.Open();
  ColumnsEncoder encoder(kColumnsField, kPackedField);
  const Values values = {sqlite::Value(ValueView::Integer(1)),
                         sqlite::Value(ValueView::Text("abc"))};
  for (int i = 0; i < 1'000; ++i) Add(encoder, *connection, values);
  const size_t counted = encoder.bytes();
  encoder.EndRows();
  EXPECT_LE(encoder.bytes(), counted);
  EXPECT_GE(encoder.bytes(), counted - 1'000);
}

TEST(ColumnsEncoderTest, CountsRowsOfNullsToo) {
  const sqlite::TestDatabase database;
  const auto connection = database.Open();
  ColumnsEncoder encoder(kColumnsField, kPackedField);
  for (int i = 0; i < 100; ++i) Add(encoder, *connection, Values(2));
  EXPECT_GE(encoder.bytes(), 100U);
  const v1::StreamQueryResponse decoded = Encode(encoder);
  EXPECT_EQ(decoded.packed().row_count(), 100U);
  EXPECT_EQ(decoded.packed().columns(1).ByteSizeLong(), 0U);
}

TEST(ColumnsEncoderTest, BeginsTheArrayAtTheFirstValue) {
  const sqlite::TestDatabase database;
  const auto connection = database.Open();
  ColumnsEncoder encoder(kColumnsField, kPackedField);
  for (const ValueView& value : {ValueView::Null(), ValueView::Null(), ValueView::Text("caf\xe9"),
                                 ValueView::Integer(4), ValueView::Text("x")}) {
    Add(encoder, *connection, Values(1, sqlite::Value(value)));
  }
  const v1::StreamQueryResponse decoded = Encode(encoder);
  const v1::PackedColumn& column = decoded.packed().columns(0);
  EXPECT_EQ(column.texts_size(), 5);
  EXPECT_EQ(column.nulls_size(), 2);
  ASSERT_EQ(column.others_size(), 2);
  EXPECT_EQ(column.others(0).raw_text(), "caf\xe9");
  EXPECT_EQ(column.others(1).integer(), 4);
}

TEST(ColumnsEncoderTest, AddsKeysAndForgetsWhatIsCleared) {
  const sqlite::TestDatabase database;
  const auto connection = database.Open();
  ColumnsEncoder encoder(kColumnsField, kPackedField);
  const engine::KeyColumns key{.parts = {0}, .rowid = 0};
  const Values values = {sqlite::Value(ValueView::Integer(7)), sqlite::Value(ValueView::Null())};
  const sqlite::Statement statement = Standing(*connection, values);
  ASSERT_TRUE(encoder.OnRow(RowView(statement, 0, 2, &key)).ok());
  encoder.Clear();
  EXPECT_EQ(encoder.bytes(), 0U);
  ASSERT_TRUE(encoder.OnRow(RowView(statement, 1, 1, &key)).ok());
  const v1::StreamQueryResponse decoded = Encode(encoder);
  ASSERT_EQ(decoded.packed().keys_size(), 1);
  EXPECT_EQ(decoded.packed().keys(0), "7");
  EXPECT_EQ(decoded.packed().columns_size(), 1);
}

}  // namespace
}  // namespace sluice::wire
