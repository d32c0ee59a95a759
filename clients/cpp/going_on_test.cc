// What the client goes on with, and what it does not.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "clients/cpp/client.h"
#include "clients/cpp/retry.h"
#include "clients/cpp/testing/fake_answers.h"
#include "clients/cpp/testing/process.h"

namespace sluice {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class GoingOnTest : public ::testing::Test {
 protected:
  Client Connect(absl::Duration stream_deadline = absl::Seconds(60)) {
    ClientOptions options;
    options.address = server_.address();
    options.token = "";
    options.stream_deadline = stream_deadline;
    return *Client::Connect(options);
  }

  static grpc::Status Gone() {
    return testing::Refusal(grpc::StatusCode::UNAVAILABLE, "away", "DRAINING");
  }

  testing::TemporaryFolder folder_;
  const std::string path_ = folder_ / "copy.db";
  // Before the server, whose calls use it until they are gone.
  std::atomic<int> tries_ = 0;
  testing::FakeServer server_;
};

// --- the loop itself ---

TEST(GoOnTest, CountsDamageApartFromProgress) {
  int64_t reached = 0;
  int attempts = 0;
  const auto run = [&](client::Verdict verdict, int64_t each) {
    attempts = 0;
    return client::GoOn({.attempt =
                             [&] {
                               ++attempts;
                               reached += each;
                               return attempts < 8 ? absl::UnavailableError("x") : absl::OkStatus();
                             },
                         .judge = [&](const absl::Status&) { return verdict; },
                         .reached = [&] { return reached; },
                         .end = absl::InfiniteFuture()});
  };
  EXPECT_FALSE(run(client::Verdict::kSpoilt, 1).ok());
  EXPECT_EQ(attempts, 2);
  EXPECT_FALSE(run(client::Verdict::kFinal, 1).ok());
  EXPECT_EQ(attempts, 1);
  EXPECT_TRUE(run(client::Verdict::kCut, 1).ok());
  EXPECT_EQ(attempts, 8);
}

TEST(GoOnTest, EndsWhenItsCallerGivesUp) {
  int attempts = 0;
  const absl::Status status =
      client::GoOn({.attempt =
                        [&] {
                          ++attempts;
                          return absl::CancelledError("x");
                        },
                    .judge = [](const absl::Status&) { return client::Verdict::kCut; },
                    .reached = [] { return int64_t{0}; },
                    .given_up = [] { return true; }});
  EXPECT_EQ(status.code(), absl::StatusCode::kCancelled);
  EXPECT_EQ(attempts, 1);
}

TEST(GoOnTest, EndsInTime) {
  int attempts = 0;
  const absl::Status status =
      client::GoOn({.attempt =
                        [&] {
                          ++attempts;
                          return absl::UnavailableError("x");
                        },
                    .judge = [](const absl::Status&) { return client::Verdict::kCut; },
                    .reached = [] { return int64_t{0}; },
                    .end = absl::Now() + absl::Milliseconds(100)});
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(attempts, 1);
}

// --- reads ---

TEST_F(GoingOnTest, ReadsOutliveARestart) {
  const Client client = Connect();
  const std::string address = server_.address();
  server_.Stop();
  std::unique_ptr<testing::FakeServer> restarted;
  // As long as a server takes to stop and start.
  std::thread later([&] {
    absl::SleepFor(absl::Seconds(2));
    restarted = std::make_unique<testing::FakeServer>(address);
  });
  // That it answers is enough: it was given no answer.
  EXPECT_EQ(client.ListDatabases().status().code(), absl::StatusCode::kUnimplemented);
  later.join();
}

v1::ReadRowsResponse Message(const std::vector<std::string>& columns, const std::vector<Value>& row,
                             const std::string& token) {
  v1::ReadRowsResponse message;
  for (const auto& column : columns) *message.add_columns() = testing::MakeColumn(column);
  if (!row.empty()) *message.add_rows() = testing::MakeRow(row);
  message.set_resume_token(token);
  if (token.empty()) message.mutable_stats();
  return message;
}

// Without a reason where a message was on its way and gRPC cancelled the stream.
TEST_F(GoingOnTest, AStreamWhoseReaderPausedForTooLongGoesOn) {
  for (const grpc::Status& stalled :
       {testing::Refusal(grpc::StatusCode::CANCELLED, "stalled", "CANCELLED"),
        grpc::Status(grpc::StatusCode::CANCELLED, "stalled")}) {
    server_.read_rows = [&](auto*, const v1::ReadRowsRequest& request, auto* writer) {
      if (request.resume_token().empty()) {
        writer->Write(Message({"a"}, {1}, "one"));
        return stalled;
      }
      writer->Write(Message({"a"}, {2}, ""));
      return grpc::Status::OK;
    };
    auto stream = Connect().ReadRows("db", "t");
    ASSERT_TRUE(stream.ok());
    EXPECT_EQ((*stream->Next())->values, std::vector<Value>{1});
    EXPECT_EQ((*stream->Next())->values, std::vector<Value>{2});
    EXPECT_FALSE((*stream->Next()).has_value());
  }
}

TEST_F(GoingOnTest, AStreamThatThisProcessCancelledDoesNot) {
  server_.read_rows = [&](grpc::ServerContext*, const v1::ReadRowsRequest&, auto* writer) {
    writer->Write(Message({"a"}, {1}, "one"));
    return grpc::Status(grpc::StatusCode::CANCELLED, "stalled");
  };
  const Client client = Connect();
  auto stream = client.ReadRows("db", "t");
  ASSERT_TRUE(stream.ok());
  EXPECT_TRUE((*stream->Next()).has_value());
  client.CancelAll();
  EXPECT_EQ(stream->Next().status().code(), absl::StatusCode::kCancelled);
  EXPECT_EQ(server_.call_count(), 1);
}

TEST_F(GoingOnTest, ValuesNeverStandUnderOtherColumns) {
  server_.read_rows = [](auto*, const v1::ReadRowsRequest& request, auto* writer) {
    if (request.resume_token().empty()) {
      writer->Write(Message({"a", "b"}, {1, 2}, "one"));
      return Gone();
    }
    writer->Write(Message({"b", "a"}, {3, 4}, ""));
    return grpc::Status::OK;
  };
  server_.list_rows = [](const v1::ListRowsRequest& request, v1::ListRowsResponse* response) {
    const bool first = request.page_token().empty();
    *response->add_columns() = testing::MakeColumn(first ? "a" : "b");
    *response->add_rows() = testing::MakeRow({1});
    if (first) response->set_next_page_token("more");
    return grpc::Status::OK;
  };
  for (const bool pages : {false, true}) {
    auto stream = pages ? Connect().ListRows("db", "t") : Connect().ReadRows("db", "t");
    ASSERT_TRUE(stream.ok());
    EXPECT_TRUE((*stream->Next()).has_value());
    const auto changed = stream->Next().status();
    EXPECT_EQ(changed.code(), absl::StatusCode::kAborted);
    EXPECT_EQ(DetailsOf(changed).reason, client_reason::kColumnsChanged);
  }
}

TEST_F(GoingOnTest, AResultThatTheConfigurationCutsIsNoWholeOne) {
  server_.stream_query = [](auto*, const auto&, auto* writer) {
    v1::StreamQueryResponse message;
    *message.add_columns() = testing::MakeColumn("a");
    *message.add_rows() = testing::MakeRow({1});
    message.mutable_stats()->set_row_count(1);
    message.set_truncated(true);
    writer->Write(message);
    return grpc::Status::OK;
  };
  auto stream = Connect().StreamQuery("db", {"x"});
  ASSERT_TRUE(stream.ok());
  EXPECT_TRUE((*stream->Next()).has_value());
  const auto limit = stream->Next().status();
  EXPECT_EQ(limit.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(DetailsOf(limit).reason, client_reason::kTruncated);
}

// --- downloads ---

TEST_F(GoingOnTest, ADownloadThatStaysDamagedEnds) {
  for (const bool whole : {false, true}) {
    testing::FakeSnapshot snapshot(512, 60);
    if (whole) {
      (*snapshot.parts.back().mutable_digest()->mutable_sha256())[0] ^= 1;
    } else {
      snapshot.parts[1].mutable_chunk()->set_crc32c(1);
    }
    server_.download = snapshot.Answer();
    const int before = server_.call_count();
    DownloadOptions options;
    options.resume = true;
    const auto status = Connect().Download("db", path_, options).status();
    EXPECT_EQ(DetailsOf(status).reason, client_reason::kChecksum) << status;
    EXPECT_EQ(server_.call_count() - before, 2);
    EXPECT_FALSE(testing::FileExists(path_));
  }
}

// A kept snapshot, and from where it was asked for; `cuts` says after how many chunks each call
// ends.
class Kept {
 public:
  explicit Kept(std::vector<int> cuts) : cuts_(std::move(cuts)) {}

  auto Answer() {
    return [this](auto*, const v1::DownloadSnapshotRequest& request,
                  grpc::ServerWriter<v1::DownloadSnapshotResponse>* writer) {
      offsets.push_back(request.offset());
      if (request.offset() > static_cast<int64_t>(snapshot.bytes().size())) {
        return testing::Refusal(grpc::StatusCode::INVALID_ARGUMENT, "beyond", "BAD_REQUEST");
      }
      int left = cuts_.empty() ? -1 : cuts_[0];
      if (!cuts_.empty()) cuts_.erase(cuts_.begin());
      for (const auto& part : snapshot.parts) {
        if (part.has_chunk() && part.chunk().offset() < request.offset()) continue;
        if (part.has_chunk() && left-- == 0) return RefusedAsGone();
        v1::DownloadSnapshotResponse message;
        if (part.has_manifest()) *message.mutable_manifest() = part.manifest();
        if (part.has_chunk()) *message.mutable_chunk() = part.chunk();
        if (part.has_digest()) *message.mutable_digest() = part.digest();
        writer->Write(message);
      }
      return grpc::Status::OK;
    };
  }

  testing::FakeSnapshot snapshot{512, 20};
  std::vector<int64_t> offsets;

 private:
  static grpc::Status RefusedAsGone() {
    return testing::Refusal(grpc::StatusCode::UNAVAILABLE, "away", "DRAINING");
  }

  std::vector<int> cuts_;
};

TEST_F(GoingOnTest, AKeptSnapshotGoesOnWhereItWasCut) {
  Kept kept({5, 0, 3});
  server_.download_snapshot = kept.Answer();
  DownloadOptions options;
  options.resume = true;
  options.snapshot = "s";
  const auto result = Connect().Download("db", path_, options);
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(testing::ReadFile(path_), kept.snapshot.bytes());
  EXPECT_THAT(kept.offsets, ElementsAre(0, 5 * 512, 5 * 512, 8 * 512));
  server_.Stop();
}

TEST_F(GoingOnTest, ARefusedDownloadLeavesNoPart) {
  DownloadOptions options;
  options.resume = true;
  options.snapshot = "s";
  EXPECT_EQ(Connect().Download("db", path_, options).status().code(),
            absl::StatusCode::kUnimplemented);
  EXPECT_FALSE(testing::FileExists(path_ + ".part"));
}

// --- restores ---

class RestoreTest : public GoingOnTest {
 protected:
  RestoreTest() {
    testing::WriteFile(file_, content_);
    server_.list_uploads = [](auto&, auto*) { return grpc::Status::OK; };
    server_.create_upload = [this](auto&, v1::CreateUploadResponse* response) {
      Fill(response->mutable_upload());
      return grpc::Status::OK;
    };
    server_.get_upload = [this](auto&, v1::GetUploadResponse* response) {
      Fill(response->mutable_upload());
      return grpc::Status::OK;
    };
    server_.write_upload = [this](const v1::WriteUploadRequest& request,
                                  v1::WriteUploadResponse* response) {
      const grpc::Status status = TakeOff(&failures_);
      if (!status.ok()) return status;
      received_.resize(static_cast<size_t>(request.offset()));
      received_ += request.content().data();
      Fill(response->mutable_upload());
      return grpc::Status::OK;
    };
    server_.restore_database = [this](auto&, v1::RestoreDatabaseResponse* response) {
      ++tries_;
      response->mutable_result()->set_commit_token("new-0");
      return TakeOff(&lost_);
    };
  }
  ~RestoreTest() override { server_.Stop(); }

  void Fill(v1::Upload* upload) {
    upload->set_upload("u");
    upload->set_received_bytes(static_cast<int64_t>(received_.size()));
  }

  static grpc::Status TakeOff(std::vector<grpc::Status>* statuses) {
    if (statuses->empty()) return grpc::Status::OK;
    grpc::Status status = statuses->front();
    statuses->erase(statuses->begin());
    return status;
  }

  const std::string content_ = std::string(2'500'000, 'x');
  const std::string file_ = folder_ / "backup.db";
  std::string received_;
  // What pieces, and the answers to restores, are answered instead.
  std::vector<grpc::Status> failures_;
  std::vector<grpc::Status> lost_;
};

TEST_F(RestoreTest, RefusesAFileWhoseLogIsBesideIt) {
  for (const char* ending : {"-wal", "-journal"}) {
    testing::WriteFile(file_ + ending, "log");
    const auto refused = Connect().Restore("db", file_).status();
    EXPECT_EQ(refused.code(), absl::StatusCode::kFailedPrecondition);
    EXPECT_EQ(DetailsOf(refused).reason, client_reason::kLocalFile);
    EXPECT_THAT(std::string(refused.message()), HasSubstr("VACUUM INTO"));
    std::remove((file_ + ending).c_str());
  }
  EXPECT_EQ(server_.call_count(), 0);
  testing::WriteFile(file_ + "-wal", "");
  EXPECT_TRUE(Connect().Restore("db", file_).ok());
  EXPECT_EQ(received_, content_);
}

TEST_F(RestoreTest, SendsAPieceAgainThatTookTooLong) {
  failures_ = {{grpc::StatusCode::DEADLINE_EXCEEDED, "late"}, Gone(), Gone(), Gone()};
  EXPECT_TRUE(Connect().Restore("db", file_).ok());
  EXPECT_EQ(received_, content_);
}

TEST_F(RestoreTest, EndsWithTheCallersOwnDeadline) {
  failures_.assign(100, {grpc::StatusCode::DEADLINE_EXCEEDED, "late"});
  const absl::Time begin = absl::Now();
  EXPECT_FALSE(Connect(absl::Seconds(1)).Restore("db", file_).ok());
  EXPECT_LT(absl::Now() - begin, absl::Seconds(2));
}

TEST_F(RestoreTest, AsksAgainWhenTheAnswerIsLost) {
  // gRPC itself asks twice.
  const grpc::Status reset(grpc::StatusCode::UNAVAILABLE, "connection reset");
  lost_ = {reset, reset, Gone()};
  const auto result = Connect().Restore("db", file_);
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(result->commit_token(), "new-0");
  EXPECT_EQ(tries_, 4);
}

TEST_F(RestoreTest, EndsWhenItCannotHaveTheDatabase) {
  lost_.assign(9, testing::Refusal(grpc::StatusCode::UNAVAILABLE, "in use", "OVERLOADED"));
  EXPECT_EQ(Connect().Restore("db", file_).status().code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(tries_, 2);
}

// --- loads ---

TEST_F(GoingOnTest, ALoadThatGivesUpTellsHowToGoOn) {
  std::string id;
  server_.load_rows = [&](auto*, auto* stream) {
    v1::LoadRowsRequest request;
    stream->Read(&request);
    if (++tries_ > 1) return testing::Refusal(grpc::StatusCode::RESOURCE_EXHAUSTED, "x", "LIMIT");
    id = request.start().load_id();
    stream->Write(v1::LoadRowsResponse());
    stream->Read(&request);
    v1::LoadRowsResponse answer;
    answer.set_acknowledged_rows(request.packed().row_count());
    stream->Write(answer);
    return Gone();
  };
  LoadRequest request;
  request.database = "db";
  request.table = "t";
  request.columns = {"n"};
  int64_t next = 0;
  LoadResult result;
  const auto status = Connect().Load(
      request,
      [&](std::vector<Value>* row) -> absl::StatusOr<bool> {
        *row = {next};
        return next++ < 7'000;
      },
      &result);
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted) << status;
  EXPECT_EQ(result.acknowledged_rows, 5'000);
  EXPECT_EQ(result.load_id, id);
  EXPECT_EQ(result.load_id.size(), 32u);
  server_.Stop();
}

}  // namespace
}  // namespace sluice
