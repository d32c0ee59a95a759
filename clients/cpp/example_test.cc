// The first program of README.md: it is what README.md shows, and it works.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "clients/cpp/testing/fake_answers.h"
#include "clients/cpp/testing/process.h"

namespace sluice {
namespace {

using ::testing::HasSubstr;

class ExampleTest : public ::testing::Test {
 protected:
  ExampleTest() {
    server_.stream_query = [](auto*, const v1::StreamQueryRequest& request,
                              grpc::ServerWriter<v1::StreamQueryResponse>* writer) {
      EXPECT_EQ(request.params(0).text(), "EPSG");
      v1::StreamQueryResponse message;
      *message.add_columns() = testing::MakeColumn("name");
      *message.add_columns() = testing::MakeColumn("semi_major_axis");
      *message.add_rows() = testing::MakeRow({"WGS 84", 6378137.0});
      message.mutable_stats()->set_row_count(1);
      writer->Write(message);
      return grpc::Status::OK;
    };
  }

  testing::ProcessResult Run() {
    testing::ProcessOptions options;
    options.environment = {"SLUICE_ADDRESS=" + server_.address(), "SLUICE_TOKEN=t"};
    return testing::RunProcess({SLUICE_EXAMPLE}, options);
  }

  testing::FakeServer server_;
};

TEST_F(ExampleTest, PrintsRowsAndInsertsOne) {
  server_.insert_rows = [](const v1::InsertRowsRequest& request, v1::InsertRowsResponse* response) {
    EXPECT_EQ(request.rows(0).values(4).real(), 1.7018);
    response->set_inserted_count(1);
    response->add_keys("MINE,1");
    return grpc::Status::OK;
  };
  const auto result = Run();
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(result.out, "WGS 84: 6378137 m\ninserted MINE,1\n");
}

TEST_F(ExampleTest, SaysWhyNothingWasInserted) {
  server_.insert_rows = [](const auto&, auto*) {
    return testing::Refusal(grpc::StatusCode::ALREADY_EXISTS, "there already", "UNIQUE");
  };
  EXPECT_EQ(Run().out, "WGS 84: 6378137 m\nnot inserted: UNIQUE\n");
}

TEST_F(ExampleTest, IsWhatTheReadmeShows) {
  EXPECT_THAT(testing::ReadFile(SLUICE_CLIENT_FOLDER "/README.md"),
              HasSubstr("```cpp\n" + testing::ReadFile(SLUICE_CLIENT_FOLDER "/example/first.cc") +
                        "```\n"));
}

}  // namespace
}  // namespace sluice
