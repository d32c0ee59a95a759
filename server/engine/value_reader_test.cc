#include "server/engine/value_reader.h"

#include <gtest/gtest.h>

#include "server/base/error.h"
#include "server/base/limits.h"
#include "server/engine/test_served.h"
#include "server/sqlite/test_raw.h"

namespace sluice::engine {
namespace {

class ValueReaderTest : public testing::Test {
 protected:
  absl::StatusOr<std::unique_ptr<ValueReader>> Open(absl::string_view table, int64_t key,
                                                    absl::string_view column) {
    spec_ = ValueSpec{.table = table, .key = {}, .column = column};
    spec_.key.parts.emplace_back(sqlite::ValueView::Integer(key));
    return ValueReader::Open(database_.served, spec_, Interrupt());
  }

  // The value in pieces of `piece` bytes.
  std::string Read(absl::string_view table, int64_t key, absl::string_view column, size_t piece) {
    const auto reader = Open(table, key, column);
    if (!reader.ok()) return ReasonOf(reader.status());
    std::string bytes;
    while ((*reader)->left_bytes() > 0) {
      std::string next(std::min(piece, static_cast<size_t>((*reader)->left_bytes())), '\0');
      EXPECT_TRUE((*reader)->Read(next.data(), next.size()).ok());
      bytes += next;
    }
    return bytes;
  }

  const ServedDatabase database_{
      "CREATE TABLE t(id INTEGER PRIMARY KEY, v);\n"
      "CREATE TABLE g(id INTEGER PRIMARY KEY, v, made AS (v || '!'));\n"
      "CREATE TABLE w(id INTEGER PRIMARY KEY, v) WITHOUT ROWID;\n"
      "CREATE VIEW seen AS SELECT * FROM t;\n"
      "INSERT INTO t(id, v) VALUES (1, 'a text'), (2, x'00ff'), (3, NULL), (4, 7), (5, 2.5), "
      "(6, ''), (7, x''), (8, zeroblob(100000));\n"
      "INSERT INTO w SELECT id, v FROM t;\n"
      "INSERT INTO g(id, v) SELECT id, v FROM t"};
  ValueSpec spec_;
};

TEST_F(ValueReaderTest, ReadsEveryTypeInPiecesOfEverySize) {
  for (const char* table : {"t", "w", "g"}) {
    for (const size_t piece : {size_t{1}, size_t{4}, size_t{1000}}) {
      EXPECT_EQ(Read(table, 1, "v", piece), "a text");
      EXPECT_EQ(Read(table, 2, "V", piece), absl::string_view("\0\xff", 2));
      EXPECT_EQ(Read(table, 6, "v", piece), "");
    }
    EXPECT_EQ(Read(table, 8, "v", 1 << 16), std::string(100'000, '\0'));
    EXPECT_EQ((*Open(table, 3, "v"))->type(), sqlite::StorageClass::kNull);
    EXPECT_EQ((*Open(table, 4, "v"))->number().integer, 7);
    EXPECT_EQ((*Open(table, 5, "v"))->number().real, 2.5);
    EXPECT_EQ((*Open(table, 6, "v"))->type(), sqlite::StorageClass::kText);
    EXPECT_EQ((*Open(table, 7, "v"))->type(), sqlite::StorageClass::kBlob);
  }
  EXPECT_EQ(Read("g", 1, "made", 3), "a text!");
  EXPECT_EQ((*Open("t", 1, "id"))->number().integer, 1);
}

TEST_F(ValueReaderTest, ReadsWhatNoRowCouldHold) {
  const int64_t bytes = static_cast<int64_t>(limits::kRowBytesMax) + 100;
  sqlite::RawConnection raw(database_.file.path());
  raw.Run(absl::StrCat("INSERT INTO t(id, v) VALUES (9, zeroblob(", bytes, "))"));
  const auto reader = Open("t", 9, "v");
  ASSERT_TRUE(reader.ok()) << reader.status();
  EXPECT_EQ((*reader)->size_bytes(), bytes);
}

TEST_F(ValueReaderTest, KeepsOneStateOfTheDatabase) {
  const auto reader = Open("t", 1, "v");
  database_.file.Run("UPDATE t SET v = 'another text' WHERE id = 1");
  std::string text(6, '\0');
  ASSERT_TRUE((*reader)->Read(text.data(), text.size()).ok());
  EXPECT_EQ(text, "a text");
  EXPECT_EQ(Read("t", 1, "v", 100), "another text");
}

TEST_F(ValueReaderTest, RefusesWhatIsNotThere) {
  EXPECT_EQ(Read("t", 99, "v", 1), reason::kNoSuchRow);
  EXPECT_EQ(Read("w", 99, "v", 1), reason::kNoSuchRow);
  EXPECT_EQ(Read("t", 1, "nosuch", 1), reason::kBadRequest);
  EXPECT_EQ(Read("nosuch", 1, "v", 1), reason::kNoSuchTable);
  EXPECT_EQ(Read("seen", 1, "v", 1), reason::kUnsupported);
  database_.file.Run(
      "DROP TABLE w;\nCREATE TABLE w(id INTEGER PRIMARY KEY, v);\nINSERT INTO w VALUES (1, 'new')");
  EXPECT_EQ(Read("w", 1, "v", 1), "new");
}

}  // namespace
}  // namespace sluice::engine
