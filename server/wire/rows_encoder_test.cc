#include "server/wire/rows_encoder.h"

#include <gtest/gtest.h>

#include <limits>
#include <random>

#include "server/sqlite/test_database.h"
#include "sluice/v1/query.pb.h"

namespace sluice::wire {
namespace {

using engine::RowView;
using sqlite::StorageClass;
using sqlite::ValueView;

// Any value at all, edges more often than their share.
class RandomValues {
 public:
  explicit RandomValues(uint32_t seed) : random_(seed) {}

  sqlite::Value Next() {
    switch (Below(5)) {
      case 0:
        return sqlite::Value();
      case 1:
        return sqlite::Value(ValueView::Integer(Integer()));
      case 2:
        return sqlite::Value(ValueView::Real(Real()));
      case 3:
        return sqlite::Value(ValueView::Text(Bytes()));
      default:
        return sqlite::Value(ValueView::Blob(Bytes()));
    }
  }
  size_t Below(size_t bound) { return random_() % bound; }

 private:
  int64_t Integer() {
    constexpr int64_t kEdges[] = {0, -1, 1, 63, 64, -64, -65, INT64_MIN, INT64_MAX, 1LL << 53};
    return Below(2) == 0 ? kEdges[Below(std::size(kEdges))]
                         : static_cast<int64_t>(random_()) << Below(64);
  }
  double Real() {
    constexpr double kEdges[] = {0.0,
                                 -0.0,
                                 1.5,
                                 5e-324,
                                 1e308,
                                 std::numeric_limits<double>::infinity(),
                                 -std::numeric_limits<double>::infinity()};
    return kEdges[Below(std::size(kEdges))];
  }
  std::string Bytes() {
    std::string bytes(Below(4) == 0 ? Below(20'000) : Below(20), '\0');
    const bool ascii = Below(2) == 0;
    for (char& c : bytes) c = static_cast<char>(Below(ascii ? 128 : 256));
    return bytes;
  }

  std::mt19937_64 random_;
};

// The statement `SELECT ?1, ?2, …` standing on its row.
sqlite::Statement Standing(sqlite::Connection& connection,
                           const std::vector<sqlite::Value>& values) {
  std::string sql = "SELECT ?1";
  for (size_t i = 1; i < values.size(); ++i) absl::StrAppend(&sql, ", ?", i + 1);
  auto statement = connection.Prepare(sql);
  for (size_t i = 0; i < values.size(); ++i) {
    statement->Bind(static_cast<int>(i) + 1, values[i].view());
  }
  CHECK(*statement->Step());
  return *std::move(statement);
}

void ExpectSame(const v1::Value& decoded, const ValueView& value) {
  switch (value.type) {
    case StorageClass::kNull:
      EXPECT_TRUE(decoded.has_null());
      break;
    case StorageClass::kInteger:
      EXPECT_EQ(decoded.integer(), value.integer);
      break;
    case StorageClass::kReal:
      EXPECT_EQ(std::signbit(decoded.real()), std::signbit(value.real));
      EXPECT_EQ(decoded.real(), value.real);
      break;
    case StorageClass::kText:
      EXPECT_EQ(decoded.has_text() ? decoded.text() : decoded.raw_text(), value.bytes);
      break;
    case StorageClass::kBlob:
      EXPECT_TRUE(decoded.has_blob());
      EXPECT_EQ(decoded.blob(), value.bytes);
      break;
  }
}

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
