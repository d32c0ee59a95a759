#include "server/wire/load_requests.h"

#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "server/base/error.h"
#include "server/base/limits.h"
#include "server/wire/load_rows.h"

namespace sluice::wire {
namespace {

v1::LoadRowsRequest FromText(const std::string& text) {
  v1::LoadRowsRequest message;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &message)) << text;
  return message;
}

std::string FieldOf(const absl::Status& status) {
  std::string field = status.ok() ? "no error" : "no field";
  VisitFields(status,
              [&](absl::string_view name, absl::string_view) { field = std::string(name); });
  return field;
}

std::string TextOf(const sqlite::ValueView& value) {
  switch (value.type) {
    case sqlite::StorageClass::kInteger:
      return absl::StrCat(value.integer);
    case sqlite::StorageClass::kReal:
      return absl::StrCat(value.real, "r");
    case sqlite::StorageClass::kNull:
      return "-";
    default:
      return std::string(value.bytes);
  }
}

std::string RowsOf(engine::RowFeed& feed) {
  std::vector<std::string> rows;
  std::vector<sqlite::ValueView> values;
  while (true) {
    const auto more = feed.Next(&values);
    if (!more.ok()) return ReasonOf(more.status());
    if (!*more) return absl::StrJoin(rows, ";");
    rows.push_back(absl::StrJoin(values, ",", [](std::string* out, const sqlite::ValueView& value) {
      absl::StrAppend(out, TextOf(value));
    }));
  }
}

constexpr char kPacked[] =
    "packed { row_count: 4 "
    "columns { integers: 1 integers: 2 integers: 0 integers: 4 nulls: 2 } "
    "columns { texts: 'a' texts: '' texts: '' texts: 'd' nulls: 1 other_rows: 2 "
    "others { real: 2.5 } } columns { } }";

TEST(LoadRowsTest, AreReadFromRowsAndColumns) {
  LoadBatch batch;
  batch.Add(std::make_unique<v1::LoadRowsRequest>(FromText(kPacked)), 0);
  batch.Add(std::make_unique<v1::LoadRowsRequest>(
                FromText("rows { values { integer: 5 } values { text: 'e' } values { null: 0 } }")),
            0);
  EXPECT_EQ(batch.row_count(), 5);
  const std::string all = "1,a,-;2,-,-;-,2.5r,-;4,d,-;5,e,-";
  EXPECT_EQ(RowsOf(batch), all);
  ASSERT_TRUE(batch.Rewind().ok());
  EXPECT_EQ(RowsOf(batch), all);
}

TEST(LoadRowsTest, AreSkippedWithTheirExceptions) {
  for (int skip = 0; skip <= 4; ++skip) {
    LoadBatch batch;
    batch.Add(std::make_unique<v1::LoadRowsRequest>(FromText(kPacked)), skip);
    EXPECT_EQ(batch.row_count(), 4 - skip);
    const std::vector<std::string> rows = {"1,a,-", "2,-,-", "-,2.5r,-", "4,d,-"};
    EXPECT_EQ(RowsOf(batch), absl::StrJoin(rows.begin() + skip, rows.end(), ";"));
  }
}

TEST(LoadRowsTest, WaitOnTheDiskAsTheyCame) {
  StagedLoad staged;
  EXPECT_EQ(RowsOf(staged), "");
  const std::string message = FromText(kPacked).SerializeAsString();
  ASSERT_TRUE(staged.Add(testing::TempDir(), message, 4).ok());
  ASSERT_TRUE(staged.Add(testing::TempDir(), message, 4).ok());
  EXPECT_EQ(staged.row_count(), 8);
  for (int i = 0; i < 2; ++i) {
    ASSERT_TRUE(staged.Rewind().ok());
    EXPECT_EQ(RowsOf(staged), "1,a,-;2,-,-;-,2.5r,-;4,d,-;1,a,-;2,-,-;-,2.5r,-;4,d,-");
  }
  StagedLoad nowhere;
  EXPECT_EQ(ReasonOf(nowhere.Add("/no such folder", message, 4)), reason::kNotServed);
}

TEST(LoadRowsTest, AreCheckedForTheirShape) {
  const auto field = [](const std::string& text) {
    return FieldOf(CheckLoadRows(FromText(text), 1));
  };
  EXPECT_EQ(field("rows { values { integer: 1 } }"), "no error");
  EXPECT_EQ(field("rows { }"), "rows[0]");
  EXPECT_EQ(field("rows { values { } key: '1' }"), "rows[0]");
  EXPECT_EQ(field("rows { values { } } packed { }"), "packed");
  EXPECT_EQ(field("packed { row_count: 1 }"), "packed.columns");
  EXPECT_EQ(field("packed { row_count: 10001 columns { } }"), "packed.row_count");
  EXPECT_EQ(field("packed { row_count: 1 columns { } keys: 'x' }"), "packed.keys");
  const auto column = [&](const std::string& text) {
    return field("packed { row_count: 2 columns { " + text + " } }");
  };
  EXPECT_EQ(column(""), "no error");
  EXPECT_EQ(column("integers: 1"), "packed.columns[0]");
  EXPECT_EQ(column("integers: [1, 2] reals: [1, 2]"), "packed.columns[0]");
  EXPECT_EQ(column("nulls: 1"), "packed.columns[0]");
  EXPECT_EQ(column("integers: [1, 2] nulls: 2"), "packed.columns[0].nulls");
  EXPECT_EQ(column("integers: [1, 2] nulls: [1, 1]"), "packed.columns[0].nulls");
  EXPECT_EQ(column("integers: [1, 2] other_rows: 0"), "packed.columns[0].others");
  EXPECT_EQ(column("integers: [1, 2] other_rows: 5 others { }"), "packed.columns[0].other_rows");
}

TEST(LoadRowsTest, RefuseValuesThatAreNone) {
  for (const char* text :
       {"rows { values { } }", "packed { row_count: 1 columns { reals: nan } }",
        "packed { row_count: 1 columns { reals: 1 other_rows: 0 others { } } }"}) {
    LoadBatch batch;
    batch.Add(std::make_unique<v1::LoadRowsRequest>(FromText(text)), 0);
    EXPECT_EQ(RowsOf(batch), reason::kBadRequest) << text;
  }
}

TEST(LoadStartTest, IsTheSameLoadInPartsOfAnotherSize) {
  const auto fingerprint = [](const std::string& text) {
    const v1::LoadRowsRequest first = FromText("start { columns: 'a' load_id: 'x' " + text + " }");
    return ParseLoadStart(first, "me")->spec.kept.receipt->fingerprint;
  };
  EXPECT_EQ(fingerprint(""), fingerprint("rows_per_commit: 7"));
  EXPECT_NE(fingerprint(""), fingerprint("continue_on_error: true"));
}

TEST(LoadStartTest, NamesTheFieldThatIsWrong) {
  const auto field = [](const std::string& text) {
    return FieldOf(ParseLoadStart(FromText(text), "me").status());
  };
  const auto start = [&](const std::string& text) {
    return field("start { columns: 'a' " + text + " }");
  };
  EXPECT_EQ(field(""), "start");
  EXPECT_EQ(field("start { }"), "start.columns");
  EXPECT_EQ(start(""), "no error");
  EXPECT_EQ(start("mode: 9"), "start.mode");
  EXPECT_EQ(start("rows_per_commit: -1"), "start.rows_per_commit");
  EXPECT_EQ(start("rows_per_commit: 100001"), "start.rows_per_commit");
  EXPECT_EQ(start("mode: LOAD_MODE_ATOMIC rows_per_commit: 5"), "start.rows_per_commit");
  EXPECT_EQ(start("validate_only: true"), "start.validate_only");
  EXPECT_EQ(start("mode: LOAD_MODE_ATOMIC validate_only: true"), "no error");
  EXPECT_EQ(start("load_id: '" + std::string(129, 'x') + "'"), "start.load_id");
  EXPECT_EQ(start("missing_columns: 9"), "missing_columns");
  EXPECT_EQ(start("on_conflict { action: 9 }"), "on_conflict.action");
  EXPECT_EQ(start("durability: 9"), "durability");
}

TEST(RowsToSkipTest, SkipsWhatCameAndRefusesGaps) {
  const auto message = FromText("first_row: 10 packed { row_count: 5 columns { } }");
  EXPECT_EQ(*RowsToSkip(message, 10, std::nullopt), 0);
  EXPECT_EQ(*RowsToSkip(message, 12, std::nullopt), 2);
  EXPECT_EQ(*RowsToSkip(message, 15, std::nullopt), 5);
  EXPECT_EQ(*RowsToSkip(message, 99, std::nullopt), 5);
  EXPECT_EQ(FieldOf(RowsToSkip(message, 9, std::nullopt).status()), "first_row");
  EXPECT_EQ(FieldOf(RowsToSkip(FromText("first_row: -1"), 0, std::nullopt).status()), "first_row");
  EXPECT_EQ(*RowsToSkip(FromText(""), 99, std::nullopt), 0);
  // Behind another message of the call.
  EXPECT_EQ(*RowsToSkip(message, 10, 10), 0);
  EXPECT_EQ(*RowsToSkip(message, 99, 10), 5);
  EXPECT_EQ(FieldOf(RowsToSkip(message, 12, 12).status()), "first_row");
  EXPECT_EQ(FieldOf(RowsToSkip(message, 9, 9).status()), "first_row");
  EXPECT_EQ(*RowsToSkip(FromText(""), 99, 10), 0);
}

}  // namespace
}  // namespace sluice::wire
