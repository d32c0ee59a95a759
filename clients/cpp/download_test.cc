// Downloads: what is whole is kept, and nothing else.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>

#include "clients/cpp/client.h"
#include "clients/cpp/testing/fake_answers.h"
#include "clients/cpp/testing/process.h"

namespace sluice {
namespace {

using ::testing::HasSubstr;

constexpr int kPageSize = 512;
constexpr int kPages = 60;

class DownloadTest : public ::testing::Test {
 protected:
  absl::StatusOr<DownloadResult> Download(const DownloadOptions& options = {}) {
    server_.download = snapshot_.Answer();
    ClientOptions client_options;
    client_options.address = server_.address();
    client_options.token = "";
    return Client::Connect(client_options)->Download("db", path_, options);
  }

  // The download fails so and leaves nothing behind.
  void ExpectRefused(absl::string_view reason, const std::string& message) {
    const auto result = Download();
    EXPECT_EQ(result.status().code(), absl::StatusCode::kDataLoss);
    EXPECT_EQ(DetailsOf(result.status()).reason, reason) << result.status();
    EXPECT_THAT(std::string(result.status().message()), HasSubstr(message));
    EXPECT_FALSE(testing::FileExists(path_));
    EXPECT_FALSE(testing::FileExists(path_ + ".part"));
  }

  v1::SnapshotChunk* chunk(size_t index) { return snapshot_.parts[index + 1].mutable_chunk(); }

  testing::FakeServer server_;
  testing::FakeSnapshot snapshot_{kPageSize, kPages};
  testing::TemporaryFolder folder_;
  const std::string path_ = folder_ / "copy.db";
};

TEST_F(DownloadTest, KeepsAFileThatIsWhole) {
  DownloadOptions options;
  std::vector<int64_t> progress;
  options.progress = [&](const DownloadProgress& now) {
    progress.push_back(now.bytes_received);
    EXPECT_EQ(now.bytes_total, kPageSize * kPages);
  };
  const auto result = Download(options);
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(testing::ReadFile(path_), snapshot_.bytes());
  EXPECT_EQ(result->sha256, snapshot_.sha256_hex());
  EXPECT_EQ(result->size_bytes, kPageSize * kPages);
  EXPECT_EQ(result->commit_token, "token-7");
  EXPECT_EQ(progress.size(), size_t{kPages});
  EXPECT_EQ(progress.back(), kPageSize * kPages);
  EXPECT_FALSE(testing::FileExists(path_ + ".part"));
}

TEST_F(DownloadTest, RefusesAFlippedBit) {
  (*chunk(7)->mutable_data())[100] ^= 1;
  ExpectRefused(client_reason::kChecksum, "checksum of the chunk at offset 3584");
}

TEST_F(DownloadTest, RefusesAWrongDigest) {
  (*snapshot_.parts.back().mutable_digest()->mutable_sha256())[0] ^= 1;
  ExpectRefused(client_reason::kChecksum, "SHA-256");
}

TEST_F(DownloadTest, RefusesAGap) {
  snapshot_.parts.erase(snapshot_.parts.begin() + 5);
  ExpectRefused(client_reason::kChecksum, "offset");
}

TEST_F(DownloadTest, RefusesARepeatedChunk) {
  snapshot_.parts.insert(snapshot_.parts.begin() + 5, snapshot_.parts[5]);
  ExpectRefused(client_reason::kChecksum, "offset");
}

TEST_F(DownloadTest, RefusesMoreBytesThanWereAnnounced) {
  snapshot_.parts[0].mutable_manifest()->set_page_count(2);
  snapshot_.parts[0].mutable_manifest()->set_size_bytes(2 * kPageSize);
  ExpectRefused(client_reason::kChecksum, "more bytes");
}

TEST_F(DownloadTest, RefusesFewerBytesThanWereAnnounced) {
  snapshot_.parts.erase(snapshot_.parts.end() - 2);
  ExpectRefused(client_reason::kChecksum, "instead of");
}

TEST_F(DownloadTest, RefusesAStreamWithoutItsDigest) {
  snapshot_.parts.pop_back();
  ExpectRefused(client_reason::kCut, "cut");
}

TEST_F(DownloadTest, RefusesAnEmptyStream) {
  snapshot_.parts.clear();
  ExpectRefused(client_reason::kCut, "cut");
}

TEST_F(DownloadTest, RefusesPartsOutOfTheirOrder) {
  const auto whole = snapshot_.parts;
  snapshot_.parts.erase(snapshot_.parts.begin());
  ExpectRefused(client_reason::kMalformedAnswer, "before the manifest");
  snapshot_.parts = whole;
  snapshot_.parts.push_back(whole[1]);
  ExpectRefused(client_reason::kMalformedAnswer, "follows the digest");
  snapshot_.parts = whole;
  snapshot_.parts.insert(snapshot_.parts.begin() + 2, whole[0]);
  ExpectRefused(client_reason::kMalformedAnswer, "second manifest");
  snapshot_.parts = whole;
  snapshot_.parts[3].Clear();
  ExpectRefused(client_reason::kMalformedAnswer, "empty message");
  snapshot_.parts = whole;
  snapshot_.parts.back().mutable_digest()->set_sha256("short");
  ExpectRefused(client_reason::kMalformedAnswer, "no SHA-256");
}

TEST_F(DownloadTest, RefusesAManifestThatContradictsItself) {
  for (const int page_size : {0, -512, 500, 131072}) {
    snapshot_.parts[0].mutable_manifest()->set_page_size_bytes(page_size);
    snapshot_.parts[0].mutable_manifest()->set_size_bytes(int64_t{page_size} * kPages);
    ExpectRefused(client_reason::kMalformedAnswer, "sizes");
  }
}

TEST_F(DownloadTest, GivesTheServersErrorAndLeavesNothing) {
  snapshot_.parts.resize(10);
  snapshot_.status = testing::Refusal(grpc::StatusCode::DATA_LOSS, "damaged", "CORRUPT");
  ExpectRefused("CORRUPT", "damaged");
}

TEST_F(DownloadTest, LeavesAFileThatIsThereUnlessAskedTo) {
  testing::WriteFile(path_, "mine");
  const auto refused = Download();
  EXPECT_EQ(refused.status().code(), absl::StatusCode::kAlreadyExists);
  EXPECT_EQ(DetailsOf(refused.status()).reason, client_reason::kLocalFile);
  EXPECT_EQ(testing::ReadFile(path_), "mine");
  EXPECT_EQ(server_.call_count(), 0);
  DownloadOptions options;
  options.overwrite = true;
  ASSERT_TRUE(Download(options).ok());
  EXPECT_EQ(testing::ReadFile(path_), snapshot_.bytes());
}

TEST_F(DownloadTest, RefreshesNothingThatIsNoDatabase) {
  DownloadOptions options;
  options.overwrite = true;
  options.older_copy = path_;
  for (const std::string content : {"precious notes, longer than a header", "short"}) {
    testing::WriteFile(path_, content);
    const auto refused = Download(options);
    EXPECT_EQ(refused.status().code(), absl::StatusCode::kFailedPrecondition);
    EXPECT_EQ(DetailsOf(refused.status()).reason, client_reason::kLocalFile);
    EXPECT_EQ(testing::ReadFile(path_), content);
  }
  EXPECT_EQ(server_.call_count(), 0);
  testing::WriteFile(path_, "");
  EXPECT_TRUE(Download(options).ok());
}

TEST_F(DownloadTest, AFailedReplacementLeavesTheOldFile) {
  testing::WriteFile(path_, "mine");
  chunk(3)->set_crc32c(0);
  DownloadOptions options;
  options.overwrite = true;
  EXPECT_EQ(Download(options).status().code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(testing::ReadFile(path_), "mine");
}

TEST_F(DownloadTest, LeavesThePartOfAnother) {
  testing::WriteFile(path_ + ".part", "another's");
  EXPECT_EQ(Download().status().code(), absl::StatusCode::kAlreadyExists);
  EXPECT_EQ(testing::ReadFile(path_ + ".part"), "another's");
}

TEST_F(DownloadTest, RefusesToPutAFileBesideALog) {
  for (const char* suffix : {"-wal", "-journal"}) {
    testing::WriteFile(path_ + suffix, "log");
    DownloadOptions options;
    options.overwrite = true;
    EXPECT_EQ(Download(options).status().code(), absl::StatusCode::kFailedPrecondition);
    EXPECT_FALSE(testing::FileExists(path_));
    EXPECT_FALSE(testing::FileExists(path_ + ".part"));
    std::remove((path_ + suffix).c_str());
  }
}

TEST_F(DownloadTest, RefusesAFolderAndAFileInNoFolder) {
  mkdir(path_.c_str(), 0777);
  EXPECT_EQ(Download().status().code(), absl::StatusCode::kFailedPrecondition);
  ClientOptions options;
  options.address = server_.address();
  const auto result = Client::Connect(options)->Download("db", folder_ / "none/x.db");
  EXPECT_EQ(result.status().code(), absl::StatusCode::kFailedPrecondition);
}

TEST_F(DownloadTest, DoesNotFollowALinkInThePlaceOfThePart) {
  ASSERT_EQ(symlink((folder_ / "elsewhere").c_str(), (path_ + ".part").c_str()), 0);
  EXPECT_EQ(Download().status().code(), absl::StatusCode::kAlreadyExists);
  EXPECT_FALSE(testing::FileExists(folder_ / "elsewhere"));
}

TEST_F(DownloadTest, SaysThatAFileCannotGrow) {
  // A limit on the size of files fails a write like a full disk does.
  signal(SIGXFSZ, SIG_IGN);
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &before), 0);
  rlimit low = before;
  low.rlim_cur = 10'000;
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &low), 0);
  const auto result = Download();
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &before), 0);
  EXPECT_EQ(result.status().code(), absl::StatusCode::kResourceExhausted) << result.status();
  EXPECT_FALSE(testing::FileExists(path_ + ".part"));
}

TEST_F(DownloadTest, KeepsAnEmptyDatabase) {
  snapshot_ = testing::FakeSnapshot(kPageSize, 0);
  ASSERT_TRUE(Download().ok());
  EXPECT_TRUE(testing::FileExists(path_));
}

}  // namespace
}  // namespace sluice
