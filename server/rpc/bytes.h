// Between gRPC's byte buffers and ours, without copies where that can be.
#pragma once

#include "absl/status/status.h"
#include "google/protobuf/message_lite.h"
#include "grpcpp/support/byte_buffer.h"
#include "server/wire/buffer.h"

namespace sluice::rpc {

// INVALID_ARGUMENT when the bytes are no such message, RESOURCE_EXHAUSTED (LIMIT) for more than
// kRequestBytesMax. gRPC itself takes kMessageBytesMax, which one method needs: its limit is of the
// whole server.
absl::Status ParseRequest(const grpc::ByteBuffer& bytes, google::protobuf::MessageLite* request);
// The same for any size, without another copy of the bytes: slower for small ones.
absl::Status ParseLargeRequest(grpc::ByteBuffer* bytes, google::protobuf::MessageLite* request);
// Whether ParseRequest would refuse the size.
bool IsLarge(const grpc::ByteBuffer& bytes);

// Hands the buffer's memory to gRPC.
grpc::ByteBuffer ToByteBuffer(wire::Buffer buffer);

wire::Buffer Serialize(const google::protobuf::MessageLite& message);

}  // namespace sluice::rpc
