#include "tests/bench/load.h"

#include <grpcpp/generic/generic_stub.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <vector>

#include "server/base/check.h"
#include "sluice/v1/row.pb.h"

namespace sluice::bench {
namespace {

using Clock = std::chrono::steady_clock;

double SecondsSince(Clock::time_point begun) {
  return std::chrono::duration<double>(Clock::now() - begun).count();
}

struct Pending {
  std::unique_ptr<grpc::ClientContext> context;
  std::unique_ptr<grpc::GenericClientAsyncResponseReader> reader;
  grpc::ByteBuffer response;
  grpc::Status status;
  Clock::time_point begun;
};

void Require(const grpc::Status& status) {
  if (status.ok()) return;
  std::fprintf(stderr, "a call failed: %d %s\n", status.error_code(),
               status.error_message().c_str());
  std::exit(1);
}

double Percentile(std::vector<double>& sorted, double part) {
  return sorted.empty()
             ? 0
             : sorted[static_cast<size_t>(part * static_cast<double>(sorted.size() - 1))];
}

}  // namespace

std::shared_ptr<grpc::Channel> Connect(const std::string& address) {
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(-1);
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  return grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(), arguments);
}

grpc::ByteBuffer SmallInsert() {
  v1::InsertRowsRequest request;
  request.set_database("test");
  request.set_table("small");
  request.add_columns("name");
  request.add_columns("value");
  v1::Row& row = *request.add_rows();
  row.add_values()->set_text("a name of some bytes");
  row.add_values()->set_real(2.5);
  return Bytes(request);
}

grpc::ByteBuffer Bytes(const google::protobuf::MessageLite& message) {
  const grpc::Slice slice(message.SerializeAsString());
  return grpc::ByteBuffer(&slice, 1);
}

UnaryLoad RunUnary(const std::shared_ptr<grpc::Channel>& channel, const std::string& method,
                   int in_flight, double seconds, const std::string& token,
                   const std::function<grpc::ByteBuffer()>& make_request) {
  grpc::GenericStub stub(channel);
  grpc::CompletionQueue queue;
  std::vector<Pending> calls(static_cast<size_t>(in_flight));
  std::vector<double> latencies;
  const auto start = [&](Pending& call) {
    call.context = std::make_unique<grpc::ClientContext>();
    if (!token.empty()) call.context->AddMetadata("authorization", "Bearer " + token);
    call.begun = Clock::now();
    call.reader = stub.PrepareUnaryCall(call.context.get(), method, make_request(), &queue);
    call.reader->StartCall();
    call.reader->Finish(&call.response, &call.status, &call);
  };
  const auto begun = Clock::now();
  for (Pending& call : calls) start(call);
  void* tag = nullptr;
  bool ok = false;
  size_t open = calls.size();
  while (open > 0 && queue.Next(&tag, &ok)) {
    Pending& call = *static_cast<Pending*>(tag);
    Require(call.status);
    latencies.push_back(SecondsSince(call.begun) * 1e3);
    if (SecondsSince(begun) < seconds) {
      start(call);
    } else {
      --open;
    }
  }
  const double elapsed = SecondsSince(begun);
  const double calls_per_second = static_cast<double>(latencies.size()) / elapsed;
  std::sort(latencies.begin(), latencies.end());
  return {calls_per_second, Percentile(latencies, 0.5), Percentile(latencies, 0.99)};
}

double ReadBytes(const std::shared_ptr<grpc::Channel>& channel, const std::string& method,
                 const grpc::ByteBuffer& request, size_t bytes_max) {
  grpc::GenericStub stub(channel);
  grpc::CompletionQueue queue;
  grpc::ClientContext context;
  const auto stream = stub.PrepareCall(&context, method, &queue);
  const auto wait = [&] {
    void* tag = nullptr;
    bool ok = false;
    return queue.Next(&tag, &ok) && ok;
  };
  const auto begun = Clock::now();
  stream->StartCall(nullptr);
  CHECK(wait());
  stream->WriteLast(request, grpc::WriteOptions(), nullptr);
  CHECK(wait());
  size_t bytes = 0;
  grpc::ByteBuffer message;
  while (bytes < bytes_max) {
    stream->Read(&message, nullptr);
    if (!wait()) break;
    bytes += message.Length();
  }
  const double elapsed = SecondsSince(begun);
  const bool ended = bytes < bytes_max;
  if (!ended) context.TryCancel();
  grpc::Status status;
  stream->Finish(&status, nullptr);
  wait();
  if (ended) Require(status);
  return static_cast<double>(bytes) / elapsed / 1e6;
}

}  // namespace sluice::bench
