#include "server/wire/row_key.h"

#include <gtest/gtest.h>

#include <cmath>

#include "server/base/error.h"

namespace sluice::wire {
namespace {

using sqlite::StorageClass;
using sqlite::Value;
using sqlite::ValueView;

struct Vector {
  ValueView value;
  const char* key;
};

std::vector<Vector> Vectors() {
  return {{ValueView::Integer(4326), "4326"},
          {ValueView::Integer(-1), "-1"},
          {ValueView::Integer(INT64_MIN), "-9223372036854775808"},
          {ValueView::Text("EPSG"), "EPSG"},
          {ValueView::Text("EPSG:4326"), "EPSG~3A4326"},
          {ValueView::Text("4326"), "~t4326"},
          {ValueView::Text("-1"), "~t-1"},
          {ValueView::Text("-"), "-"},
          {ValueView::Text("007"), "~t007"},
          {ValueView::Text(""), "~t"},
          {ValueView::Text("~n"), "~7En"},
          {ValueView::Text("a,b/c%"), "a~2Cb~2Fc~25"},
          {ValueView::Text("é"), "~C3~A9"},
          {ValueView::Text("\xff"), "~FF"},
          {ValueView::Text(absl::string_view("\0", 1)), "~00"},
          {ValueView::Real(2.5), "~r2.5"},
          {ValueView::Real(5), "~r5"},
          {ValueView::Real(1e300), "~r1e300"},
          {ValueView::Real(-0.0), "~r-0"},
          {ValueView::Real(HUGE_VAL), "~rInf"},
          {ValueView::Real(-HUGE_VAL), "~r-Inf"},
          {ValueView::Blob("\xde\xad\xbe\xef"), "~bDEADBEEF"},
          {ValueView::Blob(""), "~b"},
          {ValueView::Null(), "~n"}};
}

TEST(RowKeyTest, WritesEachValueInItsOneForm) {
  for (const Vector& vector : Vectors()) {
    std::string key;
    AppendKeyPart(key, vector.value);
    EXPECT_EQ(key, vector.key);
    const auto decoded = DecodeKeyParts(key, "key");
    ASSERT_TRUE(decoded.ok()) << key << decoded.status();
    ASSERT_EQ(decoded->size(), 1u);
    const ValueView value = (*decoded)[0].view();
    EXPECT_EQ(value.type, vector.value.type) << key;
    EXPECT_EQ(value.integer, vector.value.integer);
    EXPECT_EQ(value.real, vector.value.real);
    EXPECT_EQ(value.bytes, vector.value.bytes);
  }
}

TEST(RowKeyTest, JoinsPartsByCommas) {
  const std::vector<Value> parts = {Value(ValueView::Text("a,b")), Value(ValueView::Integer(1))};
  EXPECT_EQ(EncodeKeyParts(parts), "a~2Cb,1");
  EXPECT_EQ(DecodeKeyParts("a~2Cb,1", "key")->size(), 2u);
}

TEST(RowKeyTest, KnowsRowids) {
  const auto key = DecodeRowKey("~i17");
  ASSERT_TRUE(key.ok());
  EXPECT_TRUE(key->by_rowid);
  EXPECT_EQ(key->parts[0].view().integer, 17);
}

TEST(RowKeyTest, RefusesWhatNoEncoderGives) {
  for (const char* key : {"",       ",",   "a,",   "a b",    "a:b",
                          "~",      "~x",  "~3",   "~3a",    "~41",
                          "~nx",    "~bA", "~bag", "~rx",    "~r1x",
                          "~r1.50", "007", "-0",   "~tEPSG", "~rNaN",
                          "~rinf",  "~i",  "~ix",  "~i1,2",  "99999999999999999999",
                          "é",      "%41"}) {
    EXPECT_EQ(ReasonOf(DecodeRowKey(key).status()), reason::kBadRequest) << key;
  }
}

}  // namespace
}  // namespace sluice::wire
