// The forms of `-o`, written to a file.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>
#include <limits>

#include "absl/strings/str_cat.h"
#include "clients/cpp/cli/row_writer.h"

namespace sluice::cli {
namespace {

using ::testing::HasSubstr;
using Rows = std::vector<std::vector<Value>>;

std::string Write(Format format, const std::vector<Column>& columns, const Rows& rows,
                  size_t width = 0, bool truncated = false) {
  std::FILE* file = std::tmpfile();
  Output output(fileno(file));
  const auto writer = MakeRowWriter(format, &output, width);
  EXPECT_TRUE(writer->Begin(columns).ok());
  for (const auto& row : rows) writer->Add(row);
  writer->End(truncated);
  EXPECT_TRUE(output.Flush().ok());
  std::rewind(file);
  std::string text(size_t{1} << 20, '\0');
  text.resize(std::fread(text.data(), 1, text.size(), file));
  std::fclose(file);
  return text;
}

const std::vector<Column> kColumns = {{"id", "INTEGER"}, {"na\"me", "TEXT"}, {"b", ""}};
const Rows kRows = {{1, "x,\"y\"\nz", Blob{"\xFF"}},
                    {std::numeric_limits<int64_t>::max(), "", Null()},
                    {2.0, "|", 3}};

TEST(FormatTest, Ndjson) {
  EXPECT_EQ(
      Write(Format::kNdjson, kColumns, kRows),
      "{\"id\":1,\"na\\\"me\":\"x,\\\"y\\\"\\nz\",\"b\":{\"$base64\":true,\"encoded\":\"/w==\"}}\n"
      "{\"id\":9223372036854775807,\"na\\\"me\":\"\",\"b\":null}\n"
      "{\"id\":2.0,\"na\\\"me\":\"|\",\"b\":3}\n");
  EXPECT_EQ(Write(Format::kNdjson, kColumns, {}), "");
  EXPECT_EQ(Write(Format::kNdjson, {}, {{}}), "{}\n");
}

TEST(FormatTest, Json) {
  EXPECT_EQ(
      Write(Format::kJson, {{"n", "INT"}}, {{1}, {Null()}}, 0, true),
      "{\"columns\":[{\"name\":\"n\",\"type\":\"INT\"}],\"rows\":[\n{\"n\":1},\n{\"n\":null}\n],"
      "\"truncated\":true}\n");
  EXPECT_EQ(Write(Format::kJson, {{"n", ""}}, {}),
            "{\"columns\":[{\"name\":\"n\",\"type\":\"\"}],\"rows\":[],\"truncated\":false}\n");
}

TEST(FormatTest, JsonRefusesTwoColumnsOfOneName) {
  Output output(-1);
  EXPECT_FALSE(MakeRowWriter(Format::kJson, &output, 0)->Begin({{"a", ""}, {"a", ""}}).ok());
  EXPECT_TRUE(MakeRowWriter(Format::kCsv, &output, 0)->Begin({{"a", ""}, {"a", ""}}).ok());
}

TEST(FormatTest, CsvTellsNullFromAnEmptyText) {
  EXPECT_EQ(
      Write(Format::kCsv, kColumns, kRows),
      "id,\"na\"\"me\",b\r\n1,\"x,\"\"y\"\"\nz\",/w==\r\n9223372036854775807,\"\",\r\n2.0,|,3\r\n");
}

TEST(FormatTest, CsvForATerminalMovesNothing) {
  const Rows rows = {{"\x1b[2Jx\ny"}, {RawText{"\x9B"}}};
  EXPECT_EQ(Write(Format::kCsv, {{"a\x1b", ""}}, rows, 80),
            "a\\u{1B}\r\n\\u{1B}[2Jx\\ny\r\n\\x9B\r\n");
  EXPECT_THAT(Write(Format::kCsv, {{"a", ""}}, rows), HasSubstr("\x1b[2J"));
}

TEST(FormatTest, MarkdownKeepsItsColumns) {
  EXPECT_EQ(Write(Format::kMarkdown, {{"a|b", ""}}, {{"x|y\n<b>"}}),
            "| a\\|b |\n| --- |\n| x\\|y\\\\n&lt;b> |\n");
}

TEST(FormatTest, TableAlignsNumbersToTheRightAndTextsToTheLeft) {
  EXPECT_EQ(
      Write(Format::kTable, {{"n", ""}, {"word", ""}}, {{1, "漢"}, {100, "abcdef"}, {Null(), ""}}),
      "   n  word\n────  ──────\n   1  漢\n 100  abcdef\nNULL\n(3 rows)\n");
}

TEST(FormatTest, TableFitsTheTerminal) {
  const std::string text = Write(Format::kTable, {{"a", ""}, {"b", ""}},
                                 {{std::string(50, 'x'), std::string(50, 'y')}}, 40);
  EXPECT_THAT(text,
              HasSubstr(absl::StrCat(std::string(18, 'x'), "…  ", std::string(18, 'y'), "…\n")));
}

TEST(FormatTest, TableTurnsIntoRecordsWhenColumnsDoNotFit) {
  std::vector<Column> columns;
  std::vector<Value> row;
  for (int i = 0; i < 20; ++i) {
    columns.push_back({"column" + std::to_string(i), ""});
    row.emplace_back(std::string(10, 'v'));
  }
  const std::string text = Write(Format::kTable, columns, {row}, 80);
  EXPECT_THAT(text, HasSubstr("── 1\ncolumn0   vvvvvvvvvv\n"));
  EXPECT_THAT(text, HasSubstr("(1 row)\n"));
}

TEST(FormatTest, TableStreamsMoreRowsThanItMeasures) {
  Rows rows(2'500, {1});
  rows.push_back({"a later, wider value"});
  const std::string text = Write(Format::kTable, {{"n", ""}}, rows);
  EXPECT_THAT(text, HasSubstr("a later, wider value\n(2501 rows)\n"));
}

TEST(FormatTest, AnOutputThatFailsIsToldOnce) {
  Output output(-1);
  output.Write("x");
  EXPECT_FALSE(output.Flush().ok());
  EXPECT_FALSE(output.Flush().ok());
}

}  // namespace
}  // namespace sluice::cli
