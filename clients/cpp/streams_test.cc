// Streams of rows that are cut, and stored queries that write, against a fake server.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "clients/cpp/client.h"
#include "clients/cpp/testing/fake_answers.h"

namespace sluice {
namespace {

using Writer = grpc::ServerWriter<v1::StreamQueryResponse>;

class StreamsTest : public ::testing::Test {
 protected:
  Client Connect() {
    ClientOptions options;
    options.address = server_.address();
    options.token = "secret";
    options.stream_deadline = absl::Seconds(20);
    return *Client::Connect(options);
  }
  // Its values of the first column, and the error that ended it.
  std::string Drain(RowStream& stream) {
    std::string seen;
    while (true) {
      auto row = stream.Next();
      if (!row.ok()) return seen + std::string(absl::StatusCodeToString(row.status().code()));
      if (!row->has_value()) return seen + "end";
      seen += std::to_string(*(*row)->values[0].integer()) + " ";
    }
  }
  static v1::StreamQueryResponse Message(int value, const std::string& token) {
    v1::StreamQueryResponse message;
    *message.add_columns() = testing::MakeColumn("n", "INTEGER");
    *message.add_rows() = testing::MakeRow({value});
    message.set_resume_token(token);
    return message;
  }

  std::vector<v1::StreamQueryRequest> seen_;
  testing::FakeServer server_;
};

TEST_F(StreamsTest, AQueryGoesOnWhereItWasCut) {
  server_.stream_query = [&](grpc::ServerContext*, const v1::StreamQueryRequest& request,
                             Writer* writer) {
    seen_.push_back(request);
    if (request.resume_token().empty()) {
      writer->Write(Message(1, "one"));
      return testing::Refusal(grpc::StatusCode::UNAVAILABLE, "the log is full", "LOG_FULL");
    }
    auto last = Message(2, "");
    last.mutable_stats()->set_row_count(1);
    writer->Write(last);
    return grpc::Status::OK;
  };
  auto stream = Connect().StreamQuery("db", {.sql = "x", .databases = {"other"}});
  ASSERT_TRUE(stream.ok()) << stream.status();
  EXPECT_EQ(Drain(*stream), "1 2 end");
  ASSERT_EQ(seen_.size(), 2u);
  EXPECT_EQ(seen_[1].resume_token(), "one");
  EXPECT_EQ(seen_[1].databases(0), "other");
}

TEST_F(StreamsTest, AQueryWithoutATokenDoesNotBeginAgain) {
  server_.stream_query = [&](grpc::ServerContext*, const v1::StreamQueryRequest& request,
                             Writer* writer) {
    seen_.push_back(request);
    writer->Write(Message(1, ""));
    return testing::Refusal(grpc::StatusCode::UNAVAILABLE, "the log is full", "LOG_FULL");
  };
  auto stream = Connect().StreamQuery("db", {"x"});
  ASSERT_TRUE(stream.ok()) << stream.status();
  EXPECT_EQ(Drain(*stream), "1 UNAVAILABLE");
  EXPECT_EQ(seen_.size(), 1u);
}

TEST_F(StreamsTest, AResultThatTheServerHasCutIsNoWholeOne) {
  server_.stream_query = [&](grpc::ServerContext*, const v1::StreamQueryRequest&, Writer* writer) {
    auto message = Message(1, "one");
    message.mutable_stats()->set_row_count(1);
    message.set_truncated(true);
    writer->Write(message);
    return grpc::Status::OK;
  };
  auto stream = Connect().StreamQuery("db", {"x"});
  ASSERT_TRUE(stream.ok()) << stream.status();
  EXPECT_EQ(Drain(*stream), "1 RESOURCE_EXHAUSTED");
  EXPECT_EQ(DetailsOf(stream->Next().status()).reason, client_reason::kTruncated);
}

TEST_F(StreamsTest, AStoredQueryThatWritesSaysWhatItDid) {
  v1::RunQueryRequest seen;
  server_.run_query = [&](const v1::RunQueryRequest& request, v1::RunQueryResponse* response) {
    seen = request;
    *response->add_columns() = testing::MakeColumn("n");
    *response->add_rows() = testing::MakeRow({5});
    response->set_affected_count(1);
    response->set_commit_token("c");
    response->set_replayed(true);
    return grpc::Status::OK;
  };
  const auto result = Connect().ExecuteQuery("db", "add", {{"n", 5}}, {.request_id = "id"});
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(seen.query() + seen.request_id(), "addid");
  EXPECT_EQ(seen.params().at("n").integer(), 5);
  EXPECT_EQ(result->affected_count, 1);
  EXPECT_EQ(result->commit_token, "c");
  EXPECT_TRUE(result->replayed);
  EXPECT_EQ(result->rows.size(), 1u);
}

TEST_F(StreamsTest, AStatementThatWritesHasNoOtherDatabases) {
  const auto result = Connect().Execute("db", {.sql = "x", .databases = {"other"}});
  EXPECT_EQ(result.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(server_.call_count(), 0);
}

}  // namespace
}  // namespace sluice
