// For tests: a gateway before services that answer as they are told.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "gateway/backend.h"
#include "gateway/gateway.h"
#include "gateway/http_server.h"
#include "gateway/testing/fake_services.h"
#include "gateway/testing/raw_client.h"
#include "grpc/grpc.h"
#include "grpcpp/create_channel.h"
#include "grpcpp/health_check_service_interface.h"
#include "grpcpp/server.h"
#include "grpcpp/server_builder.h"
#include "gtest/gtest.h"

namespace sluice::gateway {

// gRPC's last shutdown joins a thread that polls for up to ten seconds; a library that stays up has
// none.
inline const bool kGrpcStaysUp = (grpc_init(), true);

// The parameter: whether the channel is in process.
class GatewayTest : public ::testing::TestWithParam<bool> {
 protected:
  void SetUp() override {
    ASSERT_TRUE(kGrpcStaysUp);
    grpc::EnableDefaultHealthCheckService(true);
    grpc::ServerBuilder builder;
    int port = 0;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
    builder.RegisterService(&catalog_);
    builder.RegisterService(&query_);
    builder.RegisterService(&rows_);
    builder.RegisterService(&snapshots_);
    backend_ = builder.BuildAndStart();
    options_.services = {"sluice.v1.CatalogService", "sluice.v1.QueryService",
                         "sluice.v1.RowService", "sluice.v1.SnapshotService"};
    options_.in_process = GetParam();
    options_.channel = GetParam() ? backend_->InProcessChannel(BackendChannelArguments())
                                  : grpc::CreateCustomChannel(absl::StrCat("127.0.0.1:", port),
                                                              grpc::InsecureChannelCredentials(),
                                                              BackendChannelArguments());
    Start();
  }
  void TearDown() override {
    server_.reset();
    backend_->Shutdown();
  }
  void Start() {
    server_.reset();
    auto gateway = Gateway::Make(options_);
    ASSERT_TRUE(gateway.ok()) << gateway.status();
    gateway_ = *std::move(gateway);
    auto server = http::HttpServer::Start({}, gateway_.get());
    ASSERT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
  }
  http::testing::RawResponse Call(absl::string_view method, absl::string_view path,
                                  absl::string_view headers = "", absl::string_view body = "") {
    http::testing::RawClient client(server_->port());
    client.Request(method, path, headers, body);
    return client.Read(method == "HEAD");
  }
  http::testing::RawResponse Get(absl::string_view path, absl::string_view headers = "") {
    return Call("GET", path, headers);
  }

  testing::FakeCatalog catalog_;
  testing::FakeQuery query_;
  testing::FakeRows rows_;
  testing::FakeSnapshots snapshots_;
  std::unique_ptr<grpc::Server> backend_;
  GatewayOptions options_;
  std::unique_ptr<Gateway> gateway_;
  std::unique_ptr<http::HttpServer> server_;
};

}  // namespace sluice::gateway
