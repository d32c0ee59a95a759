// What the command writes, and to what.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "clients/cpp/cli/command_fixture.h"

namespace sluice::cli {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::ProcessOptions;

TEST_F(CommandTest, SaysThatTheConfigurationCutAResult) {
  server_.stream_query = [](auto*, const auto&, auto* writer) {
    v1::StreamQueryResponse message;
    *message.add_columns() = testing::MakeColumn("n");
    *message.add_rows() = testing::MakeRow({1});
    message.mutable_stats();
    message.set_truncated(true);
    writer->Write(message);
    return grpc::Status::OK;
  };
  const auto result = Run({"query", "db", "SQL", "-o", "json"});
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.out, HasSubstr("{\"n\":1}\n],\"truncated\":true}\n"));
  EXPECT_THAT(result.err, HasSubstr("(TRUNCATED)"));
}

TEST_F(CommandTest, EndsWithTheDiskThatIsFull) {
  server_.stream_query = testing::CountingStream(100'000'000, 1'000);
  ProcessOptions options;
  options.environment = {"HOME=" + folder_.path()};
  const auto result = testing::RunProcess(
      {"/bin/sh", "-c",
       "exec " SLUICE_PROGRAM " query db SQL --address " + server_.address() + " >/dev/full"},
      options);
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.err, HasSubstr("cannot write the output"));
}

TEST_F(CommandTest, TellsATerminalNothingThatMovesIt) {
  server_.stream_query = [](auto*, const auto&, auto* writer) {
    v1::StreamQueryResponse message;
    *message.add_columns() = testing::MakeColumn("text");
    *message.add_rows() = testing::MakeRow({"\x1b]0;owned\x07\u009B\u202E"});
    message.mutable_stats();
    writer->Write(message);
    return grpc::Status::OK;
  };
  server_.get_table = [](const auto&, v1::GetTableResponse* response) {
    response->mutable_table()->add_columns()->set_name("\x1b]0;owned\x07");
    response->mutable_table()->set_name("\x1b]0;owned\x07\u009B\u202E");
    return grpc::Status::OK;
  };
  ProcessOptions options;
  options.terminal_width = 100;
  for (const char* format : {"table", "json", "ndjson", "csv", "markdown"}) {
    for (const auto& command :
         {std::vector<std::string>{"query", "db", "SQL"}, {"describe", "db", "t"}}) {
      auto arguments = command;
      arguments.insert(arguments.end(), {"-o", format});
      const auto result = Run(arguments, options);
      EXPECT_EQ(result.exit_code, 0) << result.err;
      EXPECT_THAT(result.out, AllOf(HasSubstr("owned"), Not(HasSubstr("\x1b")),
                                    Not(HasSubstr("\u009B")), Not(HasSubstr("\u202E"))))
          << format;
    }
  }
  const auto refused = Run({"rows", "db", "t", "--key", "1", "--value", "b"}, options);
  EXPECT_EQ(refused.exit_code, 2);
  EXPECT_THAT(refused.err, HasSubstr("--raw"));
}

TEST_F(CommandTest, TellsTheCommitOfAWrite) {
  server_.delete_rows = [](const auto&, v1::DeleteRowsResponse* response) {
    response->set_commit_token("ab-1");
    return grpc::Status::OK;
  };
  server_.update_row = [](const auto&, v1::UpdateRowResponse* response) {
    *response->add_columns() = testing::MakeColumn("a");
    *response->mutable_row() = testing::MakeRow({1}, "7");
    response->set_commit_token("ab-2");
    return grpc::Status::OK;
  };
  EXPECT_EQ(Run({"delete", "db", "t", "1", "--token", "t"}).out,
            "{\"deletedCount\":0,\"keys\":[],\"commitToken\":\"ab-1\"}\n");
  EXPECT_EQ(Run({"update", "db", "t", "7", "a=1", "--token", "t"}).out,
            "{\"updatedCount\":1,\"keys\":[\"7\"],\"commitToken\":\"ab-2\"}\n");
}

}  // namespace
}  // namespace sluice::cli
