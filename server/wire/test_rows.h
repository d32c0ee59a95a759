// Rows of any values, for tests of encoders.
#pragma once

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "server/base/check.h"
#include "server/sqlite/test_database.h"
#include "sluice/v1/value.pb.h"

namespace sluice::wire {

// Any value at all, edges more often than their share.
class RandomValues {
 public:
  explicit RandomValues(uint32_t seed) : random_(seed) {}

  sqlite::Value Next() {
    switch (Below(5)) {
      case 0:
        return sqlite::Value();
      case 1:
        return sqlite::Value(sqlite::ValueView::Integer(Integer()));
      case 2:
        return sqlite::Value(sqlite::ValueView::Real(Real()));
      case 3:
        return sqlite::Value(sqlite::ValueView::Text(Bytes()));
      default:
        return sqlite::Value(sqlite::ValueView::Blob(Bytes()));
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
inline sqlite::Statement Standing(sqlite::Connection& connection,
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

inline void ExpectSame(const v1::Value& decoded, const sqlite::ValueView& value) {
  switch (value.type) {
    case sqlite::StorageClass::kNull:
      EXPECT_TRUE(decoded.has_null());
      break;
    case sqlite::StorageClass::kInteger:
      EXPECT_EQ(decoded.integer(), value.integer);
      break;
    case sqlite::StorageClass::kReal:
      EXPECT_EQ(std::signbit(decoded.real()), std::signbit(value.real));
      EXPECT_EQ(decoded.real(), value.real);
      break;
    case sqlite::StorageClass::kText:
      EXPECT_EQ(decoded.has_text() ? decoded.text() : decoded.raw_text(), value.bytes);
      break;
    case sqlite::StorageClass::kBlob:
      EXPECT_TRUE(decoded.has_blob());
      EXPECT_EQ(decoded.blob(), value.bytes);
      break;
  }
}

}  // namespace sluice::wire
