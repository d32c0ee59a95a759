// Writes of one row, and changes of tables.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "clients/cpp/client.h"
#include "clients/cpp/testing/fake_answers.h"

namespace sluice {
namespace {

using ::testing::ElementsAre;

class WritesTest : public ::testing::Test {
 protected:
  Client Connect(absl::Duration deadline = absl::Seconds(20)) {
    ClientOptions options;
    options.address = server_.address();
    options.token = "";
    options.deadline = deadline;
    return *Client::Connect(options);
  }

  testing::FakeServer server_;
};

TEST_F(WritesTest, RefusesAColumnWhoseNameIsNotUtf8) {
  InsertRequest request;
  request.objects = {{{"a\xFF", 1}}};
  EXPECT_EQ(Connect().InsertRows(request).status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(server_.call_count(), 0);
}

TEST_F(WritesTest, WritesOfOneRowTellTheirCommit) {
  server_.update_row = [](const v1::UpdateRowRequest&, v1::UpdateRowResponse* response) {
    *response->add_columns() = testing::MakeColumn("a");
    *response->mutable_row() = testing::MakeRow({1}, "7");
    response->mutable_row()->set_etag("new");
    response->set_commit_token("ab-1");
    response->set_replayed(true);
    return grpc::Status::OK;
  };
  server_.delete_row = [](const v1::DeleteRowRequest&, v1::DeleteRowResponse* response) {
    response->set_commit_token("ab-2");
    return grpc::Status::OK;
  };
  const auto updated =
      Connect().UpdateRow({.database = "db", .table = "t", .key = "7"}, {{"a", 1}});
  ASSERT_TRUE(updated.ok()) << updated.status();
  EXPECT_EQ(updated->commit_token, "ab-1");
  EXPECT_TRUE(updated->replayed);
  EXPECT_THAT(updated->keys, ElementsAre("7"));
  EXPECT_EQ(updated->rows[0].etag, "new");
  const auto deleted = Connect().DeleteRow({.database = "db", .table = "t", .key = "7"});
  ASSERT_TRUE(deleted.ok()) << deleted.status();
  EXPECT_EQ(deleted->commit_token, "ab-2");
  EXPECT_EQ(deleted->deleted_count, 1);
}

TEST_F(WritesTest, ChangesOfTablesHaveTheTimeThatTheServerTakes) {
  server_.drop_table = [](const auto&, auto*) { return grpc::Status::OK; };
  ASSERT_TRUE(Connect().DropTable({}).ok());
  EXPECT_GT(server_.time_left(), absl::Minutes(5));
  ASSERT_TRUE(Connect(absl::Hours(1)).DropTable({}).ok());
  EXPECT_GT(server_.time_left(), absl::Minutes(59));
}

}  // namespace
}  // namespace sluice
