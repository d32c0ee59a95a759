// Load on a gRPC server, from one thread with one queue.
#pragma once

#include <google/protobuf/message_lite.h>
#include <grpcpp/grpcpp.h>

#include <functional>
#include <memory>
#include <string>

namespace sluice::bench {

std::shared_ptr<grpc::Channel> Connect(const std::string& address);

struct UnaryLoad {
  double calls_per_second = 0;
  double p50_ms = 0;
  double p99_ms = 0;
};

// Makes unary calls of `method` for `seconds`, always `in_flight` of them. `make_request` is called
// for each. Ends the process when a call fails.
UnaryLoad RunUnary(const std::shared_ptr<grpc::Channel>& channel, const std::string& method,
                   int in_flight, double seconds, const std::string& token,
                   const std::function<grpc::ByteBuffer()>& make_request);

// Reads a stream's messages without parsing them until it ends or `bytes_max` have come; MB/s.
double ReadBytes(const std::shared_ptr<grpc::Channel>& channel, const std::string& method,
                 const grpc::ByteBuffer& request, size_t bytes_max);

// An InsertRows of one row into the table `small(id, name, value)` of the database `test`.
grpc::ByteBuffer SmallInsert();

grpc::ByteBuffer Bytes(const google::protobuf::MessageLite& message);

}  // namespace sluice::bench
