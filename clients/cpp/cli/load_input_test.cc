// Files of rows, as `load` reads them.
#include "clients/cpp/cli/load_input.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <fstream>

#include "absl/strings/str_cat.h"
#include "clients/cpp/cli/records.h"

namespace sluice::cli {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

// A file that goes with the test.
class TextFile {
 public:
  explicit TextFile(const std::string& text) {
    char name[] = "/tmp/sluice-load-input-XXXXXX";
    close(mkstemp(name));
    path_ = name;
    std::ofstream(path_, std::ios::binary) << text;
  }
  ~TextFile() { std::filesystem::remove(path_); }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

struct Rows {
  std::vector<std::string> columns;
  std::vector<ColumnType> types;
  std::vector<ColumnType> new_table_types = {};
  std::vector<std::vector<Value>> rows;
  std::string error;
};

Rows Read(const std::string& text, InputOptions options) {
  const TextFile file(text);
  Rows all;
  const auto bytes = InputBytes::Open(file.path());
  EXPECT_TRUE(bytes.ok()) << bytes.status();
  const auto input = LoadInput::Open(bytes->get(), std::move(options));
  if (!input.ok()) {
    all.error = std::string(input.status().message());
    return all;
  }
  all.columns = (*input)->columns();
  all.types = (*input)->types();
  for (size_t i = 0; i < all.columns.size(); ++i) {
    all.new_table_types.push_back((*input)->NewTableType(i));
  }
  std::vector<Value> row;
  while (true) {
    const auto more = (*input)->Next(&row);
    if (!more.ok()) all.error = std::string(more.status().message());
    if (!more.ok() || !*more) return all;
    all.rows.push_back(row);
  }
}

Rows Csv(const std::string& text) { return Read(text, {.format = "csv"}); }
Rows Json(const std::string& text) { return Read(text, {.format = "json"}); }

TEST(LoadCsvTest, TellsNothingFromEmptyAndNumbersFromTexts) {
  const Rows read = Csv("id,name,size,code\r\n1,\"a,\"\"b\"\"\n2\",1.5,007\r\n2,,2,1\r\n3,\"\",,x");
  EXPECT_EQ(read.error, "");
  EXPECT_THAT(read.columns, ElementsAre("id", "name", "size", "code"));
  EXPECT_THAT(read.types, ElementsAre(ColumnType::kInteger, ColumnType::kText, ColumnType::kReal,
                                      ColumnType::kText));
  ASSERT_EQ(read.rows.size(), 3u);
  EXPECT_THAT(read.rows[0], ElementsAre(Value(1), Value("a,\"b\"\n2"), Value(1.5), Value("007")));
  EXPECT_THAT(read.rows[1], ElementsAre(Value(2), Value(), Value(2.0), Value("1")));
  EXPECT_THAT(read.rows[2], ElementsAre(Value(3), Value(""), Value(), Value("x")));
}

TEST(LoadCsvTest, OfOneColumnAnEmptyLineIsNull) {
  // As the command writes it.
  EXPECT_THAT(Csv("a\r\n1\r\n\r\n3\r\n").rows,
              ElementsAre(ElementsAre(1), ElementsAre(Value()), ElementsAre(3)));
  EXPECT_THAT(Csv("a\n\n\"\"\n").rows, ElementsAre(ElementsAre(Value()), ElementsAre("")));
  EXPECT_THAT(Csv("a,b\n1,2\n\n3,4\n\n").rows, ElementsAre(ElementsAre(1, 2), ElementsAre(3, 4)));
}

TEST(LoadCsvTest, TakesOtherDelimitersNamesAndNulls) {
  const Rows read = Read("1;NULL\n2;\n", {.format = "csv",
                                          .delimiter = ';',
                                          .header = false,
                                          .null_text = "NULL",
                                          .columns = {"a", "b"},
                                          .types = {{"a", ColumnType::kText}}});
  EXPECT_EQ(read.error, "");
  EXPECT_THAT(read.rows[0], ElementsAre(Value("1"), Value()));
  EXPECT_THAT(read.rows[1], ElementsAre(Value("2"), Value("")));
  EXPECT_THAT(Read("1\t2\n", {.format = "tsv", .delimiter = '\t', .header = false}).columns,
              ElementsAre("c1", "c2"));
  EXPECT_THAT(Read("x,y\n1,2\n", {.format = "csv", .columns = {"a", "b"}}).rows,
              ElementsAre(ElementsAre(Value(1), Value(2))));
}

TEST(LoadCsvTest, KeepsWhatIsNoNumberAfterAll) {
  std::string text = "a\n";
  for (int i = 0; i < 1'000; ++i) absl::StrAppend(&text, i, "\n");
  const Rows read = Csv(text + "late\n");
  EXPECT_EQ(read.types[0], ColumnType::kInteger);
  EXPECT_EQ(read.rows.back()[0], Value("late"));
}

TEST(LoadCsvTest, TakesBytesThatAreNoText) {
  EXPECT_EQ(Csv("a\nx\xff\n").rows[0][0], Value(RawText{"x\xff"}));
  EXPECT_THAT(Csv("\xEF\xBB\xBF"
                  "a\n1\n")
                  .columns,
              ElementsAre("a"));
  EXPECT_EQ(Read("a\n00ff\n", {.format = "csv", .types = {{"a", ColumnType::kBlob}}}).rows[0][0],
            Value(Blob{std::string("\0\xff", 2)}));
}

TEST(LoadCsvTest, NamesTheLineThatIsWrong) {
  EXPECT_THAT(Csv("a,b\n1,2\n\n3\n").error, HasSubstr("line 4: has 1 fields for 2 columns"));
  EXPECT_THAT(Csv("a\n\"x").error, HasSubstr("line 2: a quoted field has no end"));
  EXPECT_THAT(Csv("a\n\"x\"y\n").error, HasSubstr("line 2: text follows"));
  EXPECT_THAT(Csv("").error, HasSubstr("empty"));
  EXPECT_THAT(Csv("a,A\n").error, HasSubstr("twice"));
  EXPECT_THAT(Csv("a,\n").error, HasSubstr("no name"));
  EXPECT_THAT(Read("a\n", {.format = "csv", .types = {{"b", ColumnType::kText}}}).error,
              HasSubstr("no column b"));
}

TEST(LoadJsonTest, TakesArraysAndLines) {
  for (const char* text : {R"([{"a":1,"b":"}"},{"b":null,"c":[1,{"x":"\""}]}])",
                           "{\"a\":1,\"b\":\"}\"}\n{\"b\":null,\"c\":[1,{\"x\":\"\\\"\"}]}\n"}) {
    const Rows read = Json(text);
    EXPECT_EQ(read.error, "");
    EXPECT_THAT(read.columns, ElementsAre("a", "b", "c"));
    ASSERT_EQ(read.rows.size(), 2u);
    EXPECT_THAT(read.rows[0], ElementsAre(Value(1), Value("}"), Value()));
    EXPECT_THAT(read.rows[1], ElementsAre(Value(), Value(), Value(R"([1,{"x":"\""}])")));
  }
  EXPECT_EQ(Json(R"({"a":{"$base64":true,"encoded":"AAE="}})").rows[0][0],
            Value(Blob{std::string("\0\1", 2)}));
  EXPECT_THAT(Read(R"({"a":1,"b":2})", {.format = "ndjson", .columns = {"b"}}).rows,
              ElementsAre(ElementsAre(Value(2))));
}

TEST(LoadJsonTest, SaysWhatColumnsOfANewTableAre) {
  const std::string text =
      R"([{"i":1,"r":1,"t":"007","b":{"$base64":true,"encoded":"AAE="},"m":1,"n":null,"g":1},)"
      R"({"i":null,"r":2.5,"t":[1],"m":"x","g":2}])";
  const Rows read = Read(text, {.format = "json", .types = {{"g", ColumnType::kAny}}});
  EXPECT_EQ(read.error, "");
  EXPECT_THAT(read.columns, ElementsAre("i", "r", "t", "b", "m", "n", "g"));
  EXPECT_THAT(read.types, Each(ColumnType::kAny));
  EXPECT_THAT(read.new_table_types,
              ElementsAre(ColumnType::kInteger, ColumnType::kReal, ColumnType::kText,
                          ColumnType::kBlob, ColumnType::kAny, ColumnType::kAny, ColumnType::kAny));
  EXPECT_EQ(read.rows[0][2], Value("007"));
  EXPECT_EQ(Csv("a,b\n1,x\n").new_table_types, Csv("a,b\n1,x\n").types);
}

TEST(LoadJsonTest, LearnsFromRowsThatFitMemory) {
  std::string text;
  for (int i = 0; i < 3; ++i) {
    absl::StrAppend(&text, R"({"a":")", std::string(size_t{9} << 20, 'x'), "\"}\n");
  }
  EXPECT_EQ(Json(text).rows.size(), 3u);
  EXPECT_THAT(Json(text + R"({"late":1})").error, HasSubstr("line 4: has a column late"));
}

TEST(LoadJsonTest, NamesTheLineThatIsWrong) {
  EXPECT_THAT(Json("[{\"a\":1}\n{\"a\":2}]").error, HasSubstr("line 2: a comma"));
  EXPECT_THAT(Json("[{\"a\":1}").error, HasSubstr("the array has no end"));
  EXPECT_THAT(Json("{\"a\":1}\n5").error, HasSubstr("line 2: a row is a JSON object"));
  EXPECT_THAT(Json("{\"a\":1}\n{\"a\":").error, HasSubstr("line 2: an object has no end"));
  EXPECT_THAT(Json("{\"a\":nope}").error, HasSubstr("line 1"));
  EXPECT_THAT(Json("[]").error, HasSubstr("no row"));
  EXPECT_THAT(Json("[{\"a\":1}] x").error, HasSubstr("text follows"));
}

TEST(GuessTypeTest, LosesNothing) {
  EXPECT_EQ(GuessType({"1", "-2"}), ColumnType::kInteger);
  EXPECT_EQ(GuessType({"1", "2.5", "1e3"}), ColumnType::kReal);
  EXPECT_EQ(GuessType({"1", "x"}), ColumnType::kText);
  for (const char* text : {"007", "+1", " 1", "0x1", "1_000", "", "-", "inf", "nan", "."}) {
    EXPECT_EQ(GuessType({text}), ColumnType::kText) << text;
  }
  EXPECT_EQ(GuessType({"99999999999999999999"}), ColumnType::kText);
  EXPECT_EQ(GuessType({}), ColumnType::kText);
}

}  // namespace
}  // namespace sluice::cli
