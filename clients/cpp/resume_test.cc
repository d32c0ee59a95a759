// Downloads and uploads that are cut and go on: what has come is not sent again.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <zstd.h>

#include <algorithm>
#include <vector>

#include "clients/cpp/client.h"
#include "clients/cpp/crc32c.h"
#include "clients/cpp/testing/fake_answers.h"
#include "clients/cpp/testing/process.h"

namespace sluice {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr int kPageSize = 4096;
// Of two pages.
constexpr size_t kBlockSize = 8192;
constexpr size_t kBlocks = 20;
constexpr size_t kHashSize = 16;

const grpc::Status kCutOff(grpc::StatusCode::UNAVAILABLE, "the connection broke");

std::string Sha256(absl::string_view bytes) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  EVP_Digest(bytes.data(), bytes.size(), digest, nullptr, EVP_sha256(), nullptr);
  return {reinterpret_cast<const char*>(digest), 32};
}

// As a database of these pages begins; no two pages are alike.
std::string MakeContent() {
  std::string content("SQLite format 3\0\x10\0", 18);
  while (content.size() < kBlocks * kBlockSize) content += std::to_string(content.size());
  content.resize(kBlocks * kBlockSize);
  return content;
}

class ResumeTest : public ::testing::Test {
 protected:
  ResumeTest() {
    server_.refresh = [this](auto* stream) { return Refresh(stream); };
  }
  ~ResumeTest() override { server_.Stop(); }

  Client Connect() {
    ClientOptions options;
    options.address = server_.address();
    options.token = "";
    return *Client::Connect(options);
  }
  absl::StatusOr<DownloadResult> Download(const std::string& snapshot = "") {
    DownloadOptions options;
    options.resume = true;
    options.snapshot = snapshot;
    return Connect().Download("db", path_, options);
  }
  // Lets the download send so many pages and end so.
  void CutAfter(int pages, const grpc::Status& status = kCutOff) {
    testing::FakeSnapshot cut = snapshot_;
    cut.parts.resize(static_cast<size_t>(1 + pages));
    cut.status = status;
    server_.download = cut.Answer();
  }
  void ExpectWhole(const absl::StatusOr<DownloadResult>& result) {
    ASSERT_TRUE(result.ok()) << result.status();
    EXPECT_TRUE(testing::ReadFile(path_) == snapshot_.bytes());
    EXPECT_EQ(result->sha256, snapshot_.sha256_hex());
    EXPECT_FALSE(testing::FileExists(path_ + ".part"));
  }

  // What a server does: blocks whose hashes are others are sent.
  grpc::Status Refresh(
      grpc::ServerReaderWriter<v1::RefreshDatabaseResponse, v1::RefreshDatabaseRequest>* stream) {
    v1::RefreshDatabaseRequest request;
    std::string hashes;
    stream->Read(&request);
    EXPECT_EQ(request.start().block_size_bytes(), kBlockSize);
    while (stream->Read(&request)) hashes += request.hashes().sha256_prefixes();
    hashes_told_.push_back(hashes.size() / kHashSize);
    v1::RefreshDatabaseResponse part;
    *part.mutable_manifest() = snapshot_.parts.front().manifest();
    stream->Write(part);
    size_t sent = 0;
    for (size_t block = 0; block < kBlocks; ++block) {
      const std::string bytes = snapshot_.bytes().substr(block * kBlockSize, kBlockSize);
      const size_t at = block * kHashSize;
      if (at < hashes.size() && hashes.substr(at, kHashSize) == Sha256(bytes).substr(0, kHashSize))
        continue;
      if (sent++ == refresh_blocks_max_) return kCutOff;
      part.mutable_chunk()->set_offset(static_cast<int64_t>(block * kBlockSize));
      part.mutable_chunk()->set_crc32c(client::Crc32c(bytes));
      part.mutable_chunk()->set_data(bytes);
      stream->Write(part);
    }
    *part.mutable_digest() = snapshot_.parts.back().digest();
    stream->Write(part);
    return grpc::Status::OK;
  }

  const testing::TemporaryFolder folder_;
  const std::string path_ = folder_ / "copy.db";
  testing::FakeSnapshot snapshot_{kPageSize, MakeContent()};
  // Of each refresh.
  std::vector<size_t> hashes_told_;
  size_t refresh_blocks_max_ = kBlocks;
  testing::FakeServer server_;
};

// --- the present state ---

TEST_F(ResumeTest, ACutDownloadGoesOnWithWhatHasCome) {
  CutAfter(25);
  const auto result = Download();
  ExpectWhole(result);
  // Twelve whole blocks and a half had come; the half is sent again.
  EXPECT_THAT(hashes_told_, ElementsAre(12));
  EXPECT_EQ(result->bytes_transferred,
            static_cast<int64_t>(25 * kPageSize + 12 * kHashSize + 8 * kBlockSize));
}

TEST_F(ResumeTest, EveryCutOfTheRestGoesOnToo) {
  CutAfter(10);
  refresh_blocks_max_ = 4;
  ExpectWhole(Download());
  EXPECT_THAT(hashes_told_, ElementsAre(5, 9, 13, 17));
}

TEST_F(ResumeTest, WhatIsDamagedOnTheWayIsAskedForAgain) {
  testing::FakeSnapshot damaged = snapshot_;
  (*damaged.parts[7].mutable_chunk()->mutable_data())[9] ^= 1;
  server_.download = damaged.Answer();
  ExpectWhole(Download());
  EXPECT_THAT(hashes_told_, ElementsAre(3));
}

TEST_F(ResumeTest, AServerThatCutsAReceiverWhoStoodStillIsAskedAgain) {
  CutAfter(25, grpc::Status(grpc::StatusCode::CANCELLED, "stood still"));
  ExpectWhole(Download());
  EXPECT_THAT(hashes_told_, ElementsAre(12));
}

TEST_F(ResumeTest, AClientThatIsCancelledDoesNotGoOn) {
  CutAfter(25, grpc::Status(grpc::StatusCode::CANCELLED, "stood still"));
  const Client client = Connect();
  DownloadOptions options;
  options.resume = true;
  options.progress = [&](const DownloadProgress&) { client.CancelAll(); };
  const auto result = client.Download("db", path_, options);
  EXPECT_EQ(result.status().code(), absl::StatusCode::kCancelled);
  EXPECT_TRUE(hashes_told_.empty());
}

TEST_F(ResumeTest, AnotherProcessGoesOn) {
  CutAfter(25, testing::Refusal(grpc::StatusCode::RESOURCE_EXHAUSTED, "too much", "LIMIT"));
  EXPECT_EQ(DetailsOf(Download().status()).reason, "LIMIT");
  EXPECT_EQ(testing::ReadFile(path_ + ".part").size(), size_t{25 * kPageSize});
  EXPECT_FALSE(testing::FileExists(path_));
  ExpectWhole(Download());
  EXPECT_THAT(hashes_told_, ElementsAre(12));
}

TEST_F(ResumeTest, WhatHasComeOfAnotherStateIsMadeThisOne) {
  std::string older = snapshot_.bytes();
  older[3 * kBlockSize + 5] ^= 1;
  older += std::string(3 * kBlockSize, 'x');
  testing::WriteFile(path_ + ".part", older);
  const auto result = Download();
  ExpectWhole(result);
  EXPECT_EQ(result->bytes_transferred, static_cast<int64_t>(23 * kHashSize + kBlockSize));
}

TEST_F(ResumeTest, WithoutAFurtherByteItGivesUpAndLeavesWhatHasCome) {
  CutAfter(25);
  server_.refresh = [](auto*) { return kCutOff; };
  EXPECT_EQ(Download().status().code(), absl::StatusCode::kUnavailable);
  // gRPC tries again by itself, too.
  EXPECT_GE(server_.call_count(), 1 + 5);
  EXPECT_EQ(testing::ReadFile(path_ + ".part").size(), size_t{25 * kPageSize});
}

// --- kept snapshots ---

// Sends the chunks of a snapshot from the offset on; cut before the chunk at `cut`, once.
auto Kept(const testing::FakeSnapshot& snapshot, int64_t cut, std::vector<int64_t>* offsets) {
  return [=, &snapshot](grpc::ServerContext*, const v1::DownloadSnapshotRequest& request,
                        grpc::ServerWriter<v1::DownloadSnapshotResponse>* writer) {
    EXPECT_EQ(request.compression(), v1::COMPRESSION_ZSTD);
    offsets->push_back(request.offset());
    for (const auto& part : snapshot.parts) {
      v1::DownloadSnapshotResponse response;
      if (part.has_manifest()) *response.mutable_manifest() = part.manifest();
      if (part.has_digest()) *response.mutable_digest() = part.digest();
      if (part.has_chunk()) {
        if (part.chunk().offset() < request.offset()) continue;
        if (part.chunk().offset() == cut && offsets->size() == 1) return kCutOff;
        *response.mutable_chunk() = part.chunk();
      }
      writer->Write(response);
    }
    return grpc::Status::OK;
  };
}

// The same bytes in frames of `block` bytes.
testing::FakeSnapshot Packed(const testing::FakeSnapshot& plain, size_t block) {
  testing::FakeSnapshot packed = plain;
  packed.parts = {plain.parts.front()};
  packed.parts.front().mutable_manifest()->set_compression(v1::COMPRESSION_ZSTD);
  packed.parts.front().mutable_manifest()->set_block_size_bytes(static_cast<int32_t>(block));
  for (size_t at = 0; at < plain.bytes().size(); at += block) {
    const std::string bytes = plain.bytes().substr(at, block);
    std::string frame(ZSTD_compressBound(bytes.size()), '\0');
    frame.resize(ZSTD_compress(frame.data(), frame.size(), bytes.data(), bytes.size(), 3));
    v1::SnapshotChunk* const chunk = packed.parts.emplace_back().mutable_chunk();
    chunk->set_offset(static_cast<int64_t>(at));
    chunk->set_crc32c(client::Crc32c(frame));
    chunk->set_data(frame);
  }
  packed.parts.push_back(plain.parts.back());
  return packed;
}

TEST_F(ResumeTest, AKeptSnapshotGoesOnAtItsOffset) {
  std::vector<int64_t> offsets;
  server_.download_snapshot = Kept(snapshot_, 30 * kPageSize, &offsets);
  const auto result = Download("kept");
  ExpectWhole(result);
  EXPECT_THAT(offsets, ElementsAre(0, 30 * kPageSize));
  EXPECT_EQ(result->bytes_transferred, result->size_bytes);
}

TEST_F(ResumeTest, ACompressedOneGoesOnToo) {
  std::vector<int64_t> offsets;
  constexpr size_t kBlock = 50'000;
  const testing::FakeSnapshot packed = Packed(snapshot_, kBlock);
  server_.download_snapshot = Kept(packed, 2 * kBlock, &offsets);
  const auto result = Download("kept");
  ExpectWhole(result);
  EXPECT_THAT(offsets, ElementsAre(0, 2 * kBlock));
  EXPECT_LT(result->bytes_transferred, result->size_bytes / 2);
}

TEST_F(ResumeTest, AFrameOfMoreThanItsBlockIsRefused) {
  std::vector<int64_t> offsets;
  for (const int change : {-1, 1, 1'000'000'000}) {
    testing::FakeSnapshot packed = Packed(snapshot_, 50'000);
    v1::SnapshotManifest* const manifest = packed.parts.front().mutable_manifest();
    manifest->set_block_size_bytes(50'000 + change);
    // No use in trying again without a further byte.
    DownloadOptions options;
    options.snapshot = "kept";
    server_.download_snapshot = Kept(packed, -1, &offsets);
    const auto result = Connect().Download("db", path_, options);
    EXPECT_EQ(result.status().code(), absl::StatusCode::kDataLoss);
    EXPECT_THAT(std::string(result.status().message()),
                change < 1'000'000 ? HasSubstr("is not a block of") : HasSubstr("not known"));
    EXPECT_FALSE(testing::FileExists(path_ + ".part"));
  }
}

TEST_F(ResumeTest, APackedDownloadOfThePresentStateIsUnpacked) {
  server_.download = [packed = Packed(snapshot_, 50'000)](auto*, const auto& request,
                                                          auto* writer) {
    EXPECT_EQ(request.compression(), v1::COMPRESSION_ZSTD);
    for (const auto& part : packed.parts) writer->Write(part);
    return grpc::Status::OK;
  };
  DownloadOptions options;
  options.compress = true;
  ExpectWhole(Connect().Download("db", path_, options));
}

// --- uploads ---

// The server's side of one upload.
class FakeUpload {
 public:
  explicit FakeUpload(testing::FakeServer* server) {
    server->list_uploads = [this](const auto&, auto* response) {
      if (upload_.size_bytes() > 0) *response->add_uploads() = Now();
      return grpc::Status::OK;
    };
    server->create_upload = [this](const auto& request, auto* response) {
      ++times_created;
      upload_.set_upload("up");
      upload_.set_size_bytes(request.size_bytes());
      upload_.set_sha256(request.sha256());
      *response->mutable_upload() = Now();
      return grpc::Status::OK;
    };
    server->get_upload = [this](const auto&, auto* response) {
      *response->mutable_upload() = Now();
      return grpc::Status::OK;
    };
    server->write_upload = [this](const auto& request, auto* response) {
      return Write(request, response);
    };
    server->restore_database = [this](const auto& request, auto* response) {
      EXPECT_EQ(request.upload(), "up");
      response->mutable_result()->set_commit_token("token-1");
      ++times_restored;
      return grpc::Status::OK;
    };
  }

  // Before the piece with this number is taken, or behind it.
  int break_before = -1;
  int break_behind = -1;
  int times_created = 0;
  int times_restored = 0;
  int pieces = 0;
  std::string bytes;

 private:
  v1::Upload Now() {
    upload_.set_received_bytes(static_cast<int64_t>(bytes.size()));
    return upload_;
  }
  grpc::Status Write(const v1::WriteUploadRequest& request, v1::WriteUploadResponse* response) {
    const int piece = pieces++;
    if (piece == break_before) return kCutOff;
    if (request.offset() != static_cast<int64_t>(bytes.size())) {
      return testing::Refusal(grpc::StatusCode::ABORTED, "elsewhere", "UPLOAD_OFFSET");
    }
    EXPECT_EQ(request.crc32c(), client::Crc32c(request.content().data()));
    bytes += request.content().data();
    if (piece == break_behind) return kCutOff;
    *response->mutable_upload() = Now();
    return grpc::Status::OK;
  }

  v1::Upload upload_;
};

class UploadTest : public ResumeTest {
 protected:
  UploadTest() { testing::WriteFile(file_, content_); }
  absl::StatusOr<v1::RestoreResult> Restore() {
    RestoreOptions options;
    options.progress = [this](int64_t done, int64_t) { progress_.push_back(done >> 20); };
    return Connect().Restore("db", file_, options);
  }

  const std::string content_ = std::string(size_t{7} << 19, 'x');
  const std::string file_ = folder_ / "backup.db";
  FakeUpload upload_{&server_};
  std::vector<int64_t> progress_;
};

TEST_F(UploadTest, APieceThatDidNotArriveIsSentAgain) {
  upload_.break_before = 1;
  ASSERT_TRUE(Restore().ok());
  EXPECT_TRUE(upload_.bytes == content_);
  EXPECT_EQ(upload_.pieces, 4 + 1);
  EXPECT_EQ(upload_.times_restored, 1);
}

TEST_F(UploadTest, APieceWhoseAnswerWasLostIsNotSentAgain) {
  upload_.break_behind = 1;
  ASSERT_TRUE(Restore().ok());
  EXPECT_TRUE(upload_.bytes == content_);
  EXPECT_EQ(upload_.pieces, 4);
  EXPECT_THAT(progress_, ElementsAre(0, 1, 2, 3, 3));
}

TEST_F(UploadTest, AnotherProcessGoesOnWhereOneEnded) {
  upload_.break_before = 2;
  // It cannot even be asked how far it is.
  server_.get_upload = [](const auto&, auto*) {
    return testing::Refusal(grpc::StatusCode::NOT_FOUND, "no", "NO_SUCH_UPLOAD");
  };
  auto piece = server_.write_upload;
  server_.write_upload = [this, piece](const auto& request, auto* response) {
    return upload_.pieces < 2
               ? piece(request, response)
               : testing::Refusal(grpc::StatusCode::PERMISSION_DENIED, "no", "PERMISSION_DENIED");
  };
  EXPECT_EQ(DetailsOf(Restore().status()).reason, "PERMISSION_DENIED");
  EXPECT_EQ(upload_.bytes.size(), size_t{2} << 20);
  server_.write_upload = piece;
  upload_.break_before = -1;
  ASSERT_TRUE(Restore().ok());
  EXPECT_TRUE(upload_.bytes == content_);
  EXPECT_EQ(upload_.times_created, 1);
  EXPECT_EQ(upload_.pieces, 4);
}

TEST_F(UploadTest, AServerThatTakesNothingEndsIt) {
  server_.write_upload = [](const auto&, auto*) { return kCutOff; };
  EXPECT_EQ(Restore().status().code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(upload_.times_restored, 0);
}

}  // namespace
}  // namespace sluice
