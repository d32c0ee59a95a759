// What needs no server: checksums, UTF-8, row keys, where to call, what is retried.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <limits>
#include <string>

#include "absl/strings/escaping.h"
#include "clients/cpp/conversion.h"
#include "clients/cpp/crc32c.h"
#include "clients/cpp/endpoint.h"
#include "clients/cpp/packing.h"
#include "clients/cpp/row_key.h"
#include "clients/cpp/service_config.h"
#include "clients/cpp/sha256.h"
#include "clients/cpp/testing/process.h"
#include "clients/cpp/utf8.h"

namespace sluice {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

// --- CRC-32C ---

TEST(Crc32cTest, AgreesWithTheVectorsOfRfc3720) {
  std::string ascending(32, '\0');
  for (size_t i = 0; i < 32; ++i) ascending[i] = static_cast<char>(i);
  const struct {
    std::string bytes;
    uint32_t crc;
  } kVectors[] = {{"", 0},
                  {"123456789", 0xE3069283},
                  {std::string(32, '\0'), 0x8A9136AA},
                  {std::string(32, '\xFF'), 0x62A8AB43},
                  {ascending, 0x46DD794E}};
  for (const auto& vector : kVectors) {
    EXPECT_EQ(client::Crc32c(vector.bytes), vector.crc);
    EXPECT_EQ(client::Crc32cByTables(vector.bytes), vector.crc);
  }
}

TEST(Crc32cTest, TablesAndInstructionAgreeOnEveryLength) {
  std::string bytes;
  for (int i = 0; i < 300; ++i) {
    EXPECT_EQ(client::Crc32c(bytes), client::Crc32cByTables(bytes)) << i;
    bytes.push_back(static_cast<char>(i * 7));
  }
}

TEST(Sha256Test, AgreesWithAKnownDigest) {
  client::Sha256Thread sha;
  sha.Add("a");
  sha.Add("");
  sha.Add("bc");
  EXPECT_EQ(absl::BytesToHexString(*sha.Finish()),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(Sha256Test, StopsWithoutFinishing) {
  client::Sha256Thread sha;
  for (int i = 0; i < 40; ++i) sha.Add(std::string(size_t{1} << 20, 'x'));
}

// --- UTF-8 ---

TEST(Utf8Test, TellsValidTextsFromOthers) {
  for (const char* text : {"", "a", "é", "漢", "😀", "\xF4\x8F\xBF\xBF"}) {
    EXPECT_TRUE(client::IsValidUtf8(text)) << text;
  }
  for (const char* text : {"\x80", "\xC3", "\xC0\x80", "\xE0\x80\x80", "\xED\xA0\x80",
                           "\xF4\x90\x80\x80", "\xF8\x88\x80\x80\x80", "a\xE2\x82"}) {
    EXPECT_FALSE(client::IsValidUtf8(text));
  }
}

// --- row keys ---

constexpr double kInfinity = std::numeric_limits<double>::infinity();

TEST(RowKeyTest, EncodesAndDecodesEveryClass) {
  const struct {
    std::vector<Value> parts;
    const char* key;
  } kVectors[] = {
      {{4326}, "4326"},
      {{-1}, "-1"},
      {{0}, "0"},
      {{std::numeric_limits<int64_t>::min()}, "-9223372036854775808"},
      {{"EPSG:4326"}, "EPSG~3A4326"},
      {{"EPSG", 4326}, "EPSG,4326"},
      {{"4326"}, "~t4326"},
      {{"-1"}, "~t-1"},
      {{"007"}, "~t007"},
      {{"-"}, "-"},
      {{"4326a"}, "4326a"},
      {{""}, "~t"},
      {{"", ""}, "~t,~t"},
      {{"a,b"}, "a~2Cb"},
      {{"~"}, "~7E"},
      {{"A_b.c-D"}, "A_b.c-D"},
      {{"é😀"}, "~C3~A9~F0~9F~98~80"},
      {{std::string("\0", 1)}, "~00"},
      {{RawText{"\xFF"}}, "~FF"},
      {{2.5}, "~r2.5"},
      {{1e300}, "~r1e300"},
      {{1e-7}, "~r1e-07"},
      {{kInfinity}, "~rInf"},
      {{-kInfinity}, "~r-Inf"},
      {{Blob{"\xDE\xAD\xBE\xEF"}}, "~bDEADBEEF"},
      {{Blob{""}}, "~b"},
      {{Null(), 1}, "~n,1"},
  };
  for (const auto& vector : kVectors) {
    EXPECT_EQ(*EncodeRowKey(vector.parts), vector.key);
    const auto decoded = DecodeRowKey(vector.key);
    ASSERT_TRUE(decoded.ok()) << vector.key;
    EXPECT_EQ(decoded->parts, vector.parts) << vector.key;
    EXPECT_FALSE(decoded->by_rowid);
  }
}

TEST(RowKeyTest, NamesARowByItsRowid) {
  EXPECT_EQ(EncodeRowidKey(17), "~i17");
  const auto decoded = DecodeRowKey("~i17");
  ASSERT_TRUE(decoded.ok());
  EXPECT_TRUE(decoded->by_rowid);
  EXPECT_EQ(decoded->parts, std::vector<Value>{17});
}

TEST(RowKeyTest, RefusesOtherSpellings) {
  for (const char* key : {"",      "007",   "-0",     "+1",       "9223372036854775808",
                          "~",     "~x",    "~3",     "~3a",      "~41",
                          "~tabc", "~r",    "~r2.50", "~r1e+300", "~rNaN",
                          "~rinf", "~bD",   "~bde",   "~n1",      "~i",
                          "~i01",  "~i1,2", "a b",    "a/b",      "\xC3\xA9",
                          "1,",    ","}) {
    EXPECT_FALSE(DecodeRowKey(key).ok()) << key;
  }
  EXPECT_FALSE(EncodeRowKey({}).ok());
  EXPECT_FALSE(EncodeRowKey({std::numeric_limits<double>::quiet_NaN()}).ok());
}

// --- where to call ---

TEST(EndpointTest, KnowsThisMachine) {
  for (const char* address : {"127.0.0.1:7070", "127.9.9.9", "localhost:1", "[::1]:7070", "::1",
                              "unix:/tmp/x", "dns:///localhost:7070", "ipv4:127.0.0.1:7070"}) {
    EXPECT_TRUE(client::IsLoopback(address)) << address;
  }
  for (const char* address :
       {"", "10.0.0.1:7070", "127.0.0.1.evil.example:7070", "example.com", "[2001:db8::1]:7070",
        "127.0.0.1:1,10.0.0.1:2", "localhost.evil:1", "dns:///10.0.0.1:1",
        "dns://10.0.0.1/localhost:1", "ipv6:[::1]:7070,[2001:db8::1]:7070",
        "[::1]:7070,10.0.0.1:7070", "[::1].evil.example:7070", "[::1]:", "[::1"}) {
    EXPECT_FALSE(client::IsLoopback(address)) << address;
  }
}

class CredentialTest : public ::testing::Test {
 protected:
  CredentialTest() {
    setenv("XDG_STATE_HOME", folder_.path().c_str(), 1);
    unsetenv("SLUICE_TOKEN");
    std::system(("mkdir -p " + folder_.path() + "/sluice").c_str());
    testing::WriteFile(folder_ / "sluice/admin-token", "from-file\n");
  }
  ~CredentialTest() override {
    unsetenv("XDG_STATE_HOME");
    unsetenv("SLUICE_TOKEN");
  }

  testing::TemporaryFolder folder_;
};

TEST_F(CredentialTest, TakesTheAdminTokenOnlyForThisMachine) {
  EXPECT_EQ(client::FindCredential(std::nullopt, "127.0.0.1:7070").token, "from-file");
  EXPECT_EQ(client::FindCredential(std::nullopt, "db.example:7070").token, "");
}

TEST_F(CredentialTest, PrefersWhatIsGivenThenTheEnvironment) {
  setenv("SLUICE_TOKEN", "from-environment", 1);
  EXPECT_EQ(client::FindCredential("given", "127.0.0.1").token, "given");
  EXPECT_EQ(client::FindCredential("", "127.0.0.1").token, "");
  EXPECT_EQ(client::FindCredential(std::nullopt, "db.example").token, "from-environment");
  setenv("SLUICE_TOKEN", " from-environment\n", 1);
  EXPECT_EQ(client::FindCredential(std::nullopt, "db.example").token, "from-environment");
  setenv("SLUICE_TOKEN", "\n", 1);
  EXPECT_EQ(client::FindCredential(std::nullopt, "127.0.0.1").token, "from-file");
}

TEST_F(CredentialTest, IgnoresARelativeStateFolderAndAHugeFile) {
  testing::WriteFile(folder_ / "sluice/admin-token", std::string(100'000, 'x'));
  EXPECT_EQ(client::FindCredential(std::nullopt, "127.0.0.1").token, "");
}

TEST(EndpointTest, SendsOnlyVisibleTokens) {
  EXPECT_TRUE(client::IsSendableToken("abc.DEF-123"));
  EXPECT_FALSE(client::IsSendableToken("a b"));
  EXPECT_FALSE(client::IsSendableToken("a\nb"));
  EXPECT_FALSE(client::IsSendableToken("é"));
}

// --- retries ---

TEST(ServiceConfigTest, NamesTheMethodsWithoutSideEffectsAndNoOther) {
  const std::string json = client::ServiceConfigJson();
  EXPECT_THAT(json, HasSubstr(R"({"service":"sluice.v1.QueryService","method":"StreamQuery"})"));
  EXPECT_THAT(json, HasSubstr(R"("method":"DownloadDatabase")"));
  EXPECT_THAT(json, HasSubstr(R"("method":"GetTable")"));
  EXPECT_THAT(json, HasSubstr(R"("method":"GetRow")"));
  EXPECT_THAT(json, Not(HasSubstr("InsertRows")));
  EXPECT_THAT(json, HasSubstr(R"("method":"RestoreDatabase"}],"retryPolicy":{"maxAttempts":2,)"));
}

TEST(PackingTest, KeepsEveryValue) {
  const std::vector<std::vector<Value>> columns = {
      {1, Null(), 2, 3},
      {Null(), Null(), Null(), Null()},
      {Null(), "a", Blob{"b"}, 2.5},
      {RawText{"\xFF"}, Null(), "", Null()},
      {RawText{"\xFF"}, Null(), Null(), Null()},
      {2.5, 1, Blob{""}, std::numeric_limits<double>::infinity()},
  };
  client::RowPacker packer(columns.size());
  for (int round = 0; round < 2; ++round) {
    for (size_t row = 0; row < 4; ++row) {
      std::vector<Value> values;
      for (const auto& column : columns) values.push_back(column[row]);
      packer.Add(values);
    }
    EXPECT_EQ(packer.row_count(), 4u);
    const auto rows = client::FromProto(packer.Take(), columns.size());
    ASSERT_TRUE(rows.ok()) << rows.status();
    for (size_t row = 0; row < 4; ++row) {
      for (size_t i = 0; i < columns.size(); ++i) {
        EXPECT_EQ((*rows)[row].values[i], columns[i][row]) << row << ", " << i;
      }
    }
  }
}

TEST(ConversionTest, RefusesPackedColumnsThatDoNotFit) {
  for (const int fault : {0, 1, 2, 3}) {
    v1::PackedRows packed;
    packed.set_row_count(2);
    v1::PackedColumn* const column = packed.add_columns();
    for (int i = 0; i < (fault == 0 ? 1 : 2); ++i) column->add_integers(i);
    if (fault == 1) column->add_nulls(2);
    if (fault == 2) column->add_other_rows(0);
    if (fault == 3) packed.add_columns();
    EXPECT_EQ(client::FromProto(packed, 1).status().code(), absl::StatusCode::kDataLoss);
  }
}

TEST(ConversionTest, RefusesMoreRowsThanAMessageCanHold) {
  v1::PackedRows packed;
  packed.set_row_count(4'000'000'000);
  packed.add_columns();
  EXPECT_EQ(client::FromProto(packed, 1).status().code(), absl::StatusCode::kDataLoss);
}

}  // namespace
}  // namespace sluice
