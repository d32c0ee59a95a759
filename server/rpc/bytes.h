// Between gRPC's byte buffers and ours, without copies where that can be.
#pragma once

#include "absl/status/status.h"
#include "google/protobuf/message_lite.h"
#include "grpcpp/support/byte_buffer.h"
#include "server/wire/buffer.h"

namespace sluice::rpc {

// INVALID_ARGUMENT when the bytes are no such message.
absl::Status ParseRequest(const grpc::ByteBuffer& bytes, google::protobuf::MessageLite* request);

// Hands the buffer's memory to gRPC.
grpc::ByteBuffer ToByteBuffer(wire::Buffer buffer);

wire::Buffer Serialize(const google::protobuf::MessageLite& message);

}  // namespace sluice::rpc
