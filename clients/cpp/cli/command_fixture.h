// The command run against a fake server, for its tests.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "clients/cpp/testing/fake_answers.h"
#include "clients/cpp/testing/process.h"

namespace sluice::cli {

class CommandTest : public ::testing::Test {
 protected:
  testing::ProcessResult Run(const std::vector<std::string>& arguments,
                             testing::ProcessOptions options = {}) {
    std::vector<std::string> command = {SLUICE_PROGRAM};
    command.insert(command.end(), arguments.begin(), arguments.end());
    options.environment.push_back("HOME=" + folder_.path());
    options.environment.push_back("SLUICE_ADDRESS=" + server_.address());
    return testing::RunProcess(command, options);
  }

  void ServeEveryClass() {
    server_.stream_query = [](auto*, const auto&,
                              grpc::ServerWriter<v1::StreamQueryResponse>* writer) {
      v1::StreamQueryResponse message;
      testing::FillEveryClass(message.mutable_columns(), message.mutable_rows());
      message.mutable_stats()->set_row_count(2);
      writer->Write(message);
      return grpc::Status::OK;
    };
  }

  testing::FakeServer server_;
  testing::TemporaryFolder folder_;
};

}  // namespace sluice::cli
